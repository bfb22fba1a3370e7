internal import OrderedCollections

extension FakeBroker {
    /// A consumer group as it is at one moment.
    public struct GroupDescription: Sendable, Equatable {
        public enum State: String, Sendable {
            case empty = "Empty"
            case preparingRebalance = "PreparingRebalance"
            case completingRebalance = "CompletingRebalance"
            case stable = "Stable"
            /// Of a consumer group: members have come or gone, and none has sent a heartbeat since.
            case assigning = "Assigning"
            /// Of a consumer group: members are on their way to the latest assignment.
            case reconciling = "Reconciling"
        }

        public struct Member: Sendable, Equatable {
            public let id: String
            /// Of a static member.
            public let instanceID: String?
            public let clientID: String
            public let clientHost: String
        }

        public let id: String
        public let state: State
        /// Of a consumer group its epoch.
        public let generation: Int
        /// The assignor that the members agreed on; nil while there is none.
        public let assignor: String?
        /// The id of the member that assigns; nil where brokers do.
        public let leader: String?
        /// In the order in which they joined.
        public let members: [Member]
    }

    /// Nil if there is no such group.
    public func describeGroup(_ id: String) async throws -> GroupDescription? {
        try await onLoop { host in
            host.cluster.groups[id].map { GroupDescription($0) }
                ?? host.cluster.groups[consumer: id].map { GroupDescription($0) }
        }
    }

    /// The groups in the order of their first member or commit.
    public func groups() async throws -> [String] {
        try await onLoop { host in host.cluster.groups.ids }
    }

    /// The offset that a group has committed for a partition; nil if it has none.
    public func committedOffset(group: String, topic: String, partition: Int = 0) async throws -> Int64? {
        try await onLoop { host in
            let partition = TopicPartition(topic: topic, partition: Int32(truncatingIfNeeded: partition))
            return host.cluster.offsets.offset(group: group, partition: partition)?.offset
        }
    }

    /// All offsets that a group has committed for a topic, by partition.
    public func committedOffsets(group: String, topic: String) async throws -> [Int: Int64] {
        try await onLoop { host in
            let committed = host.cluster.offsets.offsets(group: group).filter { $0.partition.topic == topic }
            return Dictionary(uniqueKeysWithValues: committed.map { (Int($0.partition.partition), $0.offset.offset) })
        }
    }
}

extension FakeBroker.GroupDescription {
    init(_ group: ConsumerGroup) {
        id = group.id
        state = State(rawValue: group.stateName) ?? .stable
        generation = Int(group.epoch)
        assignor = group.members.isEmpty ? nil : group.assignor.rawValue
        leader = nil
        members = group.members.values.map { member in
            Member(
                id: member.id, instanceID: member.instanceID, clientID: member.clientID,
                clientHost: member.clientHost)
        }
    }

    init(_ group: ClassicGroup) {
        id = group.id
        generation = Int(group.generation)
        assignor = group.protocolName
        leader = group.leader
        members = group.members.values.map { member in
            Member(
                id: member.id, instanceID: member.instanceID, clientID: member.clientID,
                clientHost: member.clientHost)
        }
        state =
            switch group.state {
            case .empty: .empty
            case .preparingRebalance: .preparingRebalance
            case .completingRebalance: .completingRebalance
            case .stable: .stable
            }
    }
}
