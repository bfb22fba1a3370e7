import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// Producers that write, commit, abort, come again, are late and fall silent, in any order.
@Suite struct `Any sequence of transactions` {
    /// What the test knows of a client: what it has written since its transaction began.
    private struct Writer {
        var client: TransactionalClient
        var version: TransactionVersion
        var open: [String] = []
        var offset: Int64?
    }

    @Test(arguments: UInt64(0)..<150)
    func `shows what was committed and nothing else, and never takes it back`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let delay: Duration = .seconds(Int64.random(in: 0...2, using: &random))
        var cluster = VirtualCluster { settings in
            settings.topics = [.init("t", partitions: 1)]
            settings.transactionMarkerDelay = seed % 3 == 0 ? delay : .zero
        }
        var writers: [Writer] = ["a", "b", "c", "a"].map {
            Writer(client: TransactionalClient($0), version: Bool.random(using: &random) ? .one : .two)
        }
        var committed: Set<String> = []
        var offset: Int64 = -1
        var stable: Int64 = 0
        var read: [String] = []
        for step in 0..<250 {
            let index = Int.random(in: writers.indices, using: &random)
            var writer = writers[index]
            let version = writer.version
            switch Int.random(in: 0..<12, using: &random) {
            case 0:
                let known = Bool.random(using: &random) ? writer.client.producer : .none
                if cluster.initProducer(&writer.client, expecting: known == .none ? nil : known, timeout: .seconds(20))
                    == .none
                {
                    (writer.open, writer.offset) = ([], nil)
                }
            case 1...5:
                if version == .one { _ = cluster.addPartition(writer.client) }
                let values = (0...Int.random(in: 0...2, using: &random)).map { "\(step).\($0)" }
                let before = writer.client
                let error = cluster.write(values, &writer.client, version: version.produce)
                if error == .none { writer.open += values }
                if error == .none, Bool.random(using: &random) {
                    // The answer was lost: the same again.
                    var again = before
                    #expect(cluster.write(values, &again, version: version.produce) == .none)
                }
            case 6:
                if version == .one { _ = cluster.addOffsets(group: "g", writer.client) }
                let error = cluster.commitOffset(
                    Int64(step), group: "g", writer.client, version: version == .one ? 4 : 5)
                if error == .none { writer.offset = Int64(step) }
            case 7, 8:
                if cluster.end(&writer.client, commit: true, version: version.end) == .none {
                    committed.formUnion(writer.open)
                    offset = writer.offset ?? offset
                    (writer.open, writer.offset) = ([], nil)
                }
            case 9:
                if cluster.end(&writer.client, commit: false, version: version.end) == .none {
                    (writer.open, writer.offset) = ([], nil)
                }
            case 10: _ = cluster.produce(Batches.make(["plain \(step)"])).map { _ in committed.insert("plain \(step)") }
            default: cluster.pass(.seconds(Int64.random(in: 0...9, using: &random)))
            }
            writers[index] = writer
            #expect(cluster.stableOffset() >= stable, "the last stable offset went back")
            stable = cluster.stableOffset()
            if step % 25 == 24 {
                let now = try cluster.readCommitted()
                #expect(Array(now.prefix(read.count)) == read, "what was read was taken back")
                #expect(committed.isSuperset(of: now))
                read = now
            }
        }
        // Everyone falls silent: what is open is aborted.
        cluster.pass(.seconds(60))
        let end = cluster.cluster.topics["t"]?.partitions[0].log.endOffset
        #expect(cluster.stableOffset() == end)
        #expect(Set(try cluster.readCommitted()) == committed)
        #expect(cluster.cluster.transactions.offsets.isEmpty)
        #expect(cluster.cluster.transactions.all.allSatisfy { $0.state != .ongoing && $0.ending == nil })
        let found = try cluster.offset(group: "g")
        #expect(found.error == .none)
        if delay == .zero || seed % 3 != 0 { #expect(found.offset == offset) }
    }

    @Test(arguments: UInt64(0)..<40)
    func `answers any request of transactions without a trap`(seed: UInt64) {
        let apis: [APIKey] = [
            .initProducerId, .addPartitionsToTxn, .addOffsetsToTxn, .endTxn, .txnOffsetCommit, .writeTxnMarkers,
            .describeProducers, .describeTransactions, .listTransactions,
        ]
        var random = SeededGenerator(seed: seed)
        var cluster = VirtualCluster { $0.topics = [.init("t", partitions: 2)] }
        for step in UInt64(0)..<300 {
            guard let api = apis.randomElement(using: &random) else { return }
            let version = Int16.random(in: api.stableVersions, using: &random)
            let request = Self.aimed(.sample(api, version: version, seed: seed &* 1000 &+ step), using: &random)
            _ = cluster.send(request, version: version)
            if step % 50 == 0 { cluster.pass(.seconds(100)) }
        }
    }

    /// With names and numbers that may hit something.
    private static func aimed(_ request: Request, using random: inout SeededGenerator) -> Request {
        let id = ["x", "y"].randomElement(using: &random) ?? ""
        let producer = Int64.random(in: 999...1002, using: &random)
        let epoch = Int16.random(in: -1...2, using: &random)
        switch request {
        case .initProducerId(var body):
            body.transactionalID = id
            body.transactionTimeoutMs = 1000
            if Bool.random(using: &random) { (body.producerID, body.producerEpoch) = (-1, -1) }
            return .initProducerId(body)
        case .addPartitionsToTxn(var body):
            body.v3AndBelowTransactionalID = id
            (body.v3AndBelowProducerID, body.v3AndBelowProducerEpoch) = (producer, epoch)
            for index in body.v3AndBelowTopics.indices {
                body.v3AndBelowTopics[index].name = "t"
                body.v3AndBelowTopics[index].partitions = [0, 1]
            }
            return .addPartitionsToTxn(body)
        case .addOffsetsToTxn(var body):
            (body.transactionalID, body.producerID, body.producerEpoch) = (id, producer, epoch)
            return .addOffsetsToTxn(body)
        case .endTxn(var body):
            (body.transactionalID, body.producerID, body.producerEpoch) = (id, producer, epoch)
            return .endTxn(body)
        case .txnOffsetCommit(var body):
            (body.transactionalID, body.producerID, body.producerEpoch) = (id, producer, epoch)
            (body.generationID, body.memberID, body.groupInstanceID) = (-1, "", nil)
            return .txnOffsetCommit(body)
        case .writeTxnMarkers(var body):
            for marker in body.markers.indices {
                (body.markers[marker].producerID, body.markers[marker].producerEpoch) = (producer, epoch)
                for topic in body.markers[marker].topics.indices { body.markers[marker].topics[topic].name = "t" }
            }
            return .writeTxnMarkers(body)
        default: return request
        }
    }
}
