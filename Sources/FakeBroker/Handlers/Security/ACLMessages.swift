internal import KafkaProtocol

// How access rules and filters stand in the messages of keys 29 to 31. What cannot be a rule is refused here.

/// Why a rule or a filter in a request makes no sense.
struct ACLRefusal: Error {
    let code = ErrorCode.invalidRequest
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// In a filter: any.
private let anyNumber: Int8 = 1

extension FakeBroker.ACL {
    init(_ creation: CreateAclsRequest.AclCreation) throws(ACLRefusal) {
        guard let type = ResourceType(rawValue: creation.resourceType) else {
            throw ACLRefusal("Invalid resourceType \(creation.resourceType)")
        }
        guard let pattern = PatternType(rawValue: creation.resourcePatternType) else {
            throw ACLRefusal("Invalid patternType \(creation.resourcePatternType)")
        }
        guard let operation = Operation(rawValue: creation.operation) else {
            throw ACLRefusal("Invalid operation \(creation.operation)")
        }
        guard let permission = Permission(rawValue: creation.permissionType) else {
            throw ACLRefusal("Invalid permissionType \(creation.permissionType)")
        }
        self.init(
            permission, creation.principal, operation, ResourcePattern(type, creation.resourceName, pattern),
            host: creation.host)
        if let problem { throw ACLRefusal(problem) }
    }

    /// What is wrong with the rule's texts; nil if nothing is.
    var problem: String? {
        if resource.name.isEmpty { return "Invalid empty resource name" }
        if resource.type == .cluster, resource.name != ResourcePattern.cluster.name {
            return "The only valid name for the CLUSTER resource is \(ResourcePattern.cluster.name)"
        }
        if Principal(principal) == nil {
            return "Principal '\(principal)' is not of the form Type:name, such as User:alice"
        }
        return host.isEmpty ? "Invalid empty host; * is any" : nil
    }
}

extension ACLFilter {
    init(_ request: DescribeAclsRequest) throws(ACLRefusal) {
        try self.init(
            resourceType: request.resourceTypeFilter, patternType: request.patternTypeFilter,
            operation: request.operation, permission: request.permissionType)
        resourceName = request.resourceNameFilter
        principal = request.principalFilter
        host = request.hostFilter
    }

    init(_ filter: DeleteAclsRequest.DeleteAclsFilter) throws(ACLRefusal) {
        try self.init(
            resourceType: filter.resourceTypeFilter, patternType: filter.patternTypeFilter,
            operation: filter.operation, permission: filter.permissionType)
        resourceName = filter.resourceNameFilter
        principal = filter.principalFilter
        host = filter.hostFilter
    }

    private init(
        resourceType: Int8, patternType: Int8, operation: Int8, permission: Int8
    ) throws(ACLRefusal) {
        func value<Value: RawRepresentable<Int8>>(_ number: Int8, _ name: String) throws(ACLRefusal) -> Value? {
            guard number != anyNumber else { return nil }
            guard let value = Value(rawValue: number) else { throw ACLRefusal("Invalid \(name) \(number)") }
            return value
        }
        self.init()
        self.resourceType = try value(resourceType, "resourceType")
        self.operation = try value(operation, "operation")
        self.permission = try value(permission, "permissionType")
        if patternType == 2 {
            patternFilter = .match
        } else {
            patternFilter = try value(patternType, "patternType").map { .exactly($0) } ?? .any
        }
    }
}
