import FakeBroker
import Kafka
import KafkaProtocol
import NIOCore
import Simulation
import Testing

@testable import SystemSimulation

/// Brokers, a producer and consumers, without connectors.
private final class ConsumerWorld: Sendable {
    let executor: SeededExecutor
    let network: SimulatedNetwork
    let brokers: SimulatedBrokers
    let producer: SimulatedProducer
    let plan: SystemPlan

    init(messages: Int, partitions: Int = 2, change: (inout SystemPlan) -> Void = { _ in }) {
        var plan = SystemPlan(emptyWithSeed: 1)
        plan.partitions = [partitions]
        plan.messages = (0..<messages).map {
            MessagePlan(sequence: $0, atMilliseconds: 0, topic: 0, partition: $0 % partitions)
        }
        change(&plan)
        self.plan = plan
        executor = SeededExecutor(seed: 1)
        network = SimulatedNetwork(executor, seed: 1)
        let trace = Trace(executor)
        brokers = SimulatedBrokers(plan, network, trace, SystemIndex(plan))
        producer = SimulatedProducer(brokers, trace, SystemIndex(plan), values: plan.values)
        producer.schedule(plan.messages)
    }

    func consumer(_ name: String) -> (SimulatedConsumer, Confined<[ConsumerEvent]>) {
        let consumer = SimulatedConsumer(
            ClientIdentity(name: name, lane: 0, life: 0), node: network.addNode(name), brokers: brokers,
            clock: SkewedClock(executor), settings: plan.settings.consumerSettings(staysOut: false))
        let events = Confined<[ConsumerEvent]>([])
        consumer.onEvent = { events.value.append($0) }
        consumer.subscribe(to: ["t0"])
        return (consumer, events)
    }

    func run(_ body: @escaping @Sendable () async throws -> Void) throws {
        try executor.run(body)
        brokers.shutDown()
        network.shutDown()
        executor.discardEvents()
    }

    func pass(_ duration: Duration) async throws { try await executor.clock.sleep(for: duration) }
}

extension SimulatedConsumer {
    fileprivate func read(_ count: Int) async -> [String] {
        var read: [String] = []
        while read.count < count, let batch = await next(limit: count - read.count) {
            read += batch.map { "\($0.partition.partition)/\($0.record.offset)" }
        }
        return read
    }

    fileprivate var partitions: [Int32] { held.map(\.partition.partition) }
}

@Suite struct ConsumerModelTests {
    @Test func `a consumer joins, reads each partition in order, and commits`() throws {
        let world = ConsumerWorld(messages: 10)
        try world.run {
            let (consumer, _) = world.consumer("a")
            let read = await consumer.read(10)
            #expect(read.filter { $0.hasPrefix("0/") } == (0..<5).map { "0/\($0)" })
            #expect(read.filter { $0.hasPrefix("1/") } == (0..<5).map { "1/\($0)" })
            let result = try await consumer.commit([TopicPartitionOffset(TopicPartition("t0", 0), 5)]).get()
            #expect(result.map(\.error) == [nil])
            #expect(world.brokers.committedOffset(0) == 5)
            await consumer.close()
            let (next, _) = world.consumer("b")
            #expect(await next.read(5).allSatisfy { $0.hasPrefix("1/") })
            await next.close()
        }
    }

    @Test func `records have the keys and values of load-producer's generators`() throws {
        let world = ConsumerWorld(messages: 8, partitions: 1) { plan in
            for index in plan.messages.indices { plan.messages[index].key = index == 3 ? nil : "key-\(index % 3)" }
            plan.values.payload = "template"
            plan.values.template = "{{sequence}} of {{key}}: {{choice:red|green}}"
            plan.values.tombstones = 0.3
        }
        try world.run {
            let (consumer, _) = world.consumer("a")
            var read: [SimulatedConsumer.Message] = []
            while read.count < 8, let batch = await consumer.next(limit: 8) { read += batch }
            let texts = read.map { message in
                (message.record.key.map { String(buffer: $0) }, message.record.value.map { String(buffer: $0) })
            }
            #expect(Set(texts.map(\.0)) == ["key-0", "key-1", "key-2", nil])
            #expect(texts.contains { $0.1 == nil } && texts.contains { $0.1 != nil })
            for (key, value) in texts {
                guard let value else { continue }
                let words = value.split(separator: " ")
                #expect(words[1] == "of" && words[2] == "\(key ?? ""):" && ["red", "green"].contains(words[3]))
            }
            await consumer.close()
        }
    }

    @Test func `nothing of a paused partition is handed out until it is resumed`() throws {
        let world = ConsumerWorld(messages: 10)
        try world.run {
            let (consumer, _) = world.consumer("a")
            let first = await consumer.read(1)
            let paused = TopicPartition("t0", first[0].hasPrefix("0/") ? 0 : 1)
            consumer.setPaused(true, [paused])
            #expect(await consumer.read(5).allSatisfy { !$0.hasPrefix("\(paused.partition)/") })
            consumer.setPaused(false, [paused])
            #expect(await consumer.read(4).allSatisfy { $0.hasPrefix("\(paused.partition)/") })
            await consumer.close()
        }
    }

    @Test func `a seek goes back, and drops what was fetched`() throws {
        let world = ConsumerWorld(messages: 6, partitions: 1)
        try world.run {
            let (consumer, _) = world.consumer("a")
            #expect(await consumer.read(4) == ["0/0", "0/1", "0/2", "0/3"])
            consumer.seek(TopicPartition("t0", 0), to: 1)
            #expect(await consumer.read(5) == ["0/1", "0/2", "0/3", "0/4", "0/5"])
            await consumer.close()
        }
    }

    @Test(arguments: [true, false])
    func `a second member takes half, and gives it back when it leaves`(isCooperative: Bool) throws {
        let world = ConsumerWorld(messages: 0, partitions: 4) { $0.settings.isCooperative = isCooperative }
        try world.run {
            let (first, events) = world.consumer("a")
            try await world.pass(.seconds(5))
            #expect(first.partitions == [0, 1, 2, 3])
            let (second, _) = world.consumer("b")
            try await world.pass(.seconds(10))
            #expect(first.partitions.count == 2)
            #expect(Set(first.partitions + second.partitions) == [0, 1, 2, 3])
            let revoked = events.value.compactMap { event in
                if case .revoked(let partitions, isLost: false, _) = event { partitions.count } else { nil }
            }
            #expect(revoked == (isCooperative ? [2] : [4]))
            await second.close()
            try await world.pass(.seconds(10))
            #expect(first.partitions == [0, 1, 2, 3])
            await first.close()
        }
    }

    @Test func `who is cut off loses its partitions by its own watch, and comes back as a new member`() throws {
        let world = ConsumerWorld(messages: 0)
        try world.run {
            let (consumer, events) = world.consumer("a")
            try await world.pass(.seconds(5))
            let id = consumer.memberID
            world.network.partition(consumer.node, world.brokers.nodes[0])
            try await world.pass(.seconds(10))
            let isLost = events.value.contains { if case .revoked(_, isLost: true, _) = $0 { true } else { false } }
            #expect(isLost)
            #expect(consumer.partitions.isEmpty)
            world.network.heal(consumer.node, world.brokers.nodes[0])
            try await world.pass(.seconds(20))
            #expect(consumer.partitions == [0, 1])
            #expect(consumer.memberID != id)
            await consumer.close()
        }
    }

    @Test func `who comes back as a new member lets go of what it held, before it is given anything`() throws {
        let world = ConsumerWorld(messages: 0)
        try world.run {
            let (consumer, events) = world.consumer("a")
            try await world.pass(.seconds(5))
            // The brokers forget the member while it is not looking: its next join is refused for its id.
            consumer.memberID = "somebody else"
            consumer.join()
            try await world.pass(.seconds(5))
            let changes = events.value.compactMap { event in
                switch event {
                case .assigned(let partitions, _): "assigned \(partitions.count)"
                case .revoked(let partitions, let isLost, _): "\(isLost ? "lost" : "revoked") \(partitions.count)"
                default: nil
                }
            }
            #expect(changes == ["assigned 2", "lost 2", "assigned 2"])
            await consumer.close()
        }
    }

    @Test func `who leads the group asks for the partitions before it shares them out`() throws {
        let world = ConsumerWorld(messages: 0)
        try world.run {
            let (consumer, _) = world.consumer("a")
            // As if the first answer about topics had been lost.
            consumer.leaders = [:]
            try await world.pass(.milliseconds(2))
            consumer.leaders = [:]
            try await world.pass(.seconds(5))
            #expect(consumer.partitions == [0, 1])
            await consumer.close()
        }
    }

    @Test func `a commit of a member that was thrown out is refused`() throws {
        let world = ConsumerWorld(messages: 4, partitions: 1)
        try world.run {
            let (first, _) = world.consumer("a")
            #expect(await first.read(1) == ["0/0"])
            world.network.partition(first.node, world.brokers.nodes[0])
            let (second, _) = world.consumer("b")
            #expect(await second.read(1) == ["0/0"])
            async let late = first.commit([TopicPartitionOffset(TopicPartition("t0", 0), 1)])
            try await world.pass(.seconds(1))
            world.network.heal(first.node, world.brokers.nodes[0])
            // The partition went away, so the answer is no success, whatever the brokers said.
            if case .success(let results) = await late { #expect(results.allSatisfy { $0.error != nil }) }
            #expect(world.brokers.committedOffset(0) == nil)
            await second.close()
            await first.close()
        }
    }

    @Test func `who was thrown out joins anew only once its commits are answered`() throws {
        let world = ConsumerWorld(messages: 4, partitions: 1)
        try world.run {
            let (first, _) = world.consumer("a")
            #expect(await first.read(1) == ["0/0"])
            world.network.partition(first.node, world.brokers.nodes[0])
            async let late = first.commit([TopicPartitionOffset(TopicPartition("t0", 0), 1)])
            let (second, _) = world.consumer("b")
            #expect(await second.read(4).count == 4)
            _ = await second.commit([TopicPartitionOffset(TopicPartition("t0", 0), 4)])
            // The commit that lies in the network is answered so that it is built anew, and the join behind it is not.
            var faults = FaultPlan()
            faults.rules = [FaultRule(.fail(.notCoordinator), apis: ["OffsetCommit"], count: 1)]
            world.brokers.setFaults(faults)
            world.network.heal(first.node, world.brokers.nodes[0])
            if case .success(let results) = await late { #expect(results.allSatisfy { $0.error != nil }) }
            try await world.pass(.seconds(5))
            #expect(world.brokers.committedOffset(0) == 4)
            await second.close()
            await first.close()
        }
    }

    @Test func `what was stored is committed at intervals, and before a partition is given back`() throws {
        let world = ConsumerWorld(messages: 4, partitions: 1) { $0.settings.atLeastOnce = true }
        try world.run {
            let (consumer, _) = world.consumer("a")
            #expect(await consumer.read(4).count == 4)
            consumer.store([TopicPartitionOffset(TopicPartition("t0", 0), 2)])
            try await world.pass(.milliseconds(1500))
            #expect(world.brokers.committedOffset(0) == 2)
            consumer.store([TopicPartitionOffset(TopicPartition("t0", 0), 4)])
            await consumer.close()
            #expect(world.brokers.committedOffset(0) == 4)
        }
    }
}
