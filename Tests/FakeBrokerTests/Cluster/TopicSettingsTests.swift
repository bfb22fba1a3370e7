import KafkaProtocol
import Testing

@testable import FakeBroker

@Suite struct `Topic settings` {
    @Test func `every default is one that would be accepted`() throws {
        let names = TopicSettings.definitions.map(\.name)
        #expect(names == names.sorted())
        #expect(Set(names).count == names.count)
        for definition in TopicSettings.definitions {
            #expect(try TopicSettings.checked(definition.name, definition.defaultValue) == definition.defaultValue)
        }
    }

    @Test func `a typed value begins as the default of its name`() throws {
        var settings = TopicSettings()
        for definition in TopicSettings.definitions { try settings.set(definition.name, to: definition.defaultValue) }
        for definition in TopicSettings.definitions { settings.reset(definition.name) }
        #expect(settings == TopicSettings())
    }

    @Test func `the topic's own value comes first, then the cluster's, then Kafka's`() throws {
        var settings = try TopicSettings(clusterDefaults: ["retention.ms": "5000"])
        #expect(settings.retentionTime == .seconds(5))
        #expect(settings.source(of: "retention.ms") == .broker)
        try settings.set("retention.ms", to: " 60000 ")
        #expect(settings.retentionTime == .seconds(60))
        #expect(settings.value(of: "retention.ms") == "60000")
        #expect(settings.source(of: "retention.ms") == .topic)
        settings.reset("retention.ms")
        #expect(settings.retentionTime == .seconds(5))
        try settings.set(clusterDefaults: [String: String]())
        #expect(settings.value(of: "retention.ms") == "604800000")
        #expect(settings.source(of: "retention.ms") == .kafka)
    }

    @Test func `no limit is minus one`() throws {
        var settings = TopicSettings()
        try settings.set("retention.ms", to: "-1")
        try settings.set("retention.bytes", to: "1000")
        #expect(settings.retentionTime == nil)
        #expect(settings.retentionBytes == 1000)
    }

    @Test func `a list takes additions and removals`() throws {
        var settings = TopicSettings()
        try settings.change("cleanup.policy", appending: ["compact"])
        #expect(settings.value(of: "cleanup.policy") == "delete,compact")
        #expect(settings.deletes && settings.compacts)
        try settings.change("cleanup.policy", subtracting: ["delete"])
        #expect(!settings.deletes && settings.compacts)
        #expect(throws: TopicSettings.Invalid.self) { try settings.change("retention.ms", appending: ["1"]) }
    }

    @Test(arguments: [
        ("retention.ms", "soon"), ("retention.ms", "-2"), ("max.message.bytes", "2147483648"), ("preallocate", "yes"),
        ("cleanup.policy", "compact,burn"), ("message.timestamp.type", "createtime"), ("no.such.name", "1"),
        ("min.cleanable.dirty.ratio", "nan"), ("min.insync.replicas", "0"),
    ])
    func `what is not accepted changes nothing and says what is`(name: String, value: String) throws {
        var settings = TopicSettings()
        let error = #expect(throws: TopicSettings.Invalid.self) {
            try settings.replaceOwn(["segment.ms": "1", name: value])
        }
        #expect(error?.description.contains(name) == true)
        #expect(settings == TopicSettings())
    }

    @Test func `a topic is created with them, told them, and refused with wrong ones`() throws {
        var cluster = VirtualCluster()
        var request = CreateTopicsRequest()
        request.topics = [("a", "max.message.bytes", "1000"), ("b", "max.message.bytes", "many")].map {
            var topic = CreateTopicsRequest.CreatableTopic()
            topic.name = $0
            topic.numPartitions = 1
            topic.replicationFactor = 1
            var config = CreateTopicsRequest.CreatableTopicConfig()
            (config.name, config.value) = ($1, $2)
            topic.configs = [config]
            return topic
        }
        guard case .createTopics(let answer) = cluster.send(.createTopics(request)) else { throw UnexpectedAnswer(nil) }
        #expect(answer.topics.map(\.errorCode) == [.none, .invalidConfig])
        #expect(answer.topics[0].configs?.first { $0.configSource == 1 }?.value == "1000")
        #expect(answer.topics[0].configs?.count == TopicSettings.definitions.count)
        let refused = cluster.produce(Batches.make([String(repeating: "x", count: 1000)]), to: "a")
        #expect(refused?.errorCode == .messageTooLarge)
        #expect(cluster.produce(Batches.make(["x"]), to: "a")?.errorCode == ErrorCode.none)
    }
}
