// A request of any kind. Reading and writing are in Message+Bytes.swift; here is what each key carries.

package enum Request: Equatable, Sendable {
    case produce(ProduceRequest)
    case fetch(FetchRequest)
    case listOffsets(ListOffsetsRequest)
    case metadata(MetadataRequest)
    case offsetCommit(OffsetCommitRequest)
    case offsetFetch(OffsetFetchRequest)
    case findCoordinator(FindCoordinatorRequest)
    case joinGroup(JoinGroupRequest)
    case heartbeat(HeartbeatRequest)
    case leaveGroup(LeaveGroupRequest)
    case syncGroup(SyncGroupRequest)
    case describeGroups(DescribeGroupsRequest)
    case listGroups(ListGroupsRequest)
    case saslHandshake(SaslHandshakeRequest)
    case apiVersions(ApiVersionsRequest)
    case createTopics(CreateTopicsRequest)
    case deleteTopics(DeleteTopicsRequest)
    case deleteRecords(DeleteRecordsRequest)
    case initProducerId(InitProducerIdRequest)
    case offsetForLeaderEpoch(OffsetForLeaderEpochRequest)
    case addPartitionsToTxn(AddPartitionsToTxnRequest)
    case addOffsetsToTxn(AddOffsetsToTxnRequest)
    case endTxn(EndTxnRequest)
    case writeTxnMarkers(WriteTxnMarkersRequest)
    case txnOffsetCommit(TxnOffsetCommitRequest)
    case describeAcls(DescribeAclsRequest)
    case createAcls(CreateAclsRequest)
    case deleteAcls(DeleteAclsRequest)
    case describeConfigs(DescribeConfigsRequest)
    case alterConfigs(AlterConfigsRequest)
    case alterReplicaLogDirs(AlterReplicaLogDirsRequest)
    case describeLogDirs(DescribeLogDirsRequest)
    case saslAuthenticate(SaslAuthenticateRequest)
    case createPartitions(CreatePartitionsRequest)
    case deleteGroups(DeleteGroupsRequest)
    case electLeaders(ElectLeadersRequest)
    case incrementalAlterConfigs(IncrementalAlterConfigsRequest)
    case alterPartitionReassignments(AlterPartitionReassignmentsRequest)
    case listPartitionReassignments(ListPartitionReassignmentsRequest)
    case offsetDelete(OffsetDeleteRequest)
    case describeClientQuotas(DescribeClientQuotasRequest)
    case alterClientQuotas(AlterClientQuotasRequest)
    case describeUserScramCredentials(DescribeUserScramCredentialsRequest)
    case alterUserScramCredentials(AlterUserScramCredentialsRequest)
    case updateFeatures(UpdateFeaturesRequest)
    case describeCluster(DescribeClusterRequest)
    case describeProducers(DescribeProducersRequest)
    case describeTransactions(DescribeTransactionsRequest)
    case listTransactions(ListTransactionsRequest)
    case consumerGroupHeartbeat(ConsumerGroupHeartbeatRequest)
    case consumerGroupDescribe(ConsumerGroupDescribeRequest)
    case getTelemetrySubscriptions(GetTelemetrySubscriptionsRequest)
    case pushTelemetry(PushTelemetryRequest)
    case listConfigResources(ListConfigResourcesRequest)
    case describeTopicPartitions(DescribeTopicPartitionsRequest)
    case shareGroupHeartbeat(ShareGroupHeartbeatRequest)
    case shareGroupDescribe(ShareGroupDescribeRequest)
    case shareFetch(ShareFetchRequest)
    case shareAcknowledge(ShareAcknowledgeRequest)
    case describeShareGroupOffsets(DescribeShareGroupOffsetsRequest)
    case alterShareGroupOffsets(AlterShareGroupOffsetsRequest)
    case deleteShareGroupOffsets(DeleteShareGroupOffsetsRequest)

    /// The request with every field at its default.
    package init(_ apiKey: APIKey) {
        switch apiKey {
        case .produce: self = .produce(ProduceRequest())
        case .fetch: self = .fetch(FetchRequest())
        case .listOffsets: self = .listOffsets(ListOffsetsRequest())
        case .metadata: self = .metadata(MetadataRequest())
        case .offsetCommit: self = .offsetCommit(OffsetCommitRequest())
        case .offsetFetch: self = .offsetFetch(OffsetFetchRequest())
        case .findCoordinator: self = .findCoordinator(FindCoordinatorRequest())
        case .joinGroup: self = .joinGroup(JoinGroupRequest())
        case .heartbeat: self = .heartbeat(HeartbeatRequest())
        case .leaveGroup: self = .leaveGroup(LeaveGroupRequest())
        case .syncGroup: self = .syncGroup(SyncGroupRequest())
        case .describeGroups: self = .describeGroups(DescribeGroupsRequest())
        case .listGroups: self = .listGroups(ListGroupsRequest())
        case .saslHandshake: self = .saslHandshake(SaslHandshakeRequest())
        case .apiVersions: self = .apiVersions(ApiVersionsRequest())
        case .createTopics: self = .createTopics(CreateTopicsRequest())
        case .deleteTopics: self = .deleteTopics(DeleteTopicsRequest())
        case .deleteRecords: self = .deleteRecords(DeleteRecordsRequest())
        case .initProducerId: self = .initProducerId(InitProducerIdRequest())
        case .offsetForLeaderEpoch: self = .offsetForLeaderEpoch(OffsetForLeaderEpochRequest())
        case .addPartitionsToTxn: self = .addPartitionsToTxn(AddPartitionsToTxnRequest())
        case .addOffsetsToTxn: self = .addOffsetsToTxn(AddOffsetsToTxnRequest())
        case .endTxn: self = .endTxn(EndTxnRequest())
        case .writeTxnMarkers: self = .writeTxnMarkers(WriteTxnMarkersRequest())
        case .txnOffsetCommit: self = .txnOffsetCommit(TxnOffsetCommitRequest())
        case .describeAcls: self = .describeAcls(DescribeAclsRequest())
        case .createAcls: self = .createAcls(CreateAclsRequest())
        case .deleteAcls: self = .deleteAcls(DeleteAclsRequest())
        case .describeConfigs: self = .describeConfigs(DescribeConfigsRequest())
        case .alterConfigs: self = .alterConfigs(AlterConfigsRequest())
        case .alterReplicaLogDirs: self = .alterReplicaLogDirs(AlterReplicaLogDirsRequest())
        case .describeLogDirs: self = .describeLogDirs(DescribeLogDirsRequest())
        case .saslAuthenticate: self = .saslAuthenticate(SaslAuthenticateRequest())
        case .createPartitions: self = .createPartitions(CreatePartitionsRequest())
        case .deleteGroups: self = .deleteGroups(DeleteGroupsRequest())
        case .electLeaders: self = .electLeaders(ElectLeadersRequest())
        case .incrementalAlterConfigs: self = .incrementalAlterConfigs(IncrementalAlterConfigsRequest())
        case .alterPartitionReassignments: self = .alterPartitionReassignments(AlterPartitionReassignmentsRequest())
        case .listPartitionReassignments: self = .listPartitionReassignments(ListPartitionReassignmentsRequest())
        case .offsetDelete: self = .offsetDelete(OffsetDeleteRequest())
        case .describeClientQuotas: self = .describeClientQuotas(DescribeClientQuotasRequest())
        case .alterClientQuotas: self = .alterClientQuotas(AlterClientQuotasRequest())
        case .describeUserScramCredentials: self = .describeUserScramCredentials(DescribeUserScramCredentialsRequest())
        case .alterUserScramCredentials: self = .alterUserScramCredentials(AlterUserScramCredentialsRequest())
        case .updateFeatures: self = .updateFeatures(UpdateFeaturesRequest())
        case .describeCluster: self = .describeCluster(DescribeClusterRequest())
        case .describeProducers: self = .describeProducers(DescribeProducersRequest())
        case .describeTransactions: self = .describeTransactions(DescribeTransactionsRequest())
        case .listTransactions: self = .listTransactions(ListTransactionsRequest())
        case .consumerGroupHeartbeat: self = .consumerGroupHeartbeat(ConsumerGroupHeartbeatRequest())
        case .consumerGroupDescribe: self = .consumerGroupDescribe(ConsumerGroupDescribeRequest())
        case .getTelemetrySubscriptions: self = .getTelemetrySubscriptions(GetTelemetrySubscriptionsRequest())
        case .pushTelemetry: self = .pushTelemetry(PushTelemetryRequest())
        case .listConfigResources: self = .listConfigResources(ListConfigResourcesRequest())
        case .describeTopicPartitions: self = .describeTopicPartitions(DescribeTopicPartitionsRequest())
        case .shareGroupHeartbeat: self = .shareGroupHeartbeat(ShareGroupHeartbeatRequest())
        case .shareGroupDescribe: self = .shareGroupDescribe(ShareGroupDescribeRequest())
        case .shareFetch: self = .shareFetch(ShareFetchRequest())
        case .shareAcknowledge: self = .shareAcknowledge(ShareAcknowledgeRequest())
        case .describeShareGroupOffsets: self = .describeShareGroupOffsets(DescribeShareGroupOffsetsRequest())
        case .alterShareGroupOffsets: self = .alterShareGroupOffsets(AlterShareGroupOffsetsRequest())
        case .deleteShareGroupOffsets: self = .deleteShareGroupOffsets(DeleteShareGroupOffsetsRequest())
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

    /// Walks the request whatever it is. Stays generic inside this module, where it is specialised for every coder.
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
