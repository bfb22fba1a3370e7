internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

// DescribeGroups (key 15): classic groups with their members. What members told and were told is shown while the
// group is stable.
//
// Before version 6 a group that is not there is described as dead, without an error (KIP-1043).

extension Cluster {
    mutating func describeGroups(
        _ request: DescribeGroupsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = DescribeGroupsResponse()
        response.groups = request.groups.map { id in
            var described = describe(id, context)
            if request.includeAuthorizedOperations, described.errorCode == .none {
                described.authorizedOperations = authorizedOperations(on: .group(id), context)
            }
            return described
        }
        let firstError = response.groups.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .describeGroups(response), error: firstError, effects: &effects)
    }

    private func describe(_ id: String, _ context: RequestContext) -> DescribeGroupsResponse.DescribedGroup {
        var described = DescribeGroupsResponse.DescribedGroup()
        described.groupID = id
        described.errorCode = groupError(.describe, id, context)
        guard described.errorCode == .none else { return described }
        guard let group = groups[id] else {
            described.groupState = "Dead"
            if context.tellsMissingGroups {
                described.errorCode = .groupIDNotFound
                described.errorMessage = "There is no classic group '\(id)'."
            }
            return described
        }
        described.groupState = group.stateName
        described.protocolType = group.protocolType ?? ""
        described.protocolData = group.state == .stable ? group.protocolName ?? "" : ""
        described.members = group.members.values.map { member in
            var answer = DescribeGroupsResponse.DescribedGroupMember()
            answer.memberID = member.id
            answer.groupInstanceID = member.instanceID
            answer.clientID = member.clientID
            answer.clientHost = member.clientHost
            if group.state == .stable {
                answer.memberMetadata = member.metadata(for: group.protocolName)
                answer.memberAssignment = member.assignment
            }
            return answer
        }
        return described
    }
}

extension RequestContext {
    fileprivate var tellsMissingGroups: Bool { apiVersion >= 6 }
}

extension DescribeGroupsResponse {
    init(refusing request: DescribeGroupsRequest, with error: ErrorCode) {
        self.init()
        groups = request.groups.map { id in
            var answer = DescribedGroup()
            answer.groupID = id
            answer.errorCode = error
            return answer
        }
    }
}
