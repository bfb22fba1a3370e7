import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// Settings as admin clients see them.
@Suite struct `Settings` {
    private var brokers = VirtualCluster {
        $0.brokers = 2
        $0.topics = [.init("t")]
    }

    private static let topic: Int8 = 2
    private static let broker: Int8 = 4

    private mutating func describe(
        _ type: Int8, _ name: String, keys: [String]? = nil
    ) throws -> DescribeConfigsResponse.DescribeConfigsResult {
        var request = DescribeConfigsRequest()
        request.includeSynonyms = true
        var resource = DescribeConfigsRequest.DescribeConfigsResource()
        resource.resourceType = type
        resource.resourceName = name
        resource.configurationKeys = keys
        request.resources = [resource]
        guard case .describeConfigs(let response) = brokers.send(.describeConfigs(request)) else {
            throw UnexpectedAnswer(nil)
        }
        return try #require(response.results.first)
    }

    private mutating func value(
        _ type: Int8, _ name: String, _ key: String
    ) throws -> DescribeConfigsResponse.DescribeConfigsResourceResult {
        try #require(try describe(type, name, keys: [key]).configs.first)
    }

    /// Operations: 0 set, 1 delete, 2 append, 3 subtract.
    private mutating func change(
        _ type: Int8, _ name: String, _ changes: [(String, Int8, String?)], validateOnly: Bool = false
    ) throws -> ErrorCode {
        var request = IncrementalAlterConfigsRequest()
        request.validateOnly = validateOnly
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = type
        resource.resourceName = name
        resource.configs = changes.map { key, operation, value in
            var config = IncrementalAlterConfigsRequest.AlterableConfig()
            config.name = key
            config.configOperation = operation
            config.value = value
            return config
        }
        request.resources = [resource]
        guard case .incrementalAlterConfigs(let response) = brokers.send(.incrementalAlterConfigs(request)) else {
            throw UnexpectedAnswer(nil)
        }
        return try #require(response.responses.first).errorCode
    }

    private mutating func replace(_ type: Int8, _ name: String, _ values: [(String, String?)]) throws -> ErrorCode {
        var request = AlterConfigsRequest()
        var resource = AlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = type
        resource.resourceName = name
        resource.configs = values.map { key, value in
            var config = AlterConfigsRequest.AlterableConfig()
            config.name = key
            config.value = value
            return config
        }
        request.resources = [resource]
        guard case .alterConfigs(let response) = brokers.send(.alterConfigs(request)) else {
            throw UnexpectedAnswer(nil)
        }
        return try #require(response.responses.first).errorCode
    }

    @Test mutating func `of a topic are its own, the cluster's or Kafka's`() throws {
        let before = try value(Self.topic, "t", "retention.ms")
        #expect(before.value == "604800000" && before.configSource == 5)
        #expect(try change(Self.broker, "", [("log.retention.ms", 0, "5000")]) == .none)
        let common = try value(Self.topic, "t", "retention.ms")
        #expect(common.value == "5000" && common.configSource == 3)
        #expect(try change(Self.topic, "t", [("retention.ms", 0, "1000")]) == .none)
        let own = try value(Self.topic, "t", "retention.ms")
        #expect(own.value == "1000" && own.configSource == 1 && own.configType == 5)
        #expect(own.synonyms.map(\.value) == ["1000", "5000", "604800000"])
        #expect(brokers.cluster.topics["t"]?.settings.retentionTime == .seconds(1))
        #expect(try change(Self.topic, "t", [("retention.ms", 1, nil)]) == .none)
        #expect(try value(Self.topic, "t", "retention.ms").value == "5000")
        #expect(brokers.cluster.topics["t"]?.settings.retentionTime == .seconds(5))
        #expect(try describe(Self.topic, "t").configs.count == TopicSettings.definitions.count)
    }

    @Test mutating func `that are lists are extended and shortened`() throws {
        #expect(try change(Self.topic, "t", [("cleanup.policy", 2, "compact")]) == .none)
        #expect(try value(Self.topic, "t", "cleanup.policy").value == "delete,compact")
        #expect(try change(Self.topic, "t", [("cleanup.policy", 3, "delete")]) == .none)
        #expect(try value(Self.topic, "t", "cleanup.policy").value == "compact")
        #expect(try change(Self.topic, "t", [("retention.ms", 2, "1")]) == .invalidConfig)
    }

    @Test mutating func `are replaced all at once`() throws {
        #expect(try replace(Self.topic, "t", [("retention.ms", "1"), ("segment.bytes", "99")]) == .none)
        #expect(try replace(Self.topic, "t", [("segment.bytes", "100"), ("retention.ms", nil)]) == .none)
        #expect(try value(Self.topic, "t", "retention.ms").value == "604800000")
        #expect(try value(Self.topic, "t", "segment.bytes").value == "100")
    }

    @Test mutating func `that are not accepted change nothing`() throws {
        for (name, value) in [("retention.ms", "x"), ("retention.ms", "-2"), ("no.such", "1"), ("cleanup.policy", "x")]
        {
            #expect(try change(Self.topic, "t", [("segment.bytes", 0, "99"), (name, 0, value)]) == .invalidConfig)
            #expect(try replace(Self.topic, "t", [("segment.bytes", "99"), (name, value)]) == .invalidConfig)
        }
        #expect(try change(Self.topic, "t", [("segment.bytes", 0, "99")], validateOnly: true) == .none)
        #expect(try value(Self.topic, "t", "segment.bytes").configSource == 5)
        #expect(try change(Self.topic, "t", [("retention.ms", 7, "1")]) == .invalidRequest)
        #expect(try change(Self.topic, "t", [("retention.ms", 0, nil)]) == .invalidRequest)
        #expect(try change(Self.topic, "t", [("retention.ms", 0, "1"), ("retention.ms", 0, "2")]) == .invalidRequest)
    }

    @Test mutating func `of what is not there are refused`() throws {
        #expect(try describe(Self.topic, "x").errorCode == .unknownTopicOrPartition)
        #expect(try describe(Self.topic, "/").errorCode == .invalidTopicException)
        #expect(try describe(Self.broker, "9").errorCode == .invalidRequest)
        #expect(try describe(Self.broker, "x").errorCode == .invalidRequest)
        #expect(try describe(99, "x").errorCode == .invalidRequest)
        #expect(try change(99, "x", []) == .invalidRequest)
        #expect(try change(32, "", []) == .invalidRequest)
    }

    @Test mutating func `of a broker are told, some of them read-only`() throws {
        let all = try describe(Self.broker, "1").configs
        #expect(all.map(\.name) == all.map(\.name).sorted())
        #expect(all.first { $0.name == "node.id" }?.value == "1")
        #expect(all.first { $0.name == "num.partitions" }?.readOnly == true)
        #expect(try change(Self.broker, "1", [("num.partitions", 0, "4")]) == .invalidConfig)
        #expect(try change(Self.broker, "1", [("num.io.threads", 0, "4")]) == .none)
        #expect(try value(Self.broker, "1", "num.io.threads").configSource == 2)
        #expect(try value(Self.broker, "2", "num.io.threads").configSource == 5)
        #expect(try describe(Self.broker, "").configs.isEmpty)
    }

    @Test mutating func `of groups, metrics and loggers are kept`() throws {
        #expect(try change(32, "g", [("consumer.session.timeout.ms", 0, "46000")]) == .none)
        #expect(try value(32, "g", "consumer.session.timeout.ms").configSource == 8)
        #expect(try change(16, "m", [("metrics", 2, "a"), ("interval.ms", 0, "1000")]) == .none)
        #expect(try change(16, "m", [("metrics", 2, "b")]) == .none)
        #expect(try value(16, "m", "metrics").value == "a,b")
        #expect(try change(8, "1", [("root", 0, "DEBUG")]) == .none)
        #expect(try value(8, "1", "root").value == "DEBUG")
        #expect(try change(8, "1", [("root", 0, "LOUD")]) == .invalidConfig)
        #expect(try replace(8, "1", [("root", "INFO")]) == .invalidRequest)
        var request = ListConfigResourcesRequest()
        guard case .listConfigResources(let all) = brokers.send(.listConfigResources(request)) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(all.configResources.map(\.resourceName) == ["t", "1", "2", "1", "2", "m", "g"])
        guard case .listConfigResources(let old) = brokers.send(.listConfigResources(request), version: 0) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(old.configResources.map(\.resourceName) == ["m"])
        request.resourceTypes = [2, 77]
        guard case .listConfigResources(let wrong) = brokers.send(.listConfigResources(request)) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(wrong.errorCode == .unsupportedVersion)
    }

    @Test mutating func `of a topic that are changed let its records go in time`() throws {
        brokers.cluster.brokers.set(port: 1, of: 1)
        let leader = try #require(brokers.cluster.topics["t"]?.partitions[0].leader)
        _ = brokers.produce(Batches.make(["a"], timestamp: 1_000_000), broker: leader)
        _ = brokers.change { cluster, _, _ in cluster.setBroker(3 - leader, isUp: false) }
        brokers.pass(.seconds(3600))
        #expect(brokers.cluster.topics["t"]?.partitions[0].log.startOffset == 0)
        #expect(try change(Self.broker, "", [("log.retention.ms", 0, "1000")]) == .none)
        brokers.pass(.seconds(3600))
        #expect(brokers.cluster.topics["t"]?.partitions[0].log.startOffset == 1)
    }
}
