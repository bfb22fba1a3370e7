import NIOCore
import Testing

@testable import KafkaProtocol

@Suite struct `A message as text` {
    @Test func `names its fields, and of bytes only how many`() {
        var request = ProduceRequest()
        request.acks = -1
        var partition = ProduceRequest.PartitionProduceData()
        partition.records = ByteBuffer(string: "secret")
        var topic = ProduceRequest.TopicProduceData()
        topic.name = "orders"
        topic.partitionData = [partition]
        request.topicData = [topic]
        #expect(
            Request.produce(request).text(version: 9, limit: 1000)
                == "{TransactionalId: null, Acks: -1, TimeoutMs: 0, "
                + "TopicData: [{Name: 'orders', PartitionData: [{Index: 0, Records: 6 bytes}]}]}")
        #expect(Request.produce(request).text(version: 9, limit: 10).count < 40)
    }

    @Test(arguments: APIKey.allCases) func `can be had of every message`(api: APIKey) {
        for version in api.versions {
            #expect(Request.sample(api, version: version, seed: 1).text(version: version, limit: 500).count < 1100)
            #expect(!Response.sample(api, version: version, seed: 1).text(version: version, limit: 500).isEmpty)
        }
    }
}

@Suite struct `The topics that a request names` {
    @Test func `are found by name and by id`() {
        var create = CreateTopicsRequest()
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.name = "orders"
        var config = CreateTopicsRequest.CreatableTopicConfig()
        config.name = "retention.ms"
        topic.configs = [config]
        create.topics = [topic]
        #expect(Request.createTopics(create).namedTopics(version: 7).names == ["orders"])

        var fetch = FetchRequest()
        var fetched = FetchRequest.FetchTopic()
        fetched.topicID = TopicID(high: 1, low: 2)
        fetch.topics = [fetched]
        #expect(Request.fetch(fetch).namedTopics(version: 13).ids == [TopicID(high: 1, low: 2)])
    }
}

@Suite struct `An error put into a reply` {
    @Test(arguments: APIKey.allCases) func `stands in every place that the reply has`(api: APIKey) {
        for version in api.versions {
            var response = Response.sample(api, version: version, seed: 3)
            response.stamp(.notController, version: version)
            let text = response.text(version: version, limit: 100_000)
            let codes = text.split(separator: "ErrorCode: ").dropFirst()
            #expect(codes.allSatisfy { $0.hasPrefix("NOT_CONTROLLER") })
        }
    }
}
