internal import OrderedCollections

/// The cluster's features and the levels at which they are in use.
///
/// Source: KIP-584; the names and levels of Kafka 4.1.
struct Features: Sendable {
    struct Feature: Sendable, Equatable {
        let name: String
        let supported: ClosedRange<Int16>
        /// 0: not in use.
        var level: Int16
    }

    /// In alphabetical order.
    private(set) var all: [Feature]
    /// Grows with every change.
    private(set) var epoch: Int64 = 1

    init(transactionVersion: Int) {
        all = [
            Feature(name: "eligible.leader.replicas.version", supported: 0...1, level: 1),
            Feature(name: "group.version", supported: 0...1, level: 1),
            Feature(name: "kraft.version", supported: 0...1, level: 1),
            Feature(name: "metadata.version", supported: 7...27, level: 27),
            Feature(name: "share.version", supported: 0...1, level: 1),
            Feature(name: "streams.version", supported: 0...1, level: 1),
            Feature(name: "transaction.version", supported: 0...2, level: Int16(transactionVersion)),
        ]
    }

    /// Why the level of a feature cannot be this; nil if it can.
    func problem(_ name: String, level: Int16, mayDowngrade: Bool) -> String? {
        guard let feature = all.first(where: { $0.name == name }) else {
            return "There is no feature '\(name.prefix(100))'; there are \(all.map(\.name).joined(separator: ", "))."
        }
        guard feature.supported.contains(level) else {
            return "Level \(level) of \(name) is not supported; accepted are \(feature.supported.lowerBound) to "
                + "\(feature.supported.upperBound)."
        }
        guard level >= feature.level || mayDowngrade else {
            return "Level \(level) of \(name) is below \(feature.level), and no downgrade is allowed."
        }
        return nil
    }

    /// 0 for one that is not in use, or not known.
    func level(of name: String) -> Int16 { all.first { $0.name == name }?.level ?? 0 }

    mutating func set(_ name: String, to level: Int16) {
        guard let index = all.firstIndex(where: { $0.name == name }), all[index].level != level else { return }
        all[index].level = level
        epoch += 1
    }
}
