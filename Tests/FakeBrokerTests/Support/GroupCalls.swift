import KafkaProtocol
import NIOCore

@testable import FakeBroker

// What members of groups ask, in one line each.

extension VirtualCluster {
    /// The metadata of a consumer that reads these topics.
    static func subscription(_ topics: [String], owning owned: [(String, [Int32])] = []) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(Int16(1))
        bytes.writeInteger(Int32(topics.count))
        for topic in topics {
            bytes.writeInteger(Int16(topic.utf8.count))
            bytes.writeString(topic)
        }
        bytes.writeInteger(Int32(-1))
        bytes.writeInteger(Int32(owned.count))
        for (topic, partitions) in owned {
            bytes.writeInteger(Int16(topic.utf8.count))
            bytes.writeString(topic)
            bytes.writeInteger(Int32(partitions.count))
            for partition in partitions { bytes.writeInteger(partition) }
        }
        return bytes
    }

    static func joinRequest(
        _ group: String, member: String = "", instance: String? = nil, type: String = "consumer",
        topics: [String] = ["t"], owning owned: [(String, [Int32])] = []
    ) -> JoinGroupRequest {
        var request = JoinGroupRequest()
        request.groupID = group
        request.memberID = member
        request.groupInstanceID = instance
        request.sessionTimeoutMs = 10_000
        request.rebalanceTimeoutMs = 30_000
        request.protocolType = type
        var range = JoinGroupRequest.JoinGroupRequestProtocol()
        range.name = "range"
        range.metadata = subscription(topics, owning: owned)
        request.protocols = [range]
        return request
    }

    /// Nil if it waits. In a version in which a member need not come back with its id, unless told otherwise.
    mutating func join(
        _ request: JoinGroupRequest, version: Int16 = 3, from client: UInt64 = 1
    ) -> JoinGroupResponse? {
        guard case .joinGroup(let response) = send(.joinGroup(request), version: version, from: client) else {
            return nil
        }
        return response
    }

    /// Joins a group that lets it in at once.
    mutating func joined(
        _ request: JoinGroupRequest, version: Int16 = 3, from client: UInt64 = 1
    ) throws -> JoinGroupResponse {
        guard let response = join(request, version: version, from: client) else { throw UnexpectedAnswer(nil) }
        return response
    }

    mutating func sync(
        _ group: String, member: String, generation: Int32, instance: String? = nil,
        assign: [(String, ByteBuffer)] = [], from client: UInt64 = 1
    ) -> SyncGroupResponse? {
        var request = SyncGroupRequest()
        request.groupID = group
        request.memberID = member
        request.groupInstanceID = instance
        request.generationID = generation
        request.assignments = assign.map { member, bytes in
            var assignment = SyncGroupRequest.SyncGroupRequestAssignment()
            assignment.memberID = member
            assignment.assignment = bytes
            return assignment
        }
        guard case .syncGroup(let response) = send(.syncGroup(request), version: 4, from: client) else { return nil }
        return response
    }

    mutating func leave(_ group: String, member: String, instance: String? = nil) -> ErrorCode? {
        var request = LeaveGroupRequest()
        request.groupID = group
        var leaving = LeaveGroupRequest.MemberIdentity()
        leaving.memberID = member
        leaving.groupInstanceID = instance
        request.members = [leaving]
        guard case .leaveGroup(let response) = send(.leaveGroup(request)) else { return nil }
        return response.members.first?.errorCode ?? response.errorCode
    }

    mutating func heartbeat(
        _ group: String, member: String, generation: Int32, instance: String? = nil
    ) -> ErrorCode? {
        var request = HeartbeatRequest()
        request.groupID = group
        request.memberID = member
        request.generationID = generation
        request.groupInstanceID = instance
        guard case .heartbeat(let response) = send(.heartbeat(request)) else { return nil }
        return response.errorCode
    }

    mutating func commit(
        _ offset: Int64, group: String, topic: String = "t", partition: Int32 = 0, member: String = "",
        epoch: Int32 = -1, instance: String? = nil, version: Int16 = 9
    ) -> ErrorCode? {
        var request = OffsetCommitRequest()
        request.groupID = group
        request.memberID = member
        request.generationIDOrMemberEpoch = epoch
        request.groupInstanceID = instance
        var asked = OffsetCommitRequest.OffsetCommitRequestPartition()
        asked.partitionIndex = partition
        asked.committedOffset = offset
        var named = OffsetCommitRequest.OffsetCommitRequestTopic()
        named.name = topic
        named.partitions = [asked]
        request.topics = [named]
        guard case .offsetCommit(let response) = send(.offsetCommit(request), version: version) else { return nil }
        return response.topics[0].partitions[0].errorCode
    }

    func committed(_ group: String, topic: String = "t", partition: Int32 = 0) -> Int64? {
        cluster.offsets.offset(group: group, partition: TopicPartition(topic: topic, partition: partition))?.offset
    }

    mutating func describe(_ group: String, version: Int16 = 6) throws -> DescribeGroupsResponse.DescribedGroup {
        var request = DescribeGroupsRequest()
        request.groups = [group]
        request.includeAuthorizedOperations = true
        let answer = send(.describeGroups(request), version: version)
        guard case .describeGroups(let response) = answer, response.groups.count == 1 else {
            throw UnexpectedAnswer(answer)
        }
        return response.groups[0]
    }

    mutating func list(
        states: [String] = [], types: [String] = []
    ) throws -> [ListGroupsResponse.ListedGroup] {
        var request = ListGroupsRequest()
        request.statesFilter = states
        request.typesFilter = types
        let answer = send(.listGroups(request))
        guard case .listGroups(let response) = answer else { throw UnexpectedAnswer(answer) }
        return response.groups
    }

    mutating func delete(_ groups: String...) throws -> [ErrorCode] {
        var request = DeleteGroupsRequest()
        request.groupsNames = groups
        let answer = send(.deleteGroups(request))
        guard case .deleteGroups(let response) = answer else { throw UnexpectedAnswer(answer) }
        return response.results.map(\.errorCode)
    }

    /// The error of the whole, or else of the partition.
    mutating func deleteOffset(_ group: String, topic: String = "t", partition: Int32 = 0) throws -> ErrorCode {
        var request = OffsetDeleteRequest()
        request.groupID = group
        var named = OffsetDeleteRequest.OffsetDeleteRequestTopic()
        named.name = topic
        var asked = OffsetDeleteRequest.OffsetDeleteRequestPartition()
        asked.partitionIndex = partition
        named.partitions = [asked]
        request.topics = [named]
        let answer = send(.offsetDelete(request))
        guard case .offsetDelete(let response) = answer else { throw UnexpectedAnswer(answer) }
        return response.topics.first?.partitions.first?.errorCode ?? response.errorCode
    }
}
