/// One thing that a request touches.
struct Resource: Sendable, Hashable {
    let type: FakeBroker.ACL.ResourceType
    let name: String

    static func topic(_ name: String) -> Resource { Resource(type: .topic, name: name) }
    static func group(_ id: String) -> Resource { Resource(type: .group, name: id) }
    static func transactionalID(_ id: String) -> Resource { Resource(type: .transactionalID, name: id) }
    static let cluster = Resource(type: .cluster, name: "kafka-cluster")
}

extension FakeBroker.ACL.ResourceType {
    /// The operations that make sense on such a resource; clients are told which of them they may do (KIP-430).
    var supportedOperations: [FakeBroker.ACL.Operation] {
        switch self {
        case .topic: [.read, .write, .create, .delete, .alter, .describe, .describeConfigs, .alterConfigs]
        case .group: [.read, .delete, .describe, .describeConfigs, .alterConfigs]
        case .cluster: [.create, .alter, .describe, .clusterAction, .describeConfigs, .alterConfigs, .idempotentWrite]
        case .transactionalID: [.write, .describe, .twoPhaseCommit]
        case .delegationToken: [.describe]
        case .user: [.createTokens, .describeTokens]
        }
    }
}

extension FakeBroker.ACL.Operation {
    /// Whoever is allowed one of these is allowed this one too. Being denied one says nothing of this one.
    var impliedBy: [FakeBroker.ACL.Operation] {
        switch self {
        case .describe: [.read, .write, .delete, .alter]
        case .describeConfigs: [.alterConfigs]
        default: []
        }
    }
}
