internal import OrderedCollections

extension FakeBroker {
    /// A group as it is at one moment.
    public struct GroupDescription: Sendable, Equatable {
        public enum Kind: String, Sendable {
            /// Members assign by themselves, or there are only commits.
            case classic
            /// The brokers assign (KIP-848).
            case consumer
            /// Members take single records (KIP-932).
            case share
        }

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
            /// The partitions that it has, in ascending order, by topic. Of a classic group what its leader gave, if
            /// that can be read.
            public let assignment: [String: [Int]]
        }

        public let id: String
        public let kind: Kind
        public let state: State
        /// Of a group whose brokers assign, its epoch.
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
            let cluster = host.cluster
            return cluster.groups[id].map { GroupDescription($0) }
                ?? cluster.groups[consumer: id].map { GroupDescription($0, cluster.topics) }
                ?? cluster.groups[share: id].map { GroupDescription($0, cluster.topics) }
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
    init(_ group: ClassicGroup) {
        id = group.id
        kind = .classic
        state = State(rawValue: group.stateName) ?? .stable
        generation = Int(group.generation)
        assignor = group.protocolName
        leader = group.leader
        members = group.members.values.map { member in
            var assignment: [String: [Int]] = [:]
            let isOfConsumers = group.protocolType == ConsumerProtocol.type
            let given = isOfConsumers ? ConsumerProtocol.partitions(ofAssignment: member.assignment) : nil
            for partition in (given ?? []).sorted() {
                assignment[partition.topic, default: []].append(Int(partition.partition))
            }
            return Member(
                id: member.id, instanceID: member.instanceID, clientID: member.clientID,
                clientHost: member.clientHost, assignment: assignment)
        }
    }

    init(_ group: ConsumerGroup, _ topics: Topics) {
        id = group.id
        kind = .consumer
        state = State(rawValue: group.stateName) ?? .stable
        generation = Int(group.epoch)
        assignor = group.members.isEmpty ? nil : group.assignor.rawValue
        leader = nil
        members = group.members.values.map { member in
            Member(
                id: member.id, instanceID: member.instanceID, clientID: member.clientID,
                clientHost: member.clientHost, assignment: member.assigned.byName(topics))
        }
    }

    init(_ group: ShareGroup, _ topics: Topics) {
        id = group.id
        kind = .share
        state = group.members.isEmpty ? .empty : .stable
        generation = Int(group.epoch)
        assignor = group.members.isEmpty ? nil : SimpleAssignor.name
        leader = nil
        members = group.members.values.map { member in
            Member(
                id: member.id, instanceID: nil, clientID: member.clientID, clientHost: member.clientHost,
                assignment: member.assigned.byName(topics))
        }
    }
}

extension PartitionSet {
    /// Without topics that are no more.
    fileprivate func byName(_ topics: Topics) -> [String: [Int]] {
        var named: [String: [Int]] = [:]
        for (topicID, partitions) in byTopic {
            if let name = topics.name(of: topicID) { named[name] = partitions.map(Int.init) }
        }
        return named
    }
}
