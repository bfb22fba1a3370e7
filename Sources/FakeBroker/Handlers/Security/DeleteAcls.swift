internal import KafkaProtocol

// DeleteAcls (key 31): removes the access rules that match any of the filters, and says which they were.

extension Cluster {
    mutating func deleteAcls(_ request: DeleteAclsRequest, _ context: RequestContext, effects: inout Effects) {
        guard let rules = security.accessControl else {
            let response = DeleteAclsResponse(
                refusing: request, with: .securityDisabled, message: AccessControlList.absence)
            return reply(to: context, .deleteAcls(response), error: .securityDisabled, effects: &effects)
        }
        var response = DeleteAclsResponse()
        for asked in request.filters {
            var result = DeleteAclsResponse.DeleteAclsFilterResult()
            do throws(ACLRefusal) {
                // All filters look at the rules as they were, so that each says what it matched.
                let matching = rules.all.filter(try ACLFilter(asked).matches)
                for rule in matching { security.accessControl?.remove(rule) }
                result.matchingAcls = matching.map(DeleteAclsResponse.DeleteAclsMatchingAcl.init)
            } catch {
                result.errorCode = error.code
                result.errorMessage = error.message
            }
            response.filterResults.append(result)
        }
        let firstError = response.filterResults.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .deleteAcls(response), error: firstError, effects: &effects)
    }
}

extension DeleteAclsResponse.DeleteAclsMatchingAcl {
    fileprivate init(_ rule: FakeBroker.ACL) {
        self.init()
        resourceType = rule.resource.type.rawValue
        resourceName = rule.resource.name
        patternType = rule.resource.patternType.rawValue
        principal = rule.principal
        host = rule.host
        operation = rule.operation.rawValue
        permissionType = rule.permission.rawValue
    }
}

extension DeleteAclsResponse {
    init(refusing request: DeleteAclsRequest, with error: ErrorCode, message: String? = nil) {
        self.init()
        filterResults = request.filters.map { _ in
            var result = DeleteAclsFilterResult()
            result.errorCode = error
            result.errorMessage = message
            return result
        }
    }
}
