import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// What the settings of a single group change.
@Suite struct `A group's own settings` {
    private var brokers = VirtualCluster { $0.topics = [.init("t")] }

    private mutating func set(_ name: String, _ value: String, group: String = "g") throws {
        var request = IncrementalAlterConfigsRequest()
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = ConfigResourceType.group.rawValue
        resource.resourceName = group
        var config = IncrementalAlterConfigsRequest.AlterableConfig()
        config.name = name
        config.value = value
        resource.configs = [config]
        request.resources = [resource]
        guard case .incrementalAlterConfigs(let response) = brokers.send(.incrementalAlterConfigs(request)) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(response.responses.map(\.errorCode) == [.none])
    }

    @Test mutating func `change timeouts of a consumer group, and of no other`() throws {
        try set("consumer.session.timeout.ms", "10000")
        try set("consumer.heartbeat.interval.ms", "700")
        var a = ConsumerMember("a")
        var b = ConsumerMember("b", group: "h")
        #expect(try a.beat(&brokers).heartbeatIntervalMs == 700)
        #expect(try b.beat(&brokers).heartbeatIntervalMs == 5000)
        brokers.pass(.seconds(10))
        #expect(brokers.cluster.groups[consumer: "g"]?.memberIDs == [])
        #expect(brokers.cluster.groups[consumer: "h"]?.memberIDs == ["b"])
    }

    @Test mutating func `change timeouts, locks and the beginning of a share group`() throws {
        try set("share.auto.offset.reset", "earliest")
        try set("share.record.lock.duration.ms", "2000")
        try set("share.delivery.count.limit", "2")
        try set("share.session.timeout.ms", "9000")
        try set("share.heartbeat.interval.ms", "800")
        _ = brokers.produce(Batches.make(["x"]))
        var a = ShareMember("a")
        #expect(try a.beat(&brokers).heartbeatIntervalMs == 800)
        for delivery in 1...2 {
            let answer = try a.fetch(&brokers)
            #expect(answer.acquired == ["0-0×\(delivery)"])
            #expect(answer.acquisitionLockTimeoutMs == 2000)
            brokers.pass(.seconds(2))
        }
        #expect(try a.fetch(&brokers).acquired == [])
        brokers.pass(.seconds(5))
        #expect(brokers.cluster.groups[share: "g"]?.memberIDs == [])
    }

    @Test mutating func `keep open and aborted transactions from a share group`() throws {
        try set("share.auto.offset.reset", "earliest")
        try set("share.isolation.level", "read_committed")
        var a = ShareMember("a", client: 1)
        try a.open(&brokers)
        var producer = TransactionalClient("tx")
        #expect(brokers.initProducer(&producer) == .none)
        #expect(brokers.write(["aborted"], &producer) == .none)
        #expect(brokers.send(.shareFetch(a.fetchRequest(maxWait: .seconds(5))), from: 1) == nil)
        _ = brokers.produce(Batches.make(["plain"]))
        // The transaction is open, so nothing after its beginning is stable.
        #expect(brokers.take(1).isEmpty)
        #expect(brokers.end(&producer, commit: false) == .none)
        guard case .shareFetch(let answer) = brokers.take(1).first else { throw UnexpectedAnswer(nil) }
        #expect(try answer.values.first == "plain")
        a.advance()
        #expect(brokers.write(["committed"], &producer) == .none)
        #expect(brokers.end(&producer, commit: true) == .none)
        #expect(try a.fetch(&brokers).values.first == "committed")
    }
}
