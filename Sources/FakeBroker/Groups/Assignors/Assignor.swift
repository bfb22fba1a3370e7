internal import KafkaProtocol

/// How a coordinator spreads partitions over the members of a group.
enum Assignor: String, CaseIterable, Sendable {
    /// As evenly as can be, leaving with each member what it has (Kafka's default).
    case uniform
    /// Of each topic a run of neighbours, so that partitions of one number meet at one member.
    case range

    struct Member: Sendable {
        var id: String
        var instanceID: String?
        /// The topics that it wants.
        var topics: Set<TopicID>
        /// What it was to have until now.
        var target: PartitionSet
    }

    struct Topic: Sendable {
        var id: TopicID
        var partitions: Int32
    }

    /// What each member shall have, in the order of the members. Each partition that any wants goes to one.
    ///
    /// - Parameter topics: those that members want, in an order that does not change.
    func assign(_ topics: [Topic], to members: [Member]) -> [PartitionSet] {
        switch self {
        case .uniform: UniformAssignor.assign(topics, to: members)
        case .range: RangeAssignor.assign(topics, to: members)
        }
    }
}
