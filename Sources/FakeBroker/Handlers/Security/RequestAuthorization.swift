internal import KafkaProtocol

// What a request as a whole needs, by Kafka's table of operations ("Authorization and ACLs", Kafka documentation).

extension Cluster {
    /// The error that refuses all of the request; nil if whoever asked may do it.
    func authorizationError(_ request: Request, _ context: RequestContext) -> ErrorCode? {
        transactionError(request, context) ?? groupError(request, context) ?? clusterError(request, context)
    }

    private func groupError(_ request: Request, _ context: RequestContext) -> ErrorCode? {
        let (operation, group): (FakeBroker.ACL.Operation, String)
        switch request {
        case .joinGroup(let body): (operation, group) = (.read, body.groupID)
        case .syncGroup(let body): (operation, group) = (.read, body.groupID)
        case .heartbeat(let body): (operation, group) = (.read, body.groupID)
        case .leaveGroup(let body): (operation, group) = (.read, body.groupID)
        case .offsetCommit(let body): (operation, group) = (.read, body.groupID)
        case .txnOffsetCommit(let body): (operation, group) = (.read, body.groupID)
        case .addOffsetsToTxn(let body): (operation, group) = (.read, body.groupID)
        case .offsetDelete(let body): (operation, group) = (.delete, body.groupID)
        case .consumerGroupHeartbeat(let body): (operation, group) = (.read, body.groupID)
        case .shareGroupHeartbeat(let body): (operation, group) = (.read, body.groupID)
        case .shareFetch(let body): (operation, group) = (.read, body.groupID ?? "")
        case .shareAcknowledge(let body): (operation, group) = (.read, body.groupID ?? "")
        case .alterShareGroupOffsets(let body): (operation, group) = (.read, body.groupID)
        case .deleteShareGroupOffsets(let body): (operation, group) = (.delete, body.groupID)
        default: return nil
        }
        return authorize(operation, .group(group), context) ? nil : .groupAuthorizationFailed
    }

    private func transactionError(_ request: Request, _ context: RequestContext) -> ErrorCode? {
        let transactionalID: String?
        switch request {
        case .produce(let body): transactionalID = body.transactionalID
        case .initProducerId(let body): transactionalID = body.transactionalID
        case .addPartitionsToTxn(let body):
            transactionalID = body.v3AndBelowTransactionalID.isEmpty ? nil : body.v3AndBelowTransactionalID
        case .addOffsetsToTxn(let body): transactionalID = body.transactionalID
        case .endTxn(let body): transactionalID = body.transactionalID
        case .txnOffsetCommit(let body): transactionalID = body.transactionalID
        default: return nil
        }
        guard let transactionalID else { return nil }
        return authorize(.write, .transactionalID(transactionalID), context)
            ? nil : .transactionalIDAuthorizationFailed
    }

    private func clusterError(_ request: Request, _ context: RequestContext) -> ErrorCode? {
        let operation: FakeBroker.ACL.Operation
        switch request {
        case .createAcls, .deleteAcls, .alterUserScramCredentials, .electLeaders, .alterPartitionReassignments,
            .alterReplicaLogDirs, .updateFeatures:
            operation = .alter
        case .describeAcls, .describeUserScramCredentials, .listPartitionReassignments, .describeLogDirs:
            operation = .describe
        case .describeClientQuotas, .listConfigResources: operation = .describeConfigs
        case .alterClientQuotas: operation = .alterConfigs
        case .writeTxnMarkers: operation = .clusterAction
        // From version 4 on brokers ask, for many producers at once.
        case .addPartitionsToTxn(let body) where !body.transactions.isEmpty: operation = .clusterAction
        case .initProducerId(let body) where body.transactionalID == nil:
            // An idempotent producer needs no more than a topic to write to (KIP-679).
            let mayWrite = security.accessControl?.authorizeAny(context.asker, .write, .topic) ?? true
            return mayWrite || authorize(.idempotentWrite, .cluster, context) ? nil : .clusterAuthorizationFailed
        default: return nil
        }
        return authorize(operation, .cluster, context) ? nil : .clusterAuthorizationFailed
    }
}
