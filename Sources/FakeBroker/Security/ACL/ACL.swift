extension FakeBroker {
    /// One access rule: whether a principal, from a host, may do an operation on what a resource pattern names.
    ///
    ///     .allow("User:alice", .read, .topic("orders"))
    ///     .deny("User:*", .write, .topic(prefix: "audit-"), host: "10.0.0.7")
    public struct ACL: Sendable, Hashable, CustomStringConvertible {
        public var resource: ResourcePattern
        /// `User:name`; `User:*` is everybody.
        public var principal: String
        /// An address as text; `*` is anywhere.
        public var host: String
        public var operation: Operation
        public var permission: Permission

        public init(
            _ permission: Permission, _ principal: String, _ operation: Operation, _ resource: ResourcePattern,
            host: String = "*"
        ) {
            self.resource = resource
            self.principal = principal
            self.host = host
            self.operation = operation
            self.permission = permission
        }

        public static func allow(
            _ principal: String, _ operation: Operation, _ resource: ResourcePattern, host: String = "*"
        ) -> ACL {
            ACL(.allow, principal, operation, resource, host: host)
        }

        public static func deny(
            _ principal: String, _ operation: Operation, _ resource: ResourcePattern, host: String = "*"
        ) -> ACL {
            ACL(.deny, principal, operation, resource, host: host)
        }

        public var description: String { "\(permission) \(principal) from \(host) to \(operation) \(resource)" }
    }
}

extension FakeBroker.ACL {
    /// By the numbers that they have on the wire.
    public enum Permission: Int8, Sendable, CaseIterable {
        case deny = 2
        case allow = 3
    }

    /// What may be done. ``all`` stands for every one.
    public enum Operation: Int8, Sendable, CaseIterable {
        case all = 2
        case read = 3
        case write = 4
        case create = 5
        case delete = 6
        case alter = 7
        case describe = 8
        case clusterAction = 9
        case describeConfigs = 10
        case alterConfigs = 11
        case idempotentWrite = 12
        case createTokens = 13
        case describeTokens = 14
        case twoPhaseCommit = 15
    }

    public enum ResourceType: Int8, Sendable, CaseIterable {
        case topic = 2
        case group = 3
        case cluster = 4
        case transactionalID = 5
        case delegationToken = 6
        case user = 7
    }

    public enum PatternType: Int8, Sendable, CaseIterable {
        /// Exactly the name; the name `*` is every name.
        case literal = 3
        /// Every name that begins so.
        case prefixed = 4
    }

    /// The resources that a rule is about.
    public struct ResourcePattern: Sendable, Hashable, CustomStringConvertible {
        public var type: ResourceType
        public var name: String
        public var patternType: PatternType

        public init(_ type: ResourceType, _ name: String, _ patternType: PatternType = .literal) {
            self.type = type
            self.name = name
            self.patternType = patternType
        }

        /// `*` is every topic.
        public static func topic(_ name: String) -> ResourcePattern { ResourcePattern(.topic, name) }
        public static func topic(prefix: String) -> ResourcePattern { ResourcePattern(.topic, prefix, .prefixed) }
        /// `*` is every group.
        public static func group(_ id: String) -> ResourcePattern { ResourcePattern(.group, id) }
        public static func group(prefix: String) -> ResourcePattern { ResourcePattern(.group, prefix, .prefixed) }
        /// `*` is every transactional id.
        public static func transactionalID(_ id: String) -> ResourcePattern { ResourcePattern(.transactionalID, id) }
        public static func transactionalID(prefix: String) -> ResourcePattern {
            ResourcePattern(.transactionalID, prefix, .prefixed)
        }
        public static let cluster = ResourcePattern(.cluster, "kafka-cluster")

        public var description: String { "\(type) '\(name)'\(patternType == .prefixed ? " and what begins so" : "")" }
    }
}
