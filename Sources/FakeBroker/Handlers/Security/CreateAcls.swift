internal import KafkaProtocol

// CreateAcls (key 30): more access rules, each with an answer of its own. One that is there already is no error.

extension Cluster {
    mutating func createAcls(_ request: CreateAclsRequest, _ context: RequestContext, effects: inout Effects) {
        guard security.accessControl != nil else {
            let response = CreateAclsResponse(
                refusing: request, with: .securityDisabled, message: AccessControlList.absence)
            return reply(to: context, .createAcls(response), error: .securityDisabled, effects: &effects)
        }
        var response = CreateAclsResponse()
        for creation in request.creations {
            var result = CreateAclsResponse.AclCreationResult()
            do throws(ACLRefusal) {
                let rule = try FakeBroker.ACL(creation)
                if security.accessControl?.count ?? 0 < settings.limits.acls {
                    security.accessControl?.insert(rule)
                } else {
                    result.errorCode = .policyViolation
                    result.errorMessage = "The cluster has \(settings.limits.acls) ACLs, its limit."
                }
            } catch {
                result.errorCode = error.code
                result.errorMessage = error.message
            }
            response.results.append(result)
        }
        let firstError = response.results.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .createAcls(response), error: firstError, effects: &effects)
    }
}

extension CreateAclsResponse {
    init(refusing request: CreateAclsRequest, with error: ErrorCode, message: String? = nil) {
        self.init()
        results = request.creations.map { _ in
            var result = AclCreationResult()
            result.errorCode = error
            result.errorMessage = message
            return result
        }
    }
}
