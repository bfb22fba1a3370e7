internal import OrderedCollections

/// The access rules of a cluster, and what follows from them.
///
/// Kafka's StandardAuthorizer (KIP-11, KIP-290): super users may do everything; then one rule that denies is enough;
/// then one that allows; a resource of which no rule speaks is everybody's only where the settings say so.
struct AccessControlList: Sendable {
    /// Who asks, and from where.
    struct Asker: Sendable, Equatable {
        let principal: Principal
        /// The peer's address as text, without Kafka's slash.
        let host: String
    }

    private typealias ACL = FakeBroker.ACL
    private typealias RulesByResource = OrderedDictionary<FakeBroker.ACL.ResourcePattern, OrderedSet<FakeBroker.ACL>>

    private let superUsers: Set<String>
    private let allowsEveryoneIfNoACLFound: Bool
    /// Apart, for a literal rule is found by its name, a prefixed one only by looking at all.
    private var literal: RulesByResource = [:]
    private var prefixed: RulesByResource = [:]
    private(set) var count = 0

    init(superUsers: Set<String> = [], allowsEveryoneIfNoACLFound: Bool = false, rules: [FakeBroker.ACL] = []) {
        self.superUsers = superUsers
        self.allowsEveryoneIfNoACLFound = allowsEveryoneIfNoACLFound
        for rule in rules { insert(rule) }
    }

    // MARK: Rules

    /// Literal patterns first; by resource, in the order in which the resources got their first rule.
    var all: [FakeBroker.ACL] {
        literal.values.flatMap(\.elements) + prefixed.values.flatMap(\.elements)
    }

    /// A rule that is there already stays as it is.
    mutating func insert(_ rule: FakeBroker.ACL) {
        let isNew =
            switch rule.resource.patternType {
            case .literal: literal[rule.resource, default: []].append(rule).inserted
            case .prefixed: prefixed[rule.resource, default: []].append(rule).inserted
            }
        if isNew { count += 1 }
    }

    mutating func remove(_ rule: FakeBroker.ACL) {
        switch rule.resource.patternType {
        case .literal: remove(rule, from: \.literal)
        case .prefixed: remove(rule, from: \.prefixed)
        }
    }

    private mutating func remove(
        _ rule: FakeBroker.ACL, from rules: WritableKeyPath<AccessControlList, RulesByResource>
    ) {
        guard self[keyPath: rules][rule.resource]?.remove(rule) != nil else { return }
        count -= 1
        if self[keyPath: rules][rule.resource]?.isEmpty ?? false {
            self[keyPath: rules].removeValue(forKey: rule.resource)
        }
    }

    // MARK: Questions

    func authorize(_ asker: Asker, _ operation: FakeBroker.ACL.Operation, _ resource: Resource) -> Bool {
        if isSuperUser(asker) { return true }
        var isAnyFound = false
        var isAllowed = false
        for rules in self.rules(on: resource) {
            isAnyFound = true
            for rule in rules where rule.applies(to: asker) {
                switch rule.permission {
                case .deny where rule.covers(operation): return false
                case .allow where rule.covers(operation) || operation.impliedBy.contains(where: rule.covers):
                    isAllowed = true
                case .allow, .deny: break
                }
            }
        }
        return isAllowed || (!isAnyFound && allowsEveryoneIfNoACLFound)
    }

    /// Whether there is any resource of the type on which the operation is allowed (KIP-679). A rule that allows it
    /// counts only if none that denies it covers all that the rule covers.
    func authorizeAny(
        _ asker: Asker, _ operation: FakeBroker.ACL.Operation, _ type: FakeBroker.ACL.ResourceType
    ) -> Bool {
        if isSuperUser(asker) { return true }
        let rules = all.filter { $0.resource.type == type && $0.applies(to: asker) && $0.covers(operation) }
        let denied = rules.filter { $0.permission == .deny }.map(\.resource)
        if denied.contains(where: \.isWildcard) { return false }
        if allowsEveryoneIfNoACLFound { return true }
        return rules.contains { rule in
            rule.permission == .allow && !denied.contains { $0.includes(rule.resource) }
        }
    }

    /// As a bit each, by the operation's number (KIP-430).
    func authorizedOperations(_ asker: Asker, on resource: Resource) -> Int32 {
        resource.type.supportedOperations.filter { authorize(asker, $0, resource) }.bits
    }

    private func isSuperUser(_ asker: Asker) -> Bool { superUsers.contains(asker.principal.description) }

    private func rules(on resource: Resource) -> [OrderedSet<FakeBroker.ACL>] {
        let names = resource.name == "*" ? ["*"] : [resource.name, "*"]
        let exact = names.compactMap { literal[FakeBroker.ACL.ResourcePattern(resource.type, $0)] }
        guard !prefixed.isEmpty else { return exact }
        let byPrefix = prefixed.filter {
            $0.key.type == resource.type && resource.name.utf8.starts(with: $0.key.name.utf8)
        }
        return exact + byPrefix.values
    }
}

extension [FakeBroker.ACL.Operation] {
    var bits: Int32 { reduce(0) { $0 | 1 << Int32($1.rawValue) } }
}

extension FakeBroker.ACL {
    fileprivate func applies(to asker: AccessControlList.Asker) -> Bool {
        (principal == "User:*" || principal == asker.principal.description) && (host == "*" || host == asker.host)
    }

    fileprivate func covers(_ operation: Operation) -> Bool {
        self.operation == operation || self.operation == .all
    }
}

extension FakeBroker.ACL.ResourcePattern {
    var isWildcard: Bool { patternType == .literal && name == "*" }

    /// Whether it is about all that the other, of the same type, is about.
    fileprivate func includes(_ other: Self) -> Bool {
        switch patternType {
        case .literal: isWildcard || self == other
        case .prefixed: !other.isWildcard && other.name.utf8.starts(with: name.utf8)
        }
    }
}
