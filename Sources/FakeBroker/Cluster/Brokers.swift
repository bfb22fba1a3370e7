/// The brokers of a cluster and which of them are up. Holds nothing else: all data belongs to the cluster.
struct Brokers: Sendable {
    struct Broker: Sendable, Equatable {
        let id: Int32
        var host: String
        /// By listener, as they stand in the settings.
        var ports: [Int32]
        var isUp: Bool
    }

    /// By id.
    private(set) var all: [Broker]

    init(count: Int, host: String, listeners: Int) {
        all = (0..<count).map {
            Broker(id: Int32($0 + 1), host: host, ports: Array(repeating: 0, count: listeners), isUp: true)
        }
    }

    subscript(id: Int32) -> Broker? {
        let index = Int(id) - 1
        return all.indices.contains(index) ? all[index] : nil
    }

    var up: [Broker] { all.filter(\.isUp) }

    /// All of them, up or not, as clients of a listener are configured with.
    func bootstrapServers(listener: Int) -> String {
        all.map { broker in
            let port = broker.ports[listener]
            return broker.host.contains(":") ? "[\(broker.host)]:\(port)" : "\(broker.host):\(port)"
        }.joined(separator: ",")
    }

    func isUp(_ id: Int32) -> Bool { self[id]?.isUp ?? false }

    mutating func set(port: Int, of id: Int32, listener: Int = 0) {
        guard self[id] != nil else { return }
        all[Int(id) - 1].ports[listener] = Int32(port)
    }

    /// Returns whether that was a change.
    mutating func set(isUp: Bool, of id: Int32) -> Bool {
        guard let broker = self[id], broker.isUp != isUp else { return false }
        all[Int(id) - 1].isUp = isUp
        return true
    }

    /// The ids of `count` brokers in a row, the first being the one at `position`, around the ring.
    func ring(from position: Int, count: Int) -> [Int32] {
        (0..<min(count, all.count)).map { all[(position + $0) % all.count].id }
    }

    /// Who answers for a group or another key: as in Kafka the leader of the key's partition of an internal topic of
    /// 50 partitions, so that the brokers share the keys, and a key's next broker is known when one stops.
    func coordinator(for key: String) -> Broker? {
        let hash = key.utf16.reduce(into: Int32(0)) { $0 = $0 &* 31 &+ Int32($1) }
        let partition = Int(hash & .max) % 50
        return ring(from: partition, count: all.count).lazy.compactMap { self[$0] }.first { $0.isUp }
    }
}
