import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `An intercepted request` {
    private func cluster(_ interception: FakeBroker.Interception, api: String = "Produce") -> VirtualCluster {
        var brokers = VirtualCluster { $0.topics = [.init("t")] }
        brokers.cluster.interceptor = { $0.api == api ? interception : .handle }
        return brokers
    }

    private func outcome(_ brokers: VirtualCluster) -> FakeBroker.JournalEntry.Outcome? {
        brokers.cluster.journal.all.last?.outcome
    }

    @Test func `is handled if nobody minds`() {
        var brokers = cluster(.handle)
        #expect(brokers.produce(Batches.make(["a"]))?.baseOffset == 0)
    }

    @Test func `fails with the error that was chosen and changes nothing`() {
        var brokers = cluster(.fail(.notEnoughReplicas))
        #expect(brokers.produce(Batches.make(["a"]))?.errorCode == .notEnoughReplicas)
        #expect(brokers.cluster.topics["t"]?.partitions[0].log.endOffset == 0)
        #expect(outcome(brokers) == .answered(.notEnoughReplicas, after: .zero))
    }

    @Test func `is handled later`() {
        var brokers = cluster(.delay(.seconds(2)))
        #expect(brokers.produce(Batches.make(["a"])) == nil)
        brokers.pass(.seconds(1))
        #expect(brokers.cluster.topics["t"]?.partitions[0].log.endOffset == 0)
        #expect(outcome(brokers) == .waiting)
        brokers.pass(.seconds(1))
        #expect(brokers.take(9).count == 1)
        #expect(outcome(brokers) == .answered(.none, after: .seconds(2)))
    }

    @Test func `is not handled later if its client has gone`() {
        var brokers = cluster(.delay(.seconds(2)))
        _ = brokers.produce(Batches.make(["a"]))
        brokers.cluster.connectionClosed(ConnectionID(9))
        brokers.pass(.seconds(3))
        #expect(brokers.cluster.topics["t"]?.partitions[0].log.endOffset == 0)
    }

    @Test func `is dropped without an answer`() {
        var brokers = cluster(.drop)
        #expect(brokers.produce(Batches.make(["a"])) == nil)
        #expect(brokers.unanswered == [9])
        #expect(outcome(brokers) == .dropped)
    }

    @Test func `costs the client its connection`() {
        var brokers = cluster(.close)
        #expect(brokers.produce(Batches.make(["a"])) == nil)
        #expect(brokers.closed == [9])
        #expect(outcome(brokers) == .closed)
    }

    /// Every API can be made to fail, and its reply can be written in every version.
    @Test(arguments: Cluster.answeredAPIs)
    func `of every API can fail in every version`(api: APIKey) throws {
        var brokers = cluster(.fail(.notCoordinator), api: api.name)
        for version in api.stableVersions {
            var request = Request(api)
            if case .produce(var body) = request {
                // Without acknowledgement there is no reply to fail.
                body.acks = 1
                request = .produce(body)
            }
            let answer = brokers.send(request, version: version)
            let response = try #require(answer)
            var bytes = ByteBuffer()
            try response.encode(version: version, into: &bytes)
        }
        #expect(brokers.cluster.journal.all.allSatisfy { $0.outcome == .answered(.notCoordinator, after: .zero) })
    }
}

@Suite struct `Journal` {
    @Test func `remembers the latest requests and no more`() {
        var brokers = VirtualCluster { $0.limits.journalEntries = 3 }
        for _ in 0..<5 { _ = brokers.send(.metadata(MetadataRequest())) }
        #expect(brokers.cluster.journal.all.map(\.number) == [2, 3, 4])
        #expect(brokers.cluster.journal.all.allSatisfy { $0.api == "Metadata" && $0.clientID == "client-1" })
    }

    @Test func `keeps the outcome of what is answered late, unless it is forgotten`() {
        var brokers = VirtualCluster {
            $0.limits.journalEntries = 2
            $0.topics = [.init("t")]
        }
        _ = brokers.fetch(VirtualCluster.fetchRequest())
        brokers.pass(.milliseconds(500))
        #expect(brokers.cluster.journal.all.last?.outcome == .answered(.none, after: .milliseconds(500)))
        _ = brokers.fetch(VirtualCluster.fetchRequest())
        for _ in 0..<2 { _ = brokers.send(.metadata(MetadataRequest())) }
        brokers.pass(.milliseconds(500))
        #expect(brokers.cluster.journal.all.allSatisfy { $0.outcome == .answered(.none, after: .zero) })
    }

    @Test func `can be switched off`() {
        var brokers = VirtualCluster { $0.limits.journalEntries = 0 }
        _ = brokers.send(.metadata(MetadataRequest()))
        #expect(brokers.cluster.journal.all.isEmpty)
    }
}
