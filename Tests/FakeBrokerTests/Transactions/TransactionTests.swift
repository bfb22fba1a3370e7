import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// Which version of transactions a client speaks.
enum TransactionVersion: Int16, CaseIterable, Sendable {
    case one = 1
    case two = 2

    var produce: Int16 { self == .one ? 11 : 12 }
    var end: Int16 { self == .one ? 4 : 5 }
}

@Suite struct Transactions {
    private func cluster(_ change: (inout FakeBroker.Configuration) -> Void = { _ in }) -> VirtualCluster {
        VirtualCluster { settings in
            settings.topics = [.init("t", partitions: 2)]
            change(&settings)
        }
    }

    /// A producer that has begun, and written as its version does.
    private func begin(
        _ cluster: inout VirtualCluster, _ version: TransactionVersion, id: String = "x", values: [String] = []
    ) -> TransactionalClient {
        var client = TransactionalClient(id)
        #expect(cluster.initProducer(&client) == .none)
        if !values.isEmpty { write(values, &client, version, in: &cluster) }
        return client
    }

    private func write(
        _ values: [String], _ client: inout TransactionalClient, _ version: TransactionVersion,
        in cluster: inout VirtualCluster
    ) {
        if version == .one { #expect(cluster.addPartition(client) == .none) }
        #expect(cluster.write(values, &client, version: version.produce) == .none)
    }

    @Test(arguments: TransactionVersion.allCases)
    func `what is committed is read, what is aborted is not`(version: TransactionVersion) throws {
        var cluster = cluster()
        var client = begin(&cluster, version, values: ["a", "b"])
        #expect(try cluster.readCommitted() == [])
        #expect(cluster.stableOffset() == 0)
        #expect(cluster.end(&client, commit: true, version: version.end) == .none)
        #expect(try cluster.readCommitted() == ["a", "b"])
        #expect(cluster.stableOffset() == 3)

        write(["c"], &client, version, in: &cluster)
        #expect(cluster.end(&client, commit: false, version: version.end) == .none)
        write(["d"], &client, version, in: &cluster)
        #expect(cluster.end(&client, commit: true, version: version.end) == .none)
        #expect(try cluster.readCommitted() == ["a", "b", "d"])
        #expect(try cluster.readCommitted(maxBytes: 1) == ["a", "b", "d"])
    }

    @Test func `each end bumps the epoch with version 2, and none with version 1`() {
        var cluster = cluster()
        var first = begin(&cluster, .one, id: "one", values: ["a"])
        let before = first.producer
        #expect(cluster.end(&first, commit: true, version: 4) == .none)
        #expect(first.producer == before)
        write(["b"], &first, .one, in: &cluster)

        var second = begin(&cluster, .two, id: "two", values: ["a"])
        let epoch = second.producer.epoch
        #expect(cluster.end(&second, commit: true) == .none)
        #expect(second.producer.epoch == epoch + 1)
    }

    @Test(arguments: TransactionVersion.allCases)
    func `a second producer of the id shuts the first out`(version: TransactionVersion) throws {
        var cluster = cluster()
        var old = begin(&cluster, version, values: ["lost"])
        var new = TransactionalClient("x")
        #expect(cluster.initProducer(&new) == .concurrentTransactions)
        #expect(cluster.initProducer(&new) == .none)
        #expect(new.producer.id == old.producer.id)
        #expect(new.producer.epoch > old.producer.epoch)
        #expect(cluster.write(["late"], &old, version: version.produce) == .invalidProducerEpoch)
        #expect(cluster.addPartition(old) == .producerFenced)
        #expect(cluster.addPartition(old, version: 1) == .invalidProducerEpoch)
        #expect(cluster.end(&old, commit: true, version: version.end) == .producerFenced)
        write(["kept"], &new, version, in: &cluster)
        #expect(cluster.end(&new, commit: true, version: version.end) == .none)
        #expect(try cluster.readCommitted() == ["kept"])
    }

    @Test(arguments: TransactionVersion.allCases)
    func `one that takes too long is aborted, and its producer shut out`(version: TransactionVersion) throws {
        var cluster = cluster()
        var client = TransactionalClient("x")
        #expect(cluster.initProducer(&client, timeout: .seconds(10)) == .none)
        write(["a"], &client, version, in: &cluster)
        cluster.pass(.milliseconds(9999))
        #expect(cluster.cluster.transactions["x"]?.state == .ongoing)
        cluster.pass(.milliseconds(1))
        #expect(cluster.cluster.transactions["x"]?.state == .completeAbort)
        #expect(cluster.stableOffset() == 2)
        #expect(cluster.end(&client, commit: true, version: version.end) == .producerFenced)
        #expect(try cluster.readCommitted() == [])
        // It may not go on as who it was, but may begin anew.
        #expect(cluster.initProducer(&client, expecting: client.producer) == .producerFenced)
        #expect(cluster.initProducer(&client) == .none)
    }

    @Test func `a producer bumps its own epoch and may ask twice`() {
        var cluster = cluster()
        var client = begin(&cluster, .one)
        let first = client.producer
        #expect(cluster.initProducer(&client, expecting: first) == .none)
        #expect(client.producer.epoch == first.epoch + 1)
        let second = client.producer
        #expect(cluster.initProducer(&client, expecting: first) == .none)
        #expect(client.producer == second)
        #expect(cluster.initProducer(&client, expecting: ProducerIdentity(id: 5, epoch: 0)) == .producerFenced)
        #expect(
            cluster.initProducer(&client, expecting: ProducerIdentity(id: 5, epoch: 0), version: 3)
                == .invalidProducerEpoch)
    }

    @Test func `a used up epoch is followed by a new producer id`() {
        var cluster = cluster()
        var client = begin(&cluster, .two)
        let id = client.producer.id
        for _ in 0..<Int(Int16.max) {
            #expect(cluster.initProducer(&client) == .none)
        }
        #expect(client.producer.id != id)
        #expect(client.producer.epoch < 3)
    }

    @Test func `an epoch that is used up by ends is followed by a new producer id`() throws {
        var cluster = cluster()
        var client = begin(&cluster, .two)
        let id = client.producer.id
        for _ in 0..<Int(Int16.max) { #expect(cluster.end(&client, commit: false) == .none) }
        #expect(client.producer.id != id)
        let last = client.producer
        write(["a"], &client, .two, in: &cluster)
        #expect(cluster.end(&client, commit: true) == .none)
        #expect(client.producer.epoch == last.epoch + 1)
        #expect(try cluster.readCommitted() == ["a"])
    }

    @Test func `the epoch that is kept for shutting out is nobody's`() {
        var transaction = Transaction(id: "x", producerID: 1, now: .zero)
        var fresh: Int64 = 1
        func begin() -> Transaction.Beginning {
            transaction.begin(
                expected: nil, timeout: .seconds(1),
                freshID: {
                    fresh += 1
                    return fresh
                }, now: .zero)
        }
        while transaction.producer.epoch < Int16.max - 1 { _ = begin() }
        let last = transaction.producer
        let now = ClusterTime(elapsed: .zero, wallMilliseconds: 0)
        func add(_ producer: ProducerIdentity) -> ErrorCode {
            transaction.add(partitions: [], groups: ["g"], by: producer, bumpsEpoch: true, now: now)
        }
        #expect(add(last) == .none)
        #expect(begin() == .mustEnd)
        transaction.complete(now: .zero)
        let greatest = ProducerIdentity(id: 1, epoch: .max)
        #expect(transaction.producer == greatest)
        #expect(add(greatest) == .producerFenced)
        for bumps in [false, true] {
            let end = transaction.end(.abort, by: greatest, bumpsEpoch: bumps, freshID: { 9 }, now: .zero)
            #expect(end == .refused(.producerFenced))
        }
        #expect(begin() == .ready(ProducerIdentity(id: 2, epoch: 0)))
    }

    @Test func `the same end may be asked for twice, another not`() {
        var cluster = cluster()
        for version in TransactionVersion.allCases {
            var client = begin(&cluster, version, id: "\(version)", values: ["a"])
            var again = client
            #expect(cluster.end(&client, commit: true, version: version.end) == .none)
            #expect(cluster.end(&again, commit: true, version: version.end) == .none)
            #expect(again.producer == client.producer)
            var other = client
            if version == .two { other.producer.epoch -= 1 }
            #expect(cluster.end(&other, commit: false, version: version.end) == .invalidTxnState)
        }
    }

    @Test func `nothing is there to commit, and with version 2 one may abort nothing`() {
        var cluster = cluster()
        var client = begin(&cluster, .two)
        #expect(cluster.end(&client, commit: true, version: 4) == .invalidTxnState)
        #expect(cluster.end(&client, commit: false, version: 4) == .invalidTxnState)
        #expect(cluster.end(&client, commit: true) == .invalidTxnState)
        let epoch = client.producer.epoch
        #expect(cluster.end(&client, commit: false) == .none)
        #expect(client.producer.epoch == epoch + 1)
    }

    @Test func `with version 1 a partition must be added before it is written to`() {
        var cluster = cluster()
        var client = begin(&cluster, .one)
        #expect(cluster.write(["a"], &client, version: 11) == .transactionAbortable)
        #expect(cluster.write(["a"], &client, version: 10) == .invalidTxnState)
        #expect(cluster.addPartition(client, "t", 1) == .none)
        #expect(cluster.write(["a"], &client, version: 11) == .transactionAbortable)
        #expect(cluster.write(["a"], &client, "t", 1, version: 11) == .none)
    }

    @Test func `a cluster of version 1 lets no partition join by itself`() {
        var cluster = cluster { $0.transactionVersion = 1 }
        var client = begin(&cluster, .two)
        #expect(cluster.write(["a"], &client, version: 12) == .transactionAbortable)
        #expect(cluster.addPartition(client) == .none)
        #expect(cluster.write(["a"], &client, version: 12) == .none)
    }

    @Test func `all partitions are added or none`() {
        var cluster = cluster()
        let client = begin(&cluster, .one)
        #expect(cluster.addPartition(client, "t", 7) == .unknownTopicOrPartition)
        #expect(cluster.addPartition(client, "nowhere") == .unknownTopicOrPartition)
        #expect(cluster.cluster.transactions["x"]?.state == .empty)
    }

    @Test func `a batch of no transaction is not taken into one`() {
        var cluster = cluster()
        let client = begin(&cluster, .two, values: ["a"])
        let plain = Batches.make(
            ["b"], producerID: client.producer.id, epoch: client.producer.epoch, sequence: 1)
        #expect(cluster.produce(plain)?.errorCode == .invalidTxnState)
    }

    @Test func `while the markers are written nobody goes on`() throws {
        var cluster = cluster { $0.transactionMarkerDelay = .seconds(5) }
        for version in TransactionVersion.allCases {
            var client = begin(&cluster, version, id: "\(version)", values: ["\(version)"])
            let before = client
            let stable = cluster.stableOffset()
            #expect(cluster.end(&client, commit: true, version: version.end) == .none)
            #expect(cluster.stableOffset() == stable)
            var again = before
            #expect(cluster.end(&again, commit: true, version: version.end) == .concurrentTransactions)
            #expect(cluster.end(&again, commit: false, version: version.end) == .invalidTxnState)
            #expect(cluster.addPartition(client) == .concurrentTransactions)
            var other = TransactionalClient("\(version)")
            #expect(cluster.initProducer(&other) == .concurrentTransactions)
            cluster.pass(.seconds(5))
            #expect(cluster.stableOffset() == stable + 2)
            #expect(cluster.initProducer(&other) == .none)
        }
        #expect(try cluster.readCommitted() == ["one", "two"])
    }

    @Test(arguments: [Duration.zero, .milliseconds(-1), .seconds(901)])
    func `a timeout beyond the cluster's is refused`(timeout: Duration) {
        var cluster = cluster()
        var client = TransactionalClient("x")
        #expect(cluster.initProducer(&client, timeout: timeout) == .invalidTransactionTimeout)
    }

    @Test func `only the coordinator speaks for an id`() throws {
        var cluster = VirtualCluster { settings in
            settings.brokers = 3
            settings.topics = [.init("t")]
        }
        var find = FindCoordinatorRequest()
        find.keyType = 1
        find.coordinatorKeys = ["x"]
        guard case .findCoordinator(let found) = cluster.send(.findCoordinator(find)) else {
            throw UnexpectedAnswer(nil)
        }
        var request = InitProducerIdRequest()
        request.transactionalID = "x"
        request.transactionTimeoutMs = 1000
        for broker in Int32(1)...3 {
            guard case .initProducerId(let answer) = cluster.send(.initProducerId(request), to: broker) else {
                throw UnexpectedAnswer(nil)
            }
            #expect((answer.errorCode == .none) == (broker == found.coordinators[0].nodeID))
        }
    }

    @Test func `an id that nobody uses is forgotten`() {
        var cluster = cluster { $0.transactionalIDExpiration = .seconds(60) }
        var client = begin(&cluster, .two, values: ["a"])
        #expect(cluster.end(&client, commit: true) == .none)
        cluster.pass(.seconds(59))
        #expect(cluster.cluster.transactions.ids == ["x"])
        cluster.pass(.seconds(1))
        #expect(cluster.cluster.transactions.ids == [])
        #expect(cluster.write(["b"], &client) == .invalidProducerIDMapping)
    }

    @Test func `there are as many ids as the limit and no more`() {
        var cluster = cluster { $0.limits.transactionalIDs = 1 }
        _ = begin(&cluster, .two, id: "a")
        var second = TransactionalClient("b")
        #expect(cluster.initProducer(&second) == .policyViolation)
        _ = begin(&cluster, .two, id: "a")
    }

    @Test func `a topic that is deleted leaves the transaction`() throws {
        var cluster = cluster()
        var client = begin(&cluster, .two, values: ["a"])
        #expect(cluster.write(["b"], &client, "t", 1) == .none)
        cluster.change { cluster, _, effects in _ = cluster.deleteTopic("t", effects: &effects) }
        #expect(cluster.end(&client, commit: true) == .none)
    }
}
