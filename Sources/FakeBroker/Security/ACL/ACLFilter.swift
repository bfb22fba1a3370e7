/// Which rules a DescribeAcls or DeleteAcls request is about. Nil is any.
struct ACLFilter: Sendable, Equatable {
    enum PatternFilter: Sendable, Equatable {
        /// Patterns of any type with exactly the name.
        case any
        /// Every pattern that is about a resource of that name (KIP-290).
        case match
        case exactly(FakeBroker.ACL.PatternType)
    }

    var resourceType: FakeBroker.ACL.ResourceType?
    var resourceName: String?
    var patternFilter = PatternFilter.any
    var principal: String?
    var host: String?
    var operation: FakeBroker.ACL.Operation?
    var permission: FakeBroker.ACL.Permission?

    func matches(_ rule: FakeBroker.ACL) -> Bool {
        matches(rule.resource)
            && (principal ?? rule.principal) == rule.principal && (host ?? rule.host) == rule.host
            && (operation ?? rule.operation) == rule.operation
            && (permission ?? rule.permission) == rule.permission
    }

    private func matches(_ pattern: FakeBroker.ACL.ResourcePattern) -> Bool {
        guard (resourceType ?? pattern.type) == pattern.type else { return false }
        if case .exactly(let type) = patternFilter, type != pattern.patternType { return false }
        guard let resourceName else { return true }
        switch (patternFilter, pattern.patternType) {
        case (.match, .literal): return pattern.name == resourceName || pattern.isWildcard
        case (.match, .prefixed): return resourceName.utf8.starts(with: pattern.name.utf8)
        case (.any, _), (.exactly, _): return pattern.name == resourceName
        }
    }
}
