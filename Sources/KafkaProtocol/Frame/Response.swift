// A reply of any kind. Reading and writing are in Message+Bytes.swift; here is what each key carries.

package enum Response: Equatable, Sendable {
    case produce(ProduceResponse)
    case fetch(FetchResponse)
    case listOffsets(ListOffsetsResponse)
    case metadata(MetadataResponse)
    case offsetCommit(OffsetCommitResponse)
    case offsetFetch(OffsetFetchResponse)
    case findCoordinator(FindCoordinatorResponse)
    case joinGroup(JoinGroupResponse)
    case heartbeat(HeartbeatResponse)
    case leaveGroup(LeaveGroupResponse)
    case syncGroup(SyncGroupResponse)
    case describeGroups(DescribeGroupsResponse)
    case listGroups(ListGroupsResponse)
    case saslHandshake(SaslHandshakeResponse)
    case apiVersions(ApiVersionsResponse)
    case createTopics(CreateTopicsResponse)
    case deleteTopics(DeleteTopicsResponse)
    case deleteRecords(DeleteRecordsResponse)
    case initProducerId(InitProducerIdResponse)
    case offsetForLeaderEpoch(OffsetForLeaderEpochResponse)
    case addPartitionsToTxn(AddPartitionsToTxnResponse)
    case addOffsetsToTxn(AddOffsetsToTxnResponse)
    case endTxn(EndTxnResponse)
    case writeTxnMarkers(WriteTxnMarkersResponse)
    case txnOffsetCommit(TxnOffsetCommitResponse)
    case describeAcls(DescribeAclsResponse)
    case createAcls(CreateAclsResponse)
    case deleteAcls(DeleteAclsResponse)
    case describeConfigs(DescribeConfigsResponse)
    case alterConfigs(AlterConfigsResponse)
    case alterReplicaLogDirs(AlterReplicaLogDirsResponse)
    case describeLogDirs(DescribeLogDirsResponse)
    case saslAuthenticate(SaslAuthenticateResponse)
    case createPartitions(CreatePartitionsResponse)
    case deleteGroups(DeleteGroupsResponse)
    case electLeaders(ElectLeadersResponse)
    case incrementalAlterConfigs(IncrementalAlterConfigsResponse)
    case alterPartitionReassignments(AlterPartitionReassignmentsResponse)
    case listPartitionReassignments(ListPartitionReassignmentsResponse)
    case offsetDelete(OffsetDeleteResponse)
    case describeClientQuotas(DescribeClientQuotasResponse)
    case alterClientQuotas(AlterClientQuotasResponse)
    case describeUserScramCredentials(DescribeUserScramCredentialsResponse)
    case alterUserScramCredentials(AlterUserScramCredentialsResponse)
    case updateFeatures(UpdateFeaturesResponse)
    case describeCluster(DescribeClusterResponse)
    case describeProducers(DescribeProducersResponse)
    case describeTransactions(DescribeTransactionsResponse)
    case listTransactions(ListTransactionsResponse)
    case consumerGroupHeartbeat(ConsumerGroupHeartbeatResponse)
    case consumerGroupDescribe(ConsumerGroupDescribeResponse)
    case getTelemetrySubscriptions(GetTelemetrySubscriptionsResponse)
    case pushTelemetry(PushTelemetryResponse)
    case listConfigResources(ListConfigResourcesResponse)
    case describeTopicPartitions(DescribeTopicPartitionsResponse)
    case shareGroupHeartbeat(ShareGroupHeartbeatResponse)
    case shareGroupDescribe(ShareGroupDescribeResponse)
    case shareFetch(ShareFetchResponse)
    case shareAcknowledge(ShareAcknowledgeResponse)
    case describeShareGroupOffsets(DescribeShareGroupOffsetsResponse)
    case alterShareGroupOffsets(AlterShareGroupOffsetsResponse)
    case deleteShareGroupOffsets(DeleteShareGroupOffsetsResponse)

    /// The response with every field at its default.
    package init(_ apiKey: APIKey) {
        switch apiKey {
        case .produce: self = .produce(ProduceResponse())
        case .fetch: self = .fetch(FetchResponse())
        case .listOffsets: self = .listOffsets(ListOffsetsResponse())
        case .metadata: self = .metadata(MetadataResponse())
        case .offsetCommit: self = .offsetCommit(OffsetCommitResponse())
        case .offsetFetch: self = .offsetFetch(OffsetFetchResponse())
        case .findCoordinator: self = .findCoordinator(FindCoordinatorResponse())
        case .joinGroup: self = .joinGroup(JoinGroupResponse())
        case .heartbeat: self = .heartbeat(HeartbeatResponse())
        case .leaveGroup: self = .leaveGroup(LeaveGroupResponse())
        case .syncGroup: self = .syncGroup(SyncGroupResponse())
        case .describeGroups: self = .describeGroups(DescribeGroupsResponse())
        case .listGroups: self = .listGroups(ListGroupsResponse())
        case .saslHandshake: self = .saslHandshake(SaslHandshakeResponse())
        case .apiVersions: self = .apiVersions(ApiVersionsResponse())
        case .createTopics: self = .createTopics(CreateTopicsResponse())
        case .deleteTopics: self = .deleteTopics(DeleteTopicsResponse())
        case .deleteRecords: self = .deleteRecords(DeleteRecordsResponse())
        case .initProducerId: self = .initProducerId(InitProducerIdResponse())
        case .offsetForLeaderEpoch: self = .offsetForLeaderEpoch(OffsetForLeaderEpochResponse())
        case .addPartitionsToTxn: self = .addPartitionsToTxn(AddPartitionsToTxnResponse())
        case .addOffsetsToTxn: self = .addOffsetsToTxn(AddOffsetsToTxnResponse())
        case .endTxn: self = .endTxn(EndTxnResponse())
        case .writeTxnMarkers: self = .writeTxnMarkers(WriteTxnMarkersResponse())
        case .txnOffsetCommit: self = .txnOffsetCommit(TxnOffsetCommitResponse())
        case .describeAcls: self = .describeAcls(DescribeAclsResponse())
        case .createAcls: self = .createAcls(CreateAclsResponse())
        case .deleteAcls: self = .deleteAcls(DeleteAclsResponse())
        case .describeConfigs: self = .describeConfigs(DescribeConfigsResponse())
        case .alterConfigs: self = .alterConfigs(AlterConfigsResponse())
        case .alterReplicaLogDirs: self = .alterReplicaLogDirs(AlterReplicaLogDirsResponse())
        case .describeLogDirs: self = .describeLogDirs(DescribeLogDirsResponse())
        case .saslAuthenticate: self = .saslAuthenticate(SaslAuthenticateResponse())
        case .createPartitions: self = .createPartitions(CreatePartitionsResponse())
        case .deleteGroups: self = .deleteGroups(DeleteGroupsResponse())
        case .electLeaders: self = .electLeaders(ElectLeadersResponse())
        case .incrementalAlterConfigs: self = .incrementalAlterConfigs(IncrementalAlterConfigsResponse())
        case .alterPartitionReassignments: self = .alterPartitionReassignments(AlterPartitionReassignmentsResponse())
        case .listPartitionReassignments: self = .listPartitionReassignments(ListPartitionReassignmentsResponse())
        case .offsetDelete: self = .offsetDelete(OffsetDeleteResponse())
        case .describeClientQuotas: self = .describeClientQuotas(DescribeClientQuotasResponse())
        case .alterClientQuotas: self = .alterClientQuotas(AlterClientQuotasResponse())
        case .describeUserScramCredentials: self = .describeUserScramCredentials(DescribeUserScramCredentialsResponse())
        case .alterUserScramCredentials: self = .alterUserScramCredentials(AlterUserScramCredentialsResponse())
        case .updateFeatures: self = .updateFeatures(UpdateFeaturesResponse())
        case .describeCluster: self = .describeCluster(DescribeClusterResponse())
        case .describeProducers: self = .describeProducers(DescribeProducersResponse())
        case .describeTransactions: self = .describeTransactions(DescribeTransactionsResponse())
        case .listTransactions: self = .listTransactions(ListTransactionsResponse())
        case .consumerGroupHeartbeat: self = .consumerGroupHeartbeat(ConsumerGroupHeartbeatResponse())
        case .consumerGroupDescribe: self = .consumerGroupDescribe(ConsumerGroupDescribeResponse())
        case .getTelemetrySubscriptions: self = .getTelemetrySubscriptions(GetTelemetrySubscriptionsResponse())
        case .pushTelemetry: self = .pushTelemetry(PushTelemetryResponse())
        case .listConfigResources: self = .listConfigResources(ListConfigResourcesResponse())
        case .describeTopicPartitions: self = .describeTopicPartitions(DescribeTopicPartitionsResponse())
        case .shareGroupHeartbeat: self = .shareGroupHeartbeat(ShareGroupHeartbeatResponse())
        case .shareGroupDescribe: self = .shareGroupDescribe(ShareGroupDescribeResponse())
        case .shareFetch: self = .shareFetch(ShareFetchResponse())
        case .shareAcknowledge: self = .shareAcknowledge(ShareAcknowledgeResponse())
        case .describeShareGroupOffsets: self = .describeShareGroupOffsets(DescribeShareGroupOffsetsResponse())
        case .alterShareGroupOffsets: self = .alterShareGroupOffsets(AlterShareGroupOffsetsResponse())
        case .deleteShareGroupOffsets: self = .deleteShareGroupOffsets(DeleteShareGroupOffsetsResponse())
        }
    }

    package var apiKey: APIKey {
        switch self {
        case .produce: .produce
        case .fetch: .fetch
        case .listOffsets: .listOffsets
        case .metadata: .metadata
        case .offsetCommit: .offsetCommit
        case .offsetFetch: .offsetFetch
        case .findCoordinator: .findCoordinator
        case .joinGroup: .joinGroup
        case .heartbeat: .heartbeat
        case .leaveGroup: .leaveGroup
        case .syncGroup: .syncGroup
        case .describeGroups: .describeGroups
        case .listGroups: .listGroups
        case .saslHandshake: .saslHandshake
        case .apiVersions: .apiVersions
        case .createTopics: .createTopics
        case .deleteTopics: .deleteTopics
        case .deleteRecords: .deleteRecords
        case .initProducerId: .initProducerId
        case .offsetForLeaderEpoch: .offsetForLeaderEpoch
        case .addPartitionsToTxn: .addPartitionsToTxn
        case .addOffsetsToTxn: .addOffsetsToTxn
        case .endTxn: .endTxn
        case .writeTxnMarkers: .writeTxnMarkers
        case .txnOffsetCommit: .txnOffsetCommit
        case .describeAcls: .describeAcls
        case .createAcls: .createAcls
        case .deleteAcls: .deleteAcls
        case .describeConfigs: .describeConfigs
        case .alterConfigs: .alterConfigs
        case .alterReplicaLogDirs: .alterReplicaLogDirs
        case .describeLogDirs: .describeLogDirs
        case .saslAuthenticate: .saslAuthenticate
        case .createPartitions: .createPartitions
        case .deleteGroups: .deleteGroups
        case .electLeaders: .electLeaders
        case .incrementalAlterConfigs: .incrementalAlterConfigs
        case .alterPartitionReassignments: .alterPartitionReassignments
        case .listPartitionReassignments: .listPartitionReassignments
        case .offsetDelete: .offsetDelete
        case .describeClientQuotas: .describeClientQuotas
        case .alterClientQuotas: .alterClientQuotas
        case .describeUserScramCredentials: .describeUserScramCredentials
        case .alterUserScramCredentials: .alterUserScramCredentials
        case .updateFeatures: .updateFeatures
        case .describeCluster: .describeCluster
        case .describeProducers: .describeProducers
        case .describeTransactions: .describeTransactions
        case .listTransactions: .listTransactions
        case .consumerGroupHeartbeat: .consumerGroupHeartbeat
        case .consumerGroupDescribe: .consumerGroupDescribe
        case .getTelemetrySubscriptions: .getTelemetrySubscriptions
        case .pushTelemetry: .pushTelemetry
        case .listConfigResources: .listConfigResources
        case .describeTopicPartitions: .describeTopicPartitions
        case .shareGroupHeartbeat: .shareGroupHeartbeat
        case .shareGroupDescribe: .shareGroupDescribe
        case .shareFetch: .shareFetch
        case .shareAcknowledge: .shareAcknowledge
        case .describeShareGroupOffsets: .describeShareGroupOffsets
        case .alterShareGroupOffsets: .alterShareGroupOffsets
        case .deleteShareGroupOffsets: .deleteShareGroupOffsets
        }
    }

    /// Walks the response whatever it is. Stays generic inside this module, where it is specialised for every coder.
    mutating func wire(_ w: inout some WireCoder) {
        switch self {
        case .produce(var body): w.structure("", &body); self = .produce(body)
        case .fetch(var body): w.structure("", &body); self = .fetch(body)
        case .listOffsets(var body): w.structure("", &body); self = .listOffsets(body)
        case .metadata(var body): w.structure("", &body); self = .metadata(body)
        case .offsetCommit(var body): w.structure("", &body); self = .offsetCommit(body)
        case .offsetFetch(var body): w.structure("", &body); self = .offsetFetch(body)
        case .findCoordinator(var body): w.structure("", &body); self = .findCoordinator(body)
        case .joinGroup(var body): w.structure("", &body); self = .joinGroup(body)
        case .heartbeat(var body): w.structure("", &body); self = .heartbeat(body)
        case .leaveGroup(var body): w.structure("", &body); self = .leaveGroup(body)
        case .syncGroup(var body): w.structure("", &body); self = .syncGroup(body)
        case .describeGroups(var body): w.structure("", &body); self = .describeGroups(body)
        case .listGroups(var body): w.structure("", &body); self = .listGroups(body)
        case .saslHandshake(var body): w.structure("", &body); self = .saslHandshake(body)
        case .apiVersions(var body): w.structure("", &body); self = .apiVersions(body)
        case .createTopics(var body): w.structure("", &body); self = .createTopics(body)
        case .deleteTopics(var body): w.structure("", &body); self = .deleteTopics(body)
        case .deleteRecords(var body): w.structure("", &body); self = .deleteRecords(body)
        case .initProducerId(var body): w.structure("", &body); self = .initProducerId(body)
        case .offsetForLeaderEpoch(var body): w.structure("", &body); self = .offsetForLeaderEpoch(body)
        case .addPartitionsToTxn(var body): w.structure("", &body); self = .addPartitionsToTxn(body)
        case .addOffsetsToTxn(var body): w.structure("", &body); self = .addOffsetsToTxn(body)
        case .endTxn(var body): w.structure("", &body); self = .endTxn(body)
        case .writeTxnMarkers(var body): w.structure("", &body); self = .writeTxnMarkers(body)
        case .txnOffsetCommit(var body): w.structure("", &body); self = .txnOffsetCommit(body)
        case .describeAcls(var body): w.structure("", &body); self = .describeAcls(body)
        case .createAcls(var body): w.structure("", &body); self = .createAcls(body)
        case .deleteAcls(var body): w.structure("", &body); self = .deleteAcls(body)
        case .describeConfigs(var body): w.structure("", &body); self = .describeConfigs(body)
        case .alterConfigs(var body): w.structure("", &body); self = .alterConfigs(body)
        case .alterReplicaLogDirs(var body): w.structure("", &body); self = .alterReplicaLogDirs(body)
        case .describeLogDirs(var body): w.structure("", &body); self = .describeLogDirs(body)
        case .saslAuthenticate(var body): w.structure("", &body); self = .saslAuthenticate(body)
        case .createPartitions(var body): w.structure("", &body); self = .createPartitions(body)
        case .deleteGroups(var body): w.structure("", &body); self = .deleteGroups(body)
        case .electLeaders(var body): w.structure("", &body); self = .electLeaders(body)
        case .incrementalAlterConfigs(var body): w.structure("", &body); self = .incrementalAlterConfigs(body)
        case .alterPartitionReassignments(var body): w.structure("", &body); self = .alterPartitionReassignments(body)
        case .listPartitionReassignments(var body): w.structure("", &body); self = .listPartitionReassignments(body)
        case .offsetDelete(var body): w.structure("", &body); self = .offsetDelete(body)
        case .describeClientQuotas(var body): w.structure("", &body); self = .describeClientQuotas(body)
        case .alterClientQuotas(var body): w.structure("", &body); self = .alterClientQuotas(body)
        case .describeUserScramCredentials(var body): w.structure("", &body); self = .describeUserScramCredentials(body)
        case .alterUserScramCredentials(var body): w.structure("", &body); self = .alterUserScramCredentials(body)
        case .updateFeatures(var body): w.structure("", &body); self = .updateFeatures(body)
        case .describeCluster(var body): w.structure("", &body); self = .describeCluster(body)
        case .describeProducers(var body): w.structure("", &body); self = .describeProducers(body)
        case .describeTransactions(var body): w.structure("", &body); self = .describeTransactions(body)
        case .listTransactions(var body): w.structure("", &body); self = .listTransactions(body)
        case .consumerGroupHeartbeat(var body): w.structure("", &body); self = .consumerGroupHeartbeat(body)
        case .consumerGroupDescribe(var body): w.structure("", &body); self = .consumerGroupDescribe(body)
        case .getTelemetrySubscriptions(var body): w.structure("", &body); self = .getTelemetrySubscriptions(body)
        case .pushTelemetry(var body): w.structure("", &body); self = .pushTelemetry(body)
        case .listConfigResources(var body): w.structure("", &body); self = .listConfigResources(body)
        case .describeTopicPartitions(var body): w.structure("", &body); self = .describeTopicPartitions(body)
        case .shareGroupHeartbeat(var body): w.structure("", &body); self = .shareGroupHeartbeat(body)
        case .shareGroupDescribe(var body): w.structure("", &body); self = .shareGroupDescribe(body)
        case .shareFetch(var body): w.structure("", &body); self = .shareFetch(body)
        case .shareAcknowledge(var body): w.structure("", &body); self = .shareAcknowledge(body)
        case .describeShareGroupOffsets(var body): w.structure("", &body); self = .describeShareGroupOffsets(body)
        case .alterShareGroupOffsets(var body): w.structure("", &body); self = .alterShareGroupOffsets(body)
        case .deleteShareGroupOffsets(var body): w.structure("", &body); self = .deleteShareGroupOffsets(body)
        }
    }
}
