internal import KafkaProtocol

/// One partition: who leads it, what is in it, and who waits for more.
struct Partition: Sendable {
    let index: Int32
    var replicas: [Int32]
    /// -1 while no replica is up.
    var leader: Int32
    var leaderEpoch: Int32 = 0
    var log = PartitionLog()
    var producers = ProducerStates()
    var aborted = AbortedTransactions()
    /// Up to where, and how much of it, the log has been compacted.
    var cleanOffset: Int64 = 0
    var cleanBytes = 0
    /// When the log is looked at for what is to go; nil if nothing is due.
    var nextCleanup: Duration?
    private(set) var waitingFetches: [ParkedFetches.ID] = []

    /// Ids come in ascending order; a fetch that names the partition twice waits once.
    mutating func wait(_ fetch: ParkedFetches.ID) {
        if waitingFetches.last != fetch { waitingFetches.append(fetch) }
    }

    mutating func stopWaiting(_ fetch: ParkedFetches.ID) {
        waitingFetches.removeAll { $0 == fetch }
    }
}

extension Partition {
    /// Up to here, and not including it, every transaction has ended.
    var lastStableOffset: Int64 { producers.firstOpenOffset.map { max($0, log.startOffset) } ?? log.endOffset }

    /// What to wake once the partition has grown by so many bytes; nil if nobody waits.
    ///
    /// - Parameter stableBefore: the last stable offset before it did.
    func growth(bytes: Int, stableBefore: Int64) -> Growth? {
        guard !waitingFetches.isEmpty else { return nil }
        return Growth(waiting: waitingFetches, bytes: bytes, isStable: lastStableOffset > stableBefore)
    }
}

struct Topic: Sendable {
    let name: String
    let id: TopicID
    var partitions: [Partition]
    var settings = TopicSettings()

    /// Where a partition stands in ``partitions``; nil if there is none.
    func position(of index: Int32) -> Int? {
        partitions.indices.contains(Int(index)) ? Int(index) : nil
    }
}

/// The topics of a cluster, in the order of their creation.
struct Topics: Sendable {
    /// Each filled: an optional may be read and changed where it stands, without a copy of the topic.
    private var slots: [Topic?] = []
    private var positions: [String: Int] = [:]
    /// For look-ups only.
    private var names: [TopicID: String] = [:]

    var count: Int { slots.count }
    var all: [Topic] { slots.compactMap(\.self) }
    var allNames: [String] { slots.compactMap { $0?.name } }

    /// Changes a topic where it stands; `insert` and `remove` say which there are.
    subscript(name: String) -> Topic? {
        _read { if let position = positions[name] { yield slots[position] } else { yield nil } }
        _modify {
            guard let position = positions[name] else {
                var nothing: Topic?
                yield &nothing
                return
            }
            yield &slots[position]
        }
    }

    /// Where a topic stands until one is removed: for who looks at it more than once.
    func slot(of name: String) -> Int? { positions[name] }

    /// Read and changed where it stands: a copy of a topic or partition has many owners to count.
    subscript(slot slot: Int) -> Topic? {
        @inline(__always) _read { yield slots[slot] }
        @inline(__always) _modify { yield &slots[slot] }
    }

    /// Where a partition of a topic stands; nil if there is none. The same as to ask the topic, which copies it first.
    func position(of partition: Int32, inSlot slot: Int) -> Int? {
        let count = slots[slot]?.partitions.count ?? 0
        return 0..<count ~= Int(partition) ? Int(partition) : nil
    }

    func name(of id: TopicID) -> String? { names[id] }

    /// The name of a topic that a request gives by name, or by id where its version has ids.
    func name(_ name: String, or id: TopicID) -> String? {
        name.isEmpty ? names[id] : (positions[name] == nil ? nil : name)
    }

    /// What to say of a topic that ``name(_:or:)`` does not find.
    static func unknown(_ name: String) -> ErrorCode {
        name.isEmpty ? .unknownTopicID : .unknownTopicOrPartition
    }

    mutating func insert(_ topic: Topic) {
        if let position = positions[topic.name] {
            slots[position] = topic
        } else {
            positions[topic.name] = slots.count
            slots.append(topic)
        }
        names[topic.id] = topic.name
    }

    mutating func remove(_ name: String) -> Topic? {
        guard let position = positions.removeValue(forKey: name), let topic = slots.remove(at: position) else {
            return nil
        }
        for index in position..<slots.count {
            if let later = slots[index]?.name { positions[later] = index }
        }
        names[topic.id] = nil
        return topic
    }

    /// Gives every partition that `broker` led another leader, and those without one to it if it is up.
    mutating func elect(after broker: Int32, in brokers: Brokers) {
        for name in allNames {
            for index in self[name]?.partitions.indices ?? 0..<0 {
                guard let partition = self[name]?.partitions[index] else { continue }
                guard partition.leader == broker || partition.leader == -1 else { continue }
                let leader = partition.replicas.first(where: brokers.isUp) ?? -1
                guard leader != partition.leader else { continue }
                self[name]?.partitions[index].leader = leader
                self[name]?.partitions[index].leaderEpoch += 1
            }
        }
    }

    /// Kafka's rule: up to 249 of letters, digits, dot, underscore and hyphen, and not a path's `.` or `..`.
    static func isValid(name: String) -> Bool {
        guard 1...249 ~= name.utf8.count, name != ".", name != ".." else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
