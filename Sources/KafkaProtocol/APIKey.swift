/// Every request that a client may send, by its number on the wire.
///
/// To add one: a case here with its facts, a file under Messages/, and a case in `Request` and in `Response`; the
/// compiler lists what is missing.
///
/// Versions run from the lowest that a peer of ours still sends (Kafka 3 dropped none, Kafka 4 dropped some by
/// KIP-896) to the highest of Kafka 4.
package enum APIKey: Int16, CaseIterable, Sendable {
    case produce = 0
    case fetch = 1
    case listOffsets = 2
    case metadata = 3
    case offsetCommit = 8
    case offsetFetch = 9
    case findCoordinator = 10
    case joinGroup = 11
    case heartbeat = 12
    case leaveGroup = 13
    case syncGroup = 14
    case describeGroups = 15
    case listGroups = 16
    case saslHandshake = 17
    case apiVersions = 18
    case createTopics = 19
    case deleteTopics = 20
    case deleteRecords = 21
    case initProducerId = 22
    case offsetForLeaderEpoch = 23
    case addPartitionsToTxn = 24
    case addOffsetsToTxn = 25
    case endTxn = 26
    case writeTxnMarkers = 27
    case txnOffsetCommit = 28
    case describeAcls = 29
    case createAcls = 30
    case deleteAcls = 31
    case describeConfigs = 32
    case alterConfigs = 33
    case alterReplicaLogDirs = 34
    case describeLogDirs = 35
    case saslAuthenticate = 36
    case createPartitions = 37
    case deleteGroups = 42
    case electLeaders = 43
    case incrementalAlterConfigs = 44
    case alterPartitionReassignments = 45
    case listPartitionReassignments = 46
    case offsetDelete = 47
    case describeClientQuotas = 48
    case alterClientQuotas = 49
    case describeUserScramCredentials = 50
    case alterUserScramCredentials = 51
    case updateFeatures = 57
    case describeCluster = 60
    case describeProducers = 61
    case describeTransactions = 65
    case listTransactions = 66
    case consumerGroupHeartbeat = 68
    case consumerGroupDescribe = 69
    case getTelemetrySubscriptions = 71
    case pushTelemetry = 72
    case listConfigResources = 74
    case describeTopicPartitions = 75
    case shareGroupHeartbeat = 76
    case shareGroupDescribe = 77
    case shareFetch = 78
    case shareAcknowledge = 79
    case describeShareGroupOffsets = 90
    case alterShareGroupOffsets = 91
    case deleteShareGroupOffsets = 92

    /// Kafka's name, such as `InitProducerId`.
    package var name: String { facts.name }

    /// The versions that can be encoded and decoded.
    package var versions: ClosedRange<Int16> { facts.versions }

    /// The versions that a broker offers: not those that Kafka marks as bound to change.
    package var stableVersions: ClosedRange<Int16> { facts.stable ?? versions }

    /// The first version with compact lengths and tagged fields (KIP-482); nil if there is none.
    package var flexibleSince: Int16? { facts.flexibleSince }

    package func isFlexible(_ version: Int16) -> Bool {
        guard let flexibleSince else { return false }
        return version >= flexibleSince
    }

    package func requestHeaderVersion(_ version: Int16) -> Int16 { isFlexible(version) ? 2 : 1 }

    /// The reply to ApiVersions has the oldest header in every version, for its reader does not know yet what the
    /// broker speaks (KIP-511).
    package func responseHeaderVersion(_ version: Int16) -> Int16 {
        self != .apiVersions && isFlexible(version) ? 1 : 0
    }

    private struct Facts {
        var name: String
        var versions: ClosedRange<Int16>
        var flexibleSince: Int16?
        var stable: ClosedRange<Int16>?

        init(
            _ name: String, _ versions: ClosedRange<Int16>, flexible: Int16? = nil, stable: ClosedRange<Int16>? = nil
        ) {
            self.name = name
            self.versions = versions
            self.flexibleSince = flexible
            self.stable = stable
        }
    }

    private var facts: Facts {
        switch self {
        case .produce: Facts("Produce", 3...13, flexible: 9)
        case .fetch: Facts("Fetch", 4...18, flexible: 12)
        case .listOffsets: Facts("ListOffsets", 0...11, flexible: 6)
        case .metadata: Facts("Metadata", 0...13, flexible: 9)
        case .offsetCommit: Facts("OffsetCommit", 0...10, flexible: 8)
        case .offsetFetch: Facts("OffsetFetch", 0...10, flexible: 6)
        case .findCoordinator: Facts("FindCoordinator", 0...6, flexible: 3)
        case .joinGroup: Facts("JoinGroup", 0...9, flexible: 6)
        case .heartbeat: Facts("Heartbeat", 0...4, flexible: 4)
        case .leaveGroup: Facts("LeaveGroup", 0...5, flexible: 4)
        case .syncGroup: Facts("SyncGroup", 0...5, flexible: 4)
        case .describeGroups: Facts("DescribeGroups", 0...6, flexible: 5)
        case .listGroups: Facts("ListGroups", 0...5, flexible: 3)
        case .saslHandshake: Facts("SaslHandshake", 0...1)
        case .apiVersions: Facts("ApiVersions", 0...4, flexible: 3)
        case .createTopics: Facts("CreateTopics", 0...7, flexible: 5)
        case .deleteTopics: Facts("DeleteTopics", 0...6, flexible: 4)
        case .deleteRecords: Facts("DeleteRecords", 0...2, flexible: 2)
        case .initProducerId: Facts("InitProducerId", 0...6, flexible: 2, stable: 0...5)
        case .offsetForLeaderEpoch: Facts("OffsetForLeaderEpoch", 2...4, flexible: 4)
        case .addPartitionsToTxn: Facts("AddPartitionsToTxn", 0...5, flexible: 3)
        case .addOffsetsToTxn: Facts("AddOffsetsToTxn", 0...4, flexible: 3)
        case .endTxn: Facts("EndTxn", 0...5, flexible: 3)
        case .writeTxnMarkers: Facts("WriteTxnMarkers", 0...2, flexible: 1)
        case .txnOffsetCommit: Facts("TxnOffsetCommit", 0...5, flexible: 3)
        case .describeAcls: Facts("DescribeAcls", 0...3, flexible: 2)
        case .createAcls: Facts("CreateAcls", 0...3, flexible: 2)
        case .deleteAcls: Facts("DeleteAcls", 0...3, flexible: 2)
        case .describeConfigs: Facts("DescribeConfigs", 0...4, flexible: 4)
        case .alterConfigs: Facts("AlterConfigs", 0...2, flexible: 2)
        case .alterReplicaLogDirs: Facts("AlterReplicaLogDirs", 0...2, flexible: 2)
        case .describeLogDirs: Facts("DescribeLogDirs", 0...5, flexible: 2)
        case .saslAuthenticate: Facts("SaslAuthenticate", 0...2, flexible: 2)
        case .createPartitions: Facts("CreatePartitions", 0...3, flexible: 2)
        case .deleteGroups: Facts("DeleteGroups", 0...2, flexible: 2)
        case .electLeaders: Facts("ElectLeaders", 0...2, flexible: 2)
        case .incrementalAlterConfigs: Facts("IncrementalAlterConfigs", 0...1, flexible: 1)
        case .alterPartitionReassignments: Facts("AlterPartitionReassignments", 0...1, flexible: 0)
        case .listPartitionReassignments: Facts("ListPartitionReassignments", 0...0, flexible: 0)
        case .offsetDelete: Facts("OffsetDelete", 0...0)
        case .describeClientQuotas: Facts("DescribeClientQuotas", 0...1, flexible: 1)
        case .alterClientQuotas: Facts("AlterClientQuotas", 0...1, flexible: 1)
        case .describeUserScramCredentials: Facts("DescribeUserScramCredentials", 0...0, flexible: 0)
        case .alterUserScramCredentials: Facts("AlterUserScramCredentials", 0...0, flexible: 0)
        case .updateFeatures: Facts("UpdateFeatures", 0...2, flexible: 0)
        case .describeCluster: Facts("DescribeCluster", 0...2, flexible: 0)
        case .describeProducers: Facts("DescribeProducers", 0...0, flexible: 0)
        case .describeTransactions: Facts("DescribeTransactions", 0...0, flexible: 0)
        case .listTransactions: Facts("ListTransactions", 0...2, flexible: 0)
        case .consumerGroupHeartbeat: Facts("ConsumerGroupHeartbeat", 0...1, flexible: 0)
        case .consumerGroupDescribe: Facts("ConsumerGroupDescribe", 0...1, flexible: 0)
        case .getTelemetrySubscriptions: Facts("GetTelemetrySubscriptions", 0...0, flexible: 0)
        case .pushTelemetry: Facts("PushTelemetry", 0...0, flexible: 0)
        case .listConfigResources: Facts("ListConfigResources", 0...1, flexible: 0)
        case .describeTopicPartitions: Facts("DescribeTopicPartitions", 0...0, flexible: 0)
        case .shareGroupHeartbeat: Facts("ShareGroupHeartbeat", 1...1, flexible: 0)
        case .shareGroupDescribe: Facts("ShareGroupDescribe", 1...1, flexible: 0)
        case .shareFetch: Facts("ShareFetch", 1...2, flexible: 0)
        case .shareAcknowledge: Facts("ShareAcknowledge", 1...2, flexible: 0)
        case .describeShareGroupOffsets: Facts("DescribeShareGroupOffsets", 0...1, flexible: 0)
        case .alterShareGroupOffsets: Facts("AlterShareGroupOffsets", 0...0, flexible: 0)
        case .deleteShareGroupOffsets: Facts("DeleteShareGroupOffsets", 0...0, flexible: 0)
        }
    }
}
