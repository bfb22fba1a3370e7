internal import KafkaProtocol

// DeleteGroups (key 42): groups without members go, with their offsets.

extension Cluster {
    mutating func deleteGroups(_ request: DeleteGroupsRequest, _ context: RequestContext, effects: inout Effects) {
        var response = DeleteGroupsResponse()
        for id in request.groupsNames {
            var result = DeleteGroupsResponse.DeletableGroupResult()
            result.groupID = id
            result.errorCode = deletionError(id, context)
            if result.errorCode == .none { deleteGroup(id) }
            response.results.append(result)
        }
        let firstError = response.results.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .deleteGroups(response), error: firstError, effects: &effects)
    }

    private func deletionError(_ id: String, _ context: RequestContext) -> ErrorCode {
        let error = groupError(.delete, id, context)
        guard error == .none else { return error }
        guard let isEmpty = groups.isEmpty(id) else { return .groupIDNotFound }
        return isEmpty ? .none : .nonEmptyGroup
    }
}

extension DeleteGroupsResponse {
    init(refusing request: DeleteGroupsRequest, with error: ErrorCode) {
        self.init()
        results = request.groupsNames.map { id in
            var result = DeletableGroupResult()
            result.groupID = id
            result.errorCode = error
            return result
        }
    }
}
