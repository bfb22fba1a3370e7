import KafkaProtocol
import NIOCore

@testable import FakeBroker

/// A member of a consumer group as a client keeps it: with each heartbeat it learns what it shall have, and with the
/// next it says that it does.
struct ConsumerMember {
    let group: String
    var id: String
    var instance: String?
    var topics: [String]?
    var pattern: String?
    var assignor: String?
    var rebalanceTimeoutMs: Int32 = 60_000
    /// As it was told last; 0 before it has joined.
    var epoch: Int32 = 0
    /// What it works on.
    var owned: PartitionSet = []
    /// It has something to tell.
    var mustTell = true

    init(
        _ id: String, group: String = "g", instance: String? = nil, topics: [String]? = ["t"], pattern: String? = nil,
        assignor: String? = nil
    ) {
        self.id = id
        self.group = group
        self.instance = instance
        self.topics = topics
        self.pattern = pattern
        self.assignor = assignor
    }

    var request: ConsumerGroupHeartbeatRequest {
        var request = ConsumerGroupHeartbeatRequest()
        request.groupID = group
        request.memberID = id
        request.memberEpoch = epoch
        request.instanceID = instance
        guard mustTell || epoch == 0 else { return request }
        request.rebalanceTimeoutMs = rebalanceTimeoutMs
        request.subscribedTopicNames = topics
        request.subscribedTopicRegex = pattern
        request.serverAssignor = assignor
        request.topicPartitions = owned.byTopic.map { topicID, partitions in
            var topic = ConsumerGroupHeartbeatRequest.TopicPartitions()
            topic.topicID = topicID
            topic.partitions = partitions
            return topic
        }
        return request
    }

    /// Takes in what it was told. Who is fenced begins anew, without partitions.
    mutating func take(_ response: ConsumerGroupHeartbeatResponse) {
        switch response.errorCode {
        case .none:
            epoch = response.memberEpoch
            mustTell = false
            guard let assignment = response.assignment else { return }
            let assigned = PartitionSet(
                assignment.topicPartitions.flatMap { topic in
                    topic.partitions.map { TopicIDPartition(topicID: topic.topicID, partition: $0) }
                })
            mustTell = assigned != owned
            owned = assigned
        case .fencedMemberEpoch, .unknownMemberID:
            epoch = 0
            owned = []
            mustTell = true
        default: break
        }
    }

    /// One heartbeat and what it brings.
    @discardableResult
    mutating func beat(
        _ brokers: inout VirtualCluster, version: Int16? = nil
    ) throws -> ConsumerGroupHeartbeatResponse {
        let answer = brokers.send(.consumerGroupHeartbeat(request), version: version)
        guard case .consumerGroupHeartbeat(let response) = answer else { throw UnexpectedAnswer(answer) }
        take(response)
        return response
    }

    /// Leaves by another epoch than its own: -1, or -2 for a while.
    mutating func leave(_ brokers: inout VirtualCluster, epoch: Int32 = -1) throws -> ErrorCode {
        var request = ConsumerGroupHeartbeatRequest()
        request.groupID = group
        request.memberID = id
        request.instanceID = instance
        request.memberEpoch = epoch
        let answer = brokers.send(.consumerGroupHeartbeat(request))
        guard case .consumerGroupHeartbeat(let response) = answer else { throw UnexpectedAnswer(answer) }
        self.epoch = 0
        owned = []
        mustTell = true
        return response.errorCode
    }

    var partitions: [Int32] { owned.map(\.partition).sorted() }
}

extension VirtualCluster {
    /// Heartbeats of all, in turn, until none brings anything new. Returns how many rounds that took.
    @discardableResult
    mutating func settle(_ members: inout [ConsumerMember], limit: Int = 50) throws -> Int {
        for round in 1...limit {
            var hasChanged = false
            for index in members.indices {
                let former = (members[index].owned, members[index].epoch)
                try members[index].beat(&self)
                hasChanged = hasChanged || former != (members[index].owned, members[index].epoch)
            }
            if !hasChanged { return round }
        }
        return limit + 1
    }

    mutating func describeConsumers(
        _ group: String = "g"
    ) throws -> ConsumerGroupDescribeResponse.DescribedGroup {
        var request = ConsumerGroupDescribeRequest()
        request.groupIDs = [group]
        let answer = send(.consumerGroupDescribe(request))
        guard case .consumerGroupDescribe(let response) = answer, response.groups.count == 1 else {
            throw UnexpectedAnswer(answer)
        }
        return response.groups[0]
    }
}
