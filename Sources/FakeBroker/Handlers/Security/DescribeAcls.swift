internal import KafkaProtocol
internal import OrderedCollections

// DescribeAcls (key 29): the access rules that match a filter, by resource pattern.

extension Cluster {
    mutating func describeAcls(_ request: DescribeAclsRequest, _ context: RequestContext, effects: inout Effects) {
        var response = DescribeAclsResponse()
        if let rules = security.accessControl {
            do throws(ACLRefusal) {
                let filter = try ACLFilter(request)
                response.resources = DescribeAclsResponse.resources(rules.all.filter(filter.matches))
            } catch {
                response.errorCode = error.code
                response.errorMessage = error.message
            }
        } else {
            response.errorCode = .securityDisabled
            response.errorMessage = AccessControlList.absence
        }
        reply(to: context, .describeAcls(response), error: response.errorCode, effects: &effects)
    }
}

extension AccessControlList {
    /// What a request about rules is told where there are none.
    static let absence = "No Authorizer is configured."
}

extension DescribeAclsResponse {
    fileprivate static func resources(_ rules: [FakeBroker.ACL]) -> [DescribeAclsResource] {
        let byResource = OrderedDictionary(grouping: rules, by: \.resource)
        return byResource.map { pattern, rules in
            var resource = DescribeAclsResource()
            resource.resourceType = pattern.type.rawValue
            resource.resourceName = pattern.name
            resource.patternType = pattern.patternType.rawValue
            resource.acls = rules.map { rule in
                var described = AclDescription()
                described.principal = rule.principal
                described.host = rule.host
                described.operation = rule.operation.rawValue
                described.permissionType = rule.permission.rawValue
                return described
            }
            return resource
        }
    }

    init(refusing request: DescribeAclsRequest, with error: ErrorCode) {
        self.init()
        errorCode = error
    }
}
