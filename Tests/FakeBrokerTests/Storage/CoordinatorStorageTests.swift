import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

extension VirtualCluster {
    /// Another process that finds what this one has written down.
    ///
    /// - Parameter logs: of the process that ended, if its last markers are not in its files.
    func restarted(
        logs: Cluster? = nil, _ change: (inout FakeBroker.Configuration) -> Void = { _ in }
    ) -> VirtualCluster {
        var journal = ByteBuffer()
        for entry in cluster.allStored { entry.encode(into: &journal) }
        var next = VirtualCluster(change)
        while let entry = StoredEntry.decode(from: &journal) { next.cluster.restore(entry) }
        #expect(journal.readableBytes == 0)
        for partition in next.cluster.allPartitions {
            let log = (logs ?? cluster).log(of: partition)
            var bytes = log?.read(from: 0, maxBytes: .max, atLeastOne: true) ?? ByteBuffer()
            next.cluster.restore(&bytes, into: partition)
            next.cluster.finishRestoring(partition, start: 0)
        }
        next.cluster.finishRestoring()
        return next
    }
}

@Suite struct `What coordinators keep` {
    private func cluster(_ client: inout TransactionalClient, markerDelay: Duration = .zero) -> VirtualCluster {
        var brokers = VirtualCluster {
            $0.topics = [.init("t")]
            $0.transactionMarkerDelay = markerDelay
        }
        #expect(brokers.initProducer(&client) == .none)
        #expect(brokers.write(["a"], &client) == .none)
        #expect(brokers.commitOffset(7, group: "g", client) == .none)
        return brokers
    }

    @Test func `a transaction goes on in the next process, offsets and all`() throws {
        var client = TransactionalClient("x")
        var next = cluster(&client).restarted()
        #expect(try next.readCommitted() == [])
        #expect(try next.offset(group: "g").error == .unstableOffsetCommit)
        #expect(next.write(["b"], &client) == .none)
        #expect(next.end(&client, commit: true) == .none)
        #expect(try next.readCommitted() == ["a", "b"])
        #expect(try next.offset(group: "g").offset == 7)
        // And once more, when nothing is open.
        next = next.restarted()
        #expect(next.write(["c"], &client) == .none)
        #expect(next.end(&client, commit: false) == .none)
        #expect(try next.readCommitted() == ["a", "b"])
        #expect(next.stableOffset() == next.cluster.topics["t"]?.partitions[0].log.endOffset)
    }

    @Test func `a transaction runs out of time that began in another process`() throws {
        var client = TransactionalClient("x")
        var next = cluster(&client).restarted()
        next.pass(.seconds(59))
        #expect(next.stableOffset() == 0)
        next.pass(.seconds(2))
        #expect(next.stableOffset() == 2)
        #expect(try next.readCommitted() == [])
        #expect(next.write(["b"], &client) != .none)
        let former = client.producer
        #expect(next.initProducer(&client) == .none)
        #expect(client.producer.id == former.id)
        #expect(client.producer.epoch > former.epoch)
    }

    @Test func `a producer is fenced by who comes after it, in whatever process`() throws {
        var client = TransactionalClient("x")
        var next = cluster(&client).restarted()
        var other = TransactionalClient("x")
        #expect(next.initProducer(&other) == .concurrentTransactions)
        #expect(next.initProducer(&other) == .none)
        #expect(other.producer.id == client.producer.id)
        #expect(next.write(["b"], &client) != .none)
        #expect(next.end(&client, commit: true) != .none)
    }

    @Test func `a transaction that was decided gets its markers`() throws {
        var client = TransactionalClient("x")
        var brokers = cluster(&client, markerDelay: .seconds(5))
        #expect(brokers.end(&client, commit: true) == .none)
        var next = brokers.restarted { $0.transactionMarkerDelay = .seconds(5) }
        #expect(try next.readCommitted() == [])
        next.pass(.seconds(5))
        #expect(try next.readCommitted() == ["a"])
        #expect(try next.offset(group: "g").offset == 7)
    }

    @Test(arguments: [true, false]) func `a process that ended before its markers were written meant what it wrote`(
        commits: Bool
    ) throws {
        var client = TransactionalClient("x")
        var brokers = cluster(&client)
        let before = brokers.cluster
        #expect(brokers.end(&client, commit: commits) == .none)
        var next = brokers.restarted(logs: before)
        #expect(try next.readCommitted() == (commits ? ["a"] : []))
        #expect(next.stableOffset() == 2)
        #expect(next.write(["b"], &client) == .none)
        #expect(next.end(&client, commit: true) == .none)
        #expect(try next.readCommitted() == (commits ? ["a", "b"] : ["b"]))
    }

    @Test func `an id that was forgotten stays so`() throws {
        var client = TransactionalClient("x")
        var brokers = cluster(&client)
        #expect(brokers.end(&client, commit: true) == .none)
        brokers.pass(.seconds(604_900))
        #expect(brokers.restarted().cluster.transactions.ids == [])
    }

    @Test func `a share group goes on where it was`() throws {
        func settings(_ settings: inout FakeBroker.Configuration) {
            settings.topics = [.init("t")]
            settings.shareGroups.offsetReset = .earliest
        }
        var brokers = VirtualCluster(settings)
        var member = ShareMember("m")
        try member.open(&brokers)
        for value in ["a", "b", "c", "d", "e"] { _ = brokers.produce(Batches.make([value])) }
        #expect(try member.fetch(&brokers, maxRecords: 4).acquired.isEmpty == false)
        let partition = try #require(member.assigned.sorted().first)
        _ = try member.acknowledge(
            &brokers, [(partition, 0, 0, 1), (partition, 1, 1, 2), (partition, 2, 2, 3)])
        // Record 3 is still at the member.
        var next = brokers.restarted(settings)
        var other = ShareMember("n")
        try other.open(&next)
        next.pass(.seconds(1))
        guard case .share("g", let stored) = next.cluster.stored(shareGroup: "g") else {
            Issue.record("no share group")
            return
        }
        #expect(stored.map(\.partition) == [partition])
        #expect(stored.map(\.startOffset) == [1])
        #expect(
            stored.first?.runs == [
                .init(state: 0, count: 2, length: 1), .init(state: 2, count: 1, length: 1),
                .init(state: 0, count: 2, length: 1), .init(state: 0, count: 1, length: 1),
            ])
    }
}
