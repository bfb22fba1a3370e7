import KafkaProtocol
import NIOCore
import TestSupport
import Testing

@testable import FakeBroker

@Suite struct `Over TCP` {
    private func produce(_ records: ByteBuffer, acks: Int16 = 1) -> Request {
        var request = ProduceRequest()
        request.acks = acks
        var data = ProduceRequest.PartitionProduceData()
        data.records = records
        var topic = ProduceRequest.TopicProduceData()
        topic.name = "t"
        topic.partitionData = [data]
        request.topicData = [topic]
        return .produce(request)
    }

    @Test func `records go in by one connection and out by another`() async throws {
        try await withBrokers({ $0.topics = [.init("t")] }) { broker in
            let producer = try await TestClient.connect(to: broker)
            let consumer = try await TestClient.connect(to: broker)
            try await consumer.request(.fetch(VirtualCluster.fetchRequest(maxWait: .seconds(60))), version: 12)
            guard case .produce(let produced) = try await producer.call(produce(Batches.make(["a"])), version: 9)
            else { return }
            #expect(produced.responses[0].partitionResponses[0].baseOffset == 0)
            let frame = try #require(await consumer.nextFrame())
            guard case .fetch(let fetched) = try Frame.decodeResponse(.fetch, version: 12, frame).response else {
                return
            }
            #expect(try fetched.values == ["a"])
        }
    }

    @Test func `requests that are sent ahead are answered in order, also behind one that waits`() async throws {
        try await withBrokers({ $0.topics = [.init("t")] }) { broker in
            let client = try await TestClient.connect(to: broker)
            var sent: [Int32] = []
            sent.append(try await client.request(.metadata(MetadataRequest())))
            let fetch = Request.fetch(VirtualCluster.fetchRequest(maxWait: .seconds(60)))
            sent.append(try await client.request(fetch, version: 12))
            for _ in 0..<20 { sent.append(try await client.request(.apiVersions(ApiVersionsRequest()), version: 2)) }
            try await eventually("both are in hand") { try await broker.journal().count >= 2 }
            try await broker.append([.init("a")], to: "t")
            for correlation in sent {
                let frame = try #require(await client.nextFrame())
                #expect(frame.getInteger(at: frame.readerIndex, as: Int32.self) == correlation)
            }
        }
    }

    @Test func `a produce without acknowledgement does not hold up the next request`() async throws {
        try await withBrokers({ $0.topics = [.init("t")] }) { broker in
            let client = try await TestClient.connect(to: broker)
            for _ in 0..<10 { try await client.request(produce(Batches.make(["a"]), acks: 0), version: 9) }
            let answer = try await client.call(produce(Batches.make(["a"])), version: 9)
            guard case .produce(let last) = answer else { return }
            #expect(last.responses[0].partitionResponses[0].baseOffset == 10)
        }
    }

    @Test(arguments: [
        ByteBuffer(integer: Int32(-1)), ByteBuffer(integer: Int32.max), ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"),
        ByteBuffer(bytes: [0, 0, 0, 8, 0x7F, 0xFF, 0, 0, 0, 0, 0, 0]),
        ByteBuffer(bytes: [0, 0, 0, 0]),
        // Metadata of a version that there is not.
        ByteBuffer(bytes: [0, 0, 0, 10, 0, 3, 0, 99, 0, 0, 0, 1, 0xFF, 0xFF]),
        // A request that ends too soon.
        ByteBuffer(bytes: [0, 0, 0, 10, 0, 8, 0, 2, 0, 0, 0, 1, 0xFF, 0xFF]),
    ])
    func `garbage closes its own connection and no other`(garbage: ByteBuffer) async throws {
        try await withBrokers { broker in
            let bystander = try await TestClient.connect(to: broker)
            let vandal = try await TestClient.connect(to: broker)
            try await vandal.send(garbage)
            #expect(await vandal.nextFrame() == nil)
            guard case .metadata = try await bystander.call(.metadata(MetadataRequest())) else { return }
        }
    }

    @Test func `a request of the greatest length is taken and none longer`() async throws {
        try await withBrokers({ $0.limits.requestBytes = 1000 }) { broker in
            for excess in [0, 1] {
                let client = try await TestClient.connect(to: broker)
                // ApiVersions v0 has no body, and a client id of any length.
                var bytes = ByteBuffer(integer: Int32(1000 + excess))
                bytes.writeMultipleIntegers(Int16(18), Int16(0), Int32(7), Int16(990 + excess))
                bytes.writeRepeatingByte(UInt8(ascii: "c"), count: 990 + excess)
                try await client.send(bytes)
                #expect((await client.nextFrame() == nil) == (excess == 1))
            }
        }
    }

    @Test func `an unknown version of ApiVersions is answered in version 0`() async throws {
        try await withBrokers { broker in
            let client = try await TestClient.connect(to: broker)
            try await client.send(ByteBuffer(bytes: [0, 0, 0, 11, 0, 18, 0, 99, 0, 0, 0, 5, 0xFF, 0xFF, 0]))
            let frame = try #require(await client.nextFrame())
            let (correlation, response) = try Frame.decodeResponse(.apiVersions, version: 0, frame)
            guard case .apiVersions(let versions) = response else { return }
            #expect(correlation == 5)
            #expect(versions.errorCode == .unsupportedVersion)
            #expect(versions.apiKeys.contains { $0.apiKey == 18 && $0.maxVersion >= 4 })
            // The connection goes on.
            guard case .metadata = try await client.call(.metadata(MetadataRequest())) else { return }
        }
    }

    @Test func `a client that does not read holds up only itself`() async throws {
        try await withBrokers({ $0.topics = [.init("t")] }) { broker in
            let value = String(repeating: "x", count: 500_000)
            for _ in 0..<4 { try await broker.append([.init(value)], to: "t") }
            let sleeper = try await TestClient.connect(to: broker, reads: false)
            for _ in 0..<200 {
                try await sleeper.request(.fetch(VirtualCluster.fetchRequest(maxWait: .zero)), version: 12)
            }
            let other = try await TestClient.connect(to: broker)
            guard case .metadata = try await other.call(.metadata(MetadataRequest())) else { return }
            // No more requests are taken than the sockets between hold replies to.
            let taken = try await broker.journal().count { $0.api == "Fetch" }
            #expect(taken < 200)
            try await sleeper.beginReading()
            for _ in 0..<200 { #expect(await sleeper.nextFrame() != nil) }
        }
    }

    @Test func `a client that goes away in the middle of anything leaves nothing behind`() async throws {
        try await withBrokers({ $0.topics = [.init("t")] }) { broker in
            let waiting = try await TestClient.connect(to: broker)
            try await waiting.request(.fetch(VirtualCluster.fetchRequest(maxWait: .seconds(60))), version: 12)
            let torn = try await TestClient.connect(to: broker)
            try await torn.send(ByteBuffer(bytes: [0, 0, 1, 0, 0, 3]))
            try await eventually("both are connected") { try await broker.connectionCount() == 2 }
            try await waiting.close()
            try await torn.close()
            try await eventually("both are gone") { try await broker.connectionCount() == 0 }
            try await broker.append([.init("a")], to: "t")
        }
    }

    @Test func `a thousand connections are served`() async throws {
        try await withBrokers { broker in
            var clients: [TestClient] = []
            for _ in 0..<1000 { clients.append(try await TestClient.connect(to: broker)) }
            for client in clients { try await client.request(.apiVersions(ApiVersionsRequest()), version: 2) }
            for client in clients { #expect(await client.nextFrame() != nil) }
            #expect(try await broker.connectionCount() == 1000)
            for client in clients { try await client.close() }
        }
    }
}
