/// The brokers of a cluster and which of them are up. Holds nothing else: all data belongs to the cluster.
struct Brokers: Sendable {
    struct Broker: Sendable, Equatable {
        let id: Int32
        var host: String
        /// By listener, as they stand in the settings.
        var ports: [Int32]
        var isUp: Bool
        var rack: String?
    }

    /// By id; the first are 1, 2, ….
    private(set) var all: [Broker]
    private var nextID: Int32
    private let host: String
    private let listeners: Int
    /// Where a test has put the coordinators of keys; for look-ups only.
    private var coordinators: [String: Int32] = [:]

    init(count: Int, host: String, listeners: Int, racks: [String] = []) {
        self.host = host
        self.listeners = listeners
        nextID = 1
        all = []
        for index in 0..<count { _ = add(rack: racks.indices.contains(index) ? racks[index] : nil) }
    }

    private func index(of id: Int32) -> Int? {
        // Ids ascend, and have gaps only after a removal.
        let likely = Int(id) - 1
        if all.indices.contains(likely), all[likely].id == id { return likely }
        return all.firstIndex { $0.id == id }
    }

    subscript(id: Int32) -> Broker? { index(of: id).map { all[$0] } }

    var ids: [Int32] { all.map(\.id) }
    var up: [Broker] { all.filter(\.isUp) }
    /// Who answers for the cluster itself.
    var controller: Int32 { all.first(where: \.isUp)?.id ?? -1 }

    /// All of them, up or not, as clients of a listener are configured with.
    func bootstrapServers(listener: Int) -> String {
        all.map { broker in
            let port = broker.ports[listener]
            return broker.host.contains(":") ? "[\(broker.host)]:\(port)" : "\(broker.host):\(port)"
        }.joined(separator: ",")
    }

    func isUp(_ id: Int32) -> Bool { self[id]?.isUp ?? false }

    mutating func set(port: Int, of id: Int32, listener: Int = 0) {
        guard let index = index(of: id) else { return }
        all[index].ports[listener] = Int32(port)
    }

    /// Returns whether that was a change.
    mutating func set(isUp: Bool, of id: Int32) -> Bool {
        guard let index = index(of: id), all[index].isUp != isUp else { return false }
        all[index].isUp = isUp
        return true
    }

    mutating func set(rack: String?, of id: Int32) {
        guard let index = index(of: id) else { return }
        all[index].rack = rack
    }

    /// One more, with an id that was never used. It is up, and has no port yet.
    mutating func add(rack: String?) -> Int32 {
        let id = nextID
        nextID += 1
        all.append(Broker(id: id, host: host, ports: Array(repeating: 0, count: listeners), isUp: true, rack: rack))
        return id
    }

    mutating func remove(_ id: Int32) {
        all.removeAll { $0.id == id }
    }

    /// The ids of `count` brokers in a row, the first being the one at `position`, around the ring.
    func ring(from position: Int, count: Int) -> [Int32] {
        (0..<min(count, all.count)).map { all[(position + $0) % all.count].id }
    }

    /// Who answers for a group or another key: as in Kafka the leader of the key's partition of an internal topic of
    /// 50 partitions, so that the brokers share the keys, and a key's next broker is known when one stops.
    func coordinator(for key: String) -> Broker? {
        if let chosen = coordinators[key].flatMap({ self[$0] }), chosen.isUp { return chosen }
        return ring(from: Self.internalPartition(of: key), count: all.count).lazy.compactMap { self[$0] }.first {
            $0.isUp
        }
    }

    static func internalPartition(of key: String) -> Int {
        let hash = key.utf16.reduce(into: Int32(0)) { $0 = $0 &* 31 &+ Int32($1) }
        return Int(hash & .max) % 50
    }

    /// Nil: by the key again.
    mutating func setCoordinator(_ id: Int32?, for key: String) {
        coordinators[key] = id
    }
}
