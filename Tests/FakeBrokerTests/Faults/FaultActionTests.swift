import KafkaProtocol
import NIOCore
import TestSupport
import Testing

@testable import FakeBroker

@Suite struct `A fault in the cluster` {
    private func cluster(_ act: FaultAction, _ apis: [String] = [], count: Int? = nil) -> VirtualCluster {
        VirtualCluster {
            $0.topics = [.init("t")]
            $0.faults = [FaultRule(act, name: "it", apis: apis, count: count)]
        }
    }

    @Test(arguments: Cluster.answeredAPIs)
    func `puts its error wherever the reply has a place`(api: APIKey) throws {
        for version in api.stableVersions {
            var brokers = cluster(.fail(.notCoordinator))
            guard case .produce(var body) = Request.sample(api, version: version, seed: 5) else {
                let answer = brokers.send(.sample(api, version: version, seed: 5), version: version)
                try check(answer, version)
                continue
            }
            body.acks = 1
            try check(brokers.send(.produce(body), version: version), version)
        }
    }

    private func check(_ answer: Response?, _ version: Int16) throws {
        let text = try #require(answer).text(version: version, limit: 1_000_000)
        let codes = text.split(separator: "ErrorCode: ", omittingEmptySubsequences: false).dropFirst()
        #expect(codes.allSatisfy { $0.hasPrefix("NOT_COORDINATOR") }, "\(text)")
        var bytes = ByteBuffer()
        try answer?.encode(version: version, into: &bytes)
    }

    @Test func `closes the connection of a producer that wants no acknowledgement`() {
        var brokers = cluster(.fail(.notCoordinator))
        #expect(brokers.produce(Batches.make(["a"]), acks: 0) == nil)
        #expect(brokers.closed == [9])
    }

    @Test func `fails afterwards, when it is written`() {
        var brokers = cluster(.failAfterwards(.requestTimedOut), ["Produce"])
        #expect(brokers.produce(Batches.make(["a"]))?.errorCode == .requestTimedOut)
        #expect(brokers.cluster.topics["t"]?.partitions[0].log.endOffset == 1)
    }

    @Test func `loses the acknowledgement of what is written`() {
        var brokers = cluster(.lie(.lostAcknowledgement), ["Produce"], count: 1)
        #expect(brokers.produce(Batches.make(["a"], producerID: 1, epoch: 0, sequence: 0)) == nil)
        #expect(brokers.closed == [9])
        #expect(brokers.cluster.topics["t"]?.partitions[0].log.endOffset == 1)
        #expect(brokers.produce(Batches.make(["a"], producerID: 1, epoch: 0, sequence: 0))?.baseOffset == 0)
        #expect(brokers.cluster.topics["t"]?.partitions[0].log.endOffset == 1)
    }

    @Test func `tells of an empty log, after the max wait`() throws {
        var brokers = cluster(.lie(.emptyFetch))
        _ = brokers.produce(Batches.make(["a"]))
        #expect(brokers.fetch(VirtualCluster.fetchRequest()) == nil)
        _ = brokers.produce(Batches.make(["b"]))
        brokers.pass(.milliseconds(500))
        let response = try brokers.takeFetch(1)
        #expect(response.only?.records?.readableBytes == 0)
        #expect(response.only?.errorCode == ErrorCode.none)
    }

    @Test func `tells of offset 0`() throws {
        var brokers = cluster(.lie(.zeroOffsets))
        _ = brokers.produce(Batches.make(["a"]))
        var request = ListOffsetsRequest()
        var topic = ListOffsetsRequest.ListOffsetsTopic()
        topic.name = "t"
        topic.partitions = [.init()]
        topic.partitions[0].timestamp = -1
        request.topics = [topic]
        guard case .listOffsets(let response) = brokers.send(.listOffsets(request)) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(response.topics[0].partitions[0].offset == 0)
    }

    @Test func `accepts a commit and forgets it`() throws {
        var brokers = cluster(.lie(.lostCommit))
        var request = OffsetCommitRequest()
        request.groupID = "g"
        request.generationIDOrMemberEpoch = -1
        var topic = OffsetCommitRequest.OffsetCommitRequestTopic()
        topic.name = "t"
        topic.partitions = [.init()]
        topic.partitions[0].committedOffset = 5
        request.topics = [topic]
        guard case .offsetCommit(let response) = brokers.send(.offsetCommit(request), version: 9) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(response.topics[0].partitions[0].errorCode == .none)
        #expect(brokers.cluster.offsets.offsets(group: "g").isEmpty)
    }

    @Test func `spoils the checksums of what is fetched, and not what is kept`() throws {
        var brokers = cluster(.badCRC, count: 1)
        _ = brokers.produce(Batches.make(["a"]))
        _ = brokers.produce(Batches.make(["b"]))
        var records = try #require(brokers.fetch(VirtualCluster.fetchRequest())?.only?.records)
        var batches = 0
        while let (batch, bytes) = try RecordBatch.next(from: &records) {
            #expect(throws: WireError.self) { try batch.validate(bytes) }
            batches += 1
        }
        #expect(batches == 2)
        #expect(try brokers.fetch(VirtualCluster.fetchRequest())?.values == ["a", "b"])
    }

    @Test func `is carried out by the shell where it is about bytes`() {
        var brokers = cluster(.tear(afterBytes: 3))
        #expect(brokers.send(.metadata(MetadataRequest())) != nil)
        #expect(brokers.deliveries == [.torn(afterBytes: 3)])
        brokers = cluster(.corrupt(bits: 2))
        _ = brokers.send(.metadata(MetadataRequest()))
        guard case .corrupted(let bits) = brokers.deliveries.first else {
            Issue.record("not corrupted")
            return
        }
        #expect(bits.count == 2)
        brokers = cluster(.halfOpen)
        #expect(brokers.send(.metadata(MetadataRequest())) == nil)
        #expect(brokers.stalled == [1])
        brokers = cluster(.reset)
        #expect(brokers.send(.metadata(MetadataRequest())) == nil)
        #expect(brokers.reset == [1])
        brokers = cluster(.stallReads(.seconds(1)))
        #expect(brokers.send(.metadata(MetadataRequest())) != nil)
        #expect(brokers.stalled == [1])
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A fault on the wire` {
    private static let request = Request.apiVersions(.init())

    private func with(
        _ act: FaultAction, count: Int? = 1, _ change: (inout FakeBroker.Configuration) -> Void = { _ in },
        _ body: (FakeBroker, TestClient) async throws -> Void
    ) async throws {
        try await withBrokers {
            $0.faults = [FaultRule(act, apis: ["ApiVersions"], count: count)]
            change(&$0)
        } _: { broker in
            try await body(broker, try await TestClient.connect(to: broker))
        }
    }

    @Test func `tears a frame and closes`() async throws {
        try await with(.tear(afterBytes: 9)) { _, client in
            try await client.request(Self.request, version: 0)
            // The whole frame never comes.
            #expect(await client.nextFrame() == nil)
            #expect(client.bytesReceived == 9)
        }
    }

    @Test func `trickles a frame that is whole in the end`() async throws {
        let pace = Duration.milliseconds(5)
        try await with(.trickle(bytes: 40, every: pace)) { _, client in
            let start = ContinuousClock.now
            let answer = try await client.call(Self.request, version: 0)
            guard case .apiVersions(let response) = answer else { throw UnexpectedAnswer(answer) }
            #expect(response.apiKeys.count == Cluster.answeredAPIs.count)
            // How many reads that takes is the system's affair; sooner than the pieces come it cannot be whole.
            #expect(ContinuousClock.now - start >= pace * (client.bytesReceived / 40 - 1))
        }
    }

    @Test func `makes bits of a frame wrong`() async throws {
        try await with(.corrupt(bits: 1)) { _, client in
            try await client.request(Self.request, version: 0)
            let wrong = await client.nextFrame()
            try await client.request(Self.request, version: 0)
            let right = await client.nextFrame()
            let pairs = zip(wrong?.readableBytesView ?? [], right?.readableBytesView ?? [])
            // The second has another correlation id, 2 for 1: two bits more.
            #expect(wrong?.readableBytes == right?.readableBytes)
            #expect(pairs.map { ($0 ^ $1).nonzeroBitCount }.reduce(0, +) == 3)
        }
    }

    @Test func `resets or closes a connection`() async throws {
        for act in [FaultAction.reset, .close] {
            try await with(act) { broker, client in
                try await client.request(Self.request, version: 0)
                #expect(await client.nextFrame() == nil)
                _ = try await TestClient.connect(to: broker).call(Self.request, version: 0)
            }
        }
    }

    @Test func `leaves a connection half open`() async throws {
        try await with(.halfOpen) { broker, client in
            try await client.request(Self.request, version: 0)
            try await client.request(Self.request, version: 0)
            try await eventually("the fault is met") { try await broker.faultsMet() == [1] }
            _ = try await TestClient.connect(to: broker).call(Self.request, version: 0)
            #expect(client.isOpen)
            #expect(client.bytesReceived == 0)
        }
    }

    @Test func `stalls a connection until virtual time has passed`() async throws {
        try await with(.stallReads(.seconds(30))) {
            $0.time = .virtual()
        } _: { broker, client in
            _ = try await client.call(Self.request, version: 0)
            try await client.request(Self.request, version: 0)
            _ = try await TestClient.connect(to: broker).call(Self.request, version: 0)
            #expect(try await broker.journal().count == 2)
            try await broker.advance(by: .seconds(30))
            #expect(await client.nextFrame() != nil)
        }
    }
}
