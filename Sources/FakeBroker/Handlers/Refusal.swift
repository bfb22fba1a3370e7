internal import KafkaProtocol

extension Response {
    /// The answer that says of everything in the request that it failed, for the same reason.
    init(refusing request: Request, with error: ErrorCode) {
        self = Response(request.apiKey)
        switch request {
        case .produce(let body): self = .produce(ProduceResponse(refusing: body, with: error))
        case .fetch(let body): self = .fetch(FetchResponse(refusing: body, with: error))
        case .listOffsets(let body): self = .listOffsets(ListOffsetsResponse(refusing: body, with: error))
        case .metadata(let body): self = .metadata(MetadataResponse(refusing: body, with: error))
        case .offsetCommit(let body): self = .offsetCommit(OffsetCommitResponse(refusing: body, with: error))
        case .offsetFetch(let body): self = .offsetFetch(OffsetFetchResponse(refusing: body, with: error))
        case .findCoordinator(let body): self = .findCoordinator(FindCoordinatorResponse(refusing: body, with: error))
        case .joinGroup(let body): self = .joinGroup(JoinGroupResponse(refusing: body, with: error))
        case .heartbeat:
            var response = HeartbeatResponse()
            response.errorCode = error
            self = .heartbeat(response)
        case .leaveGroup:
            var response = LeaveGroupResponse()
            response.errorCode = error
            self = .leaveGroup(response)
        case .syncGroup: self = .syncGroup(SyncGroupResponse(.failure(error)))
        case .describeGroups(let body): self = .describeGroups(DescribeGroupsResponse(refusing: body, with: error))
        case .listGroups:
            var response = ListGroupsResponse()
            response.errorCode = error
            self = .listGroups(response)
        case .deleteGroups(let body): self = .deleteGroups(DeleteGroupsResponse(refusing: body, with: error))
        case .offsetDelete:
            var response = OffsetDeleteResponse()
            response.errorCode = error
            self = .offsetDelete(response)
        case .consumerGroupHeartbeat:
            var response = ConsumerGroupHeartbeatResponse()
            response.errorCode = error
            self = .consumerGroupHeartbeat(response)
        case .consumerGroupDescribe(let body):
            self = .consumerGroupDescribe(ConsumerGroupDescribeResponse(refusing: body, with: error))
        case .shareGroupHeartbeat:
            var response = ShareGroupHeartbeatResponse()
            response.errorCode = error
            self = .shareGroupHeartbeat(response)
        case .shareGroupDescribe(let body):
            self = .shareGroupDescribe(ShareGroupDescribeResponse(refusing: body, with: error))
        case .shareFetch(let body): self = .shareFetch(ShareFetchResponse(refusing: body, with: error))
        case .shareAcknowledge(let body):
            self = .shareAcknowledge(ShareAcknowledgeResponse(refusing: body, with: error))
        case .describeShareGroupOffsets(let body):
            self = .describeShareGroupOffsets(DescribeShareGroupOffsetsResponse(refusing: body, with: error))
        case .alterShareGroupOffsets:
            var response = AlterShareGroupOffsetsResponse()
            response.errorCode = error
            self = .alterShareGroupOffsets(response)
        case .deleteShareGroupOffsets:
            var response = DeleteShareGroupOffsetsResponse()
            response.errorCode = error
            self = .deleteShareGroupOffsets(response)
        case .apiVersions:
            var response = ApiVersionsResponse()
            response.errorCode = error
            self = .apiVersions(response)
        case .createTopics(let body): self = .createTopics(CreateTopicsResponse(refusing: body, with: error))
        case .deleteTopics(let body): self = .deleteTopics(DeleteTopicsResponse(refusing: body, with: error))
        case .saslHandshake:
            var response = SaslHandshakeResponse()
            response.errorCode = error
            self = .saslHandshake(response)
        case .saslAuthenticate:
            var response = SaslAuthenticateResponse()
            response.errorCode = error
            self = .saslAuthenticate(response)
        case .describeAcls(let body): self = .describeAcls(DescribeAclsResponse(refusing: body, with: error))
        case .createAcls(let body): self = .createAcls(CreateAclsResponse(refusing: body, with: error))
        case .deleteAcls(let body): self = .deleteAcls(DeleteAclsResponse(refusing: body, with: error))
        case .describeUserScramCredentials(let body):
            self = .describeUserScramCredentials(
                DescribeUserScramCredentialsResponse(refusing: body, with: error))
        case .alterUserScramCredentials(let body):
            self = .alterUserScramCredentials(AlterUserScramCredentialsResponse(refusing: body, with: error))
        case .initProducerId:
            var response = InitProducerIdResponse()
            response.errorCode = error
            self = .initProducerId(response)
        case .addPartitionsToTxn(let body):
            self = .addPartitionsToTxn(AddPartitionsToTxnResponse(refusing: body, with: error))
        case .addOffsetsToTxn:
            var response = AddOffsetsToTxnResponse()
            response.errorCode = error
            self = .addOffsetsToTxn(response)
        case .endTxn:
            var response = EndTxnResponse()
            response.errorCode = error
            self = .endTxn(response)
        case .writeTxnMarkers(let body): self = .writeTxnMarkers(WriteTxnMarkersResponse(refusing: body, with: error))
        case .txnOffsetCommit(let body): self = .txnOffsetCommit(TxnOffsetCommitResponse(refusing: body, with: error))
        case .describeProducers(let body):
            self = .describeProducers(DescribeProducersResponse(refusing: body, with: error))
        case .describeTransactions(let body):
            self = .describeTransactions(DescribeTransactionsResponse(refusing: body, with: error))
        case .deleteRecords(let body): self = .deleteRecords(DeleteRecordsResponse(refusing: body, with: error))
        case .offsetForLeaderEpoch(let body):
            self = .offsetForLeaderEpoch(OffsetForLeaderEpochResponse(refusing: body, with: error))
        case .listTransactions:
            var response = ListTransactionsResponse()
            response.errorCode = error
            self = .listTransactions(response)
        default:
            guard let refused = Response(refusingAdministration: request, with: error) else { return }
            self = refused
        }
    }

    /// Nil for a request that is not about the cluster, its settings or its clients' telemetry.
    private init?(refusingAdministration request: Request, with error: ErrorCode) {
        switch request {
        case .describeConfigs(let body): self = .describeConfigs(.init(refusing: body, with: error))
        case .alterConfigs(let body): self = .alterConfigs(.init(refusing: body, with: error))
        case .incrementalAlterConfigs(let body): self = .incrementalAlterConfigs(.init(refusing: body, with: error))
        case .listConfigResources(let body): self = .listConfigResources(.init(refusing: body, with: error))
        case .createPartitions(let body): self = .createPartitions(.init(refusing: body, with: error))
        case .describeTopicPartitions(let body): self = .describeTopicPartitions(.init(refusing: body, with: error))
        case .electLeaders(let body): self = .electLeaders(.init(refusing: body, with: error))
        case .alterPartitionReassignments(let body):
            self = .alterPartitionReassignments(.init(refusing: body, with: error))
        case .alterReplicaLogDirs(let body): self = .alterReplicaLogDirs(.init(refusing: body, with: error))
        case .alterClientQuotas(let body): self = .alterClientQuotas(.init(refusing: body, with: error))
        case .updateFeatures(let body): self = .updateFeatures(.init(refusing: body, with: error))
        case .describeCluster: self = .describeCluster(.init())
        case .listPartitionReassignments: self = .listPartitionReassignments(.init())
        case .describeLogDirs: self = .describeLogDirs(.init())
        case .describeClientQuotas: self = .describeClientQuotas(.init())
        case .getTelemetrySubscriptions: self = .getTelemetrySubscriptions(.init())
        case .pushTelemetry: self = .pushTelemetry(.init())
        default: return nil
        }
        // What the reply says of itself, in whatever version.
        stamp(error, version: request.apiKey.stableVersions.upperBound)
    }
}
