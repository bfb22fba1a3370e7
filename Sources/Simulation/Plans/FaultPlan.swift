// Faults as data: drawn from a seed, written by hand, or taken from a run; always replayed the same.

public import SeededRandom

/// One fault and its time. What it is, and whom it befalls, is the user's own type.
public struct PlannedFault<Fault: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    /// Since the start, in milliseconds of virtual time.
    public var atMilliseconds: Int
    /// How long it lasts; 0 for what happens at once.
    public var forMilliseconds: Int
    public var fault: Fault

    public init(_ fault: Fault, atMilliseconds: Int, forMilliseconds: Int = 0) {
        self.fault = fault
        self.atMilliseconds = atMilliseconds
        self.forMilliseconds = forMilliseconds
    }

    public var end: Int { atMilliseconds + forMilliseconds }
}

/// Draws faults by weights that differ from seed to seed.
///
/// Each seed leaves out about half of the kinds and gives the others weights of its own (swarm testing: Groce et al.,
/// ISSTA 2012), for a few kinds together go deeper than all of them at once.
public struct Swarm<Kind: Sendable>: Sendable {
    /// A kind and how much more often than others it is to come.
    public var kinds: [(kind: Kind, weight: Int)]

    public init(_ kinds: [(kind: Kind, weight: Int)]) { self.kinds = kinds }

    /// `count` kinds, drawn by one seed's own weights.
    public func draw(_ count: Int, using generator: inout SeededGenerator) -> [Kind] {
        guard !kinds.isEmpty, count > 0 else { return [] }
        var weights = kinds.map { entry in
            Bool.random(using: &generator) ? 0 : entry.weight * Int.random(in: 1...8, using: &generator)
        }
        if weights.allSatisfy({ $0 == 0 }) {
            weights[Int.random(in: 0..<kinds.count, using: &generator)] = 1
        }
        let total = weights.reduce(0, +)
        return (0..<count).map { _ in
            var rest = Int.random(in: 0..<total, using: &generator)
            for (index, weight) in weights.enumerated() {
                if rest < weight { return kinds[index].kind }
                rest -= weight
            }
            return kinds[kinds.count - 1].kind
        }
    }
}
