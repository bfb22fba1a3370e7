import TestSupport
import FakeBroker
import FakeBrokerTesting
import Foundation
import Testing

/// The admin calls of public clients: each script makes all that its client has, and tells what it saw.
@Suite(
    .fakeBroker {
        $0.brokers = 2
        $0.racks = ["a", "b"]
        $0.topics = [.init("orders", partitions: 2, replicationFactor: 2)]
        $0.journalMessages = true
    })
struct AdminClientTests {
    /// What each call saw, by its name, as JSON.
    private func ask(_ script: String) async throws -> [String: String] {
        let broker = try FakeBroker.current
        try await broker.setReplicas(topic: "orders", to: [1, 2])
        try await broker.moveLeader(topic: "orders", to: 1)
        for time in 1...2 { try await broker.append([.init("a", timestamp: Int64(time) * 1000)], to: "orders") }
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "clients/\(script)")
        let environment = ProcessInfo.processInfo.environment
        let output = try await Command.run(
            [environment["PYTHON"] ?? "python3", "-B", path.path()],
            input: try JSONEncoder().encode(["bootstrap": broker.bootstrapServers]))
        if output.errors.contains("ModuleNotFoundError"), environment["CI"] != "true" {
            try Test.cancel("a Python package is missing; run setup/test.sh, which installs it: \(output.errors)")
        }
        let answer = try? JSONSerialization.jsonObject(with: output.data) as? [String: Any]
        let seen = try #require(answer, "\(output.text)\n\(output.errors)")
        return try seen.mapValues { value in
            let data = try JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
            return String(decoding: data, as: UTF8.self).replacing("\\/", with: "/")
        }
    }

    private func compare(_ seen: [String: String], _ expected: [String: String]) {
        for (call, value) in expected.sorted(by: { $0.key < $1.key }) {
            #expect(seen[call] == value, "\(call)")
        }
        #expect(seen.keys.sorted() == expected.keys.sorted())
    }

    @Test func `of confluent-kafka see what they should`() async throws {
        let kafka = 5
        let own = 1
        compare(
            try await ask("admin_confluent.py"),
            [
                "describe_cluster": #"[2,["a","b"],1,true]"#,
                "cluster_id": "true",
                "list_groups": "0",
                "list_topics": #"["orders"]"#,
                "create_topics":
                    #"["NONE","NONE","TOPIC_ALREADY_EXISTS","INVALID_CONFIG",["fresh","orders"]]"#,
                "create_partitions": #"["NONE","INVALID_PARTITIONS","UNKNOWN_TOPIC_OR_PART"]"#,
                "describe_topics": "[4,[2],true]",
                "describe_configs":
                    #"[["delete",\#(kafka),false],["1000",\#(own),false],["1",4,true],"UNKNOWN_TOPIC_OR_PART"]"#,
                "incremental_alter_configs":
                    #"["NONE","NONE",["5000",\#(own),false],["delete,compact",\#(own),false],"NONE","#
                    + #"["604800000",\#(kafka),false],"INVALID_CONFIG","INVALID_CONFIG"]"#,
                "alter_configs": #"["NONE",["1048576",\#(own),false],["delete",\#(kafka),false]]"#,
                "list_offsets": "[0,2,1,1,0,2,1,1]",
                "elect_leaders": #"["ELECTION_NOT_NEEDED"]"#,
                "delete_topics": #"["NONE","UNKNOWN_TOPIC_OR_PART",["orders"]]"#,
            ])
    }

    @Test func `of kafka-python see what they should`() async throws {
        compare(
            try await ask("admin_kafka_python.py"),
            [
                "describe_cluster": #"[["a","b"],1]"#,
                "list_topics": #"["orders"]"#,
                "get_broker_version_data": "true",
                "create_topics": #"["NONE","TopicAlreadyExistsError","NONE",["fresh","orders"]]"#,
                "create_partitions": #"["NONE","NONE","InvalidPartitionsError"]"#,
                "describe_topics": "[4]",
                "describe_topic_partitions": #"[[["fresh",3]],[["fresh",1],["orders",2]]]"#,
                "list_config_resources": #"{"topic":["orders","fresh"]}"#,
                "describe_configs":
                    #"[["1000","DYNAMIC_TOPIC_CONFIG"],["2","STATIC_BROKER_CONFIG"],["delete","DEFAULT_CONFIG"]]"#,
                "alter_configs":
                    #"["NONE","NONE",["5000","DYNAMIC_TOPIC_CONFIG"],["delete,compact","DYNAMIC_TOPIC_CONFIG"],"#
                    + #""NONE",["1048576","DYNAMIC_TOPIC_CONFIG"]]"#,
                "reset_configs": #"[["604800000","DEFAULT_CONFIG"],["delete","DEFAULT_CONFIG"]]"#,
                "list_partition_offsets": "[0,2,1,1]",
                "alter_partition_reassignments":
                    #"[[null],["InvalidReplicationAssignmentError"],["NoReassignmentInProgressError"],[null]]"#,
                "list_partition_reassignments": "0",
                "leader after the move": "2",
                "elect_leaders": #"["NONE",1,"NONE"]"#,
                "describe_log_dirs": "[2,2]",
                "alter_replica_log_dirs": #"["LogDirNotFoundError","NoError"]"#,
                "describe_features": "[true]",
                "update_features": #"[{"group.version":"OK"},"InvalidUpdateVersionError"]"#,
                "delete_records": "1",
                "describe_metadata_quorum": #""IncompatibleBrokerVersion""#,
                "api_versions": "true",
                "delete_topics": #"["NONE",["orders"]]"#,
            ])
    }

    @Test func `of aiokafka see what they should`() async throws {
        compare(
            try await ask("admin_aiokafka.py"),
            [
                "describe_cluster": #"[["a","b"],1]"#,
                "list_topics": #"["orders"]"#,
                "create_topics": "[[0],[36]]",
                "create_partitions": #"["NONE","InvalidPartitionsError"]"#,
                "describe_topics": "[4]",
                "describe_configs": #"[["retention.ms","1000"],["node.id","2"]]"#,
                "alter_configs": #"[0,["segment.bytes","1048576"],["retention.ms","604800000"]]"#,
                "delete_records": "1",
                "delete_topics": #"["orders"]"#,
            ])
    }

    /// It skips a tagged field by a byte too few, and is lucky only if nothing follows.
    @Test func `are not told of features where librdkafka would misread them`() async throws {
        let broker = try FakeBroker.current
        let output = try await Command.run(["kcat", "-b", broker.bootstrapServers, "-L", "-J", "-m", "10"])
        if output.status == 127 { try Test.cancel("kcat is missing; run setup/test.sh, which installs it") }
        #expect(output.text.contains(#""topic":"orders""#), "\(output.errors)")
        let answers = try await broker.journal().matching(api: "ApiVersions")
        let isOld = answers.contains { $0.request?.contains("ClientSoftwareVersion: '2.0.2") == true }
        let isTold = answers.contains { $0.reply?.contains("FinalizedFeatures") == true }
        #expect(!(isOld && isTold))
        #expect(answers.allSatisfy { $0.outcome.isSuccess })
    }
}
