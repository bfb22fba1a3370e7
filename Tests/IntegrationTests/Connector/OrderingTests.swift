import Connector
import FakeBroker
import FakeGateway
import TestSupport
import Testing

/// Which events wait for one another, and that the others do not.
@Suite struct OrderingTests {
    /// Waits at the gate with events that say `slow`.
    private func function(_ gate: Gate) -> Function {
        Function(
            "f", topic: "t",
            asynchronously: { request in
                if request.text == "slow" { await gate.pass() }
                return FunctionReply()
            })
    }

    /// What the function was called with, in order.
    private func calls(_ system: ConnectorSystem) async throws -> [String] {
        try await system.gateway.calls(of: "f.openfaas-fn").map(\.text)
    }

    private func record(_ key: String?, _ value: String) -> FakeBroker.Record {
        FakeBroker.Record(key: key.map { Array($0.utf8) }, value: Array(value.utf8))
    }

    @Test(arguments: ["at-most-once", "at-least-once"])
    func `by partition, one event after the other, and a slow one holds up no other partition`(
        delivery: String
    ) async throws {
        let gate = Gate()
        try await ConnectorSystem.run(
            ["delivery": delivery], functions: [function(gate)], broker: { $0.topics = [.init("t", partitions: 2)] }
        ) { system in
            try await system.append("slow", "next", "last")
            try await eventually("the slow call") { try await calls(system) == ["slow"] }
            try await system.append("other", "another", partition: 1)
            try await system.until("the other partition") { $0.handled == 2 }
            #expect(try await calls(system) == ["slow", "other", "another"])
            gate.open()
            try await system.until("all") { $0.handled == 5 }
            #expect(try await calls(system) == ["slow", "other", "another", "next", "last"])
        }
    }

    @Test(arguments: ["at-most-once", "at-least-once"])
    func `by key, equal keys follow one another, other keys and events without one do not wait`(
        delivery: String
    ) async throws {
        let gate = Gate()
        try await ConnectorSystem.run(["delivery": delivery, "ordering": "key"], functions: [function(gate)]) {
            system in
            let records = [
                record("a", "slow"), record("a", "a2"), record("b", "b1"), record("a", "a3"), record(nil, "n1"),
                record("b", "b2"), record(nil, "n2"),
            ]
            try await system.broker.append(records, to: "t")
            try await system.until("all but those of the key") { $0.handled == 4 }
            let early = try await calls(system)
            #expect(Set(early) == ["slow", "b1", "b2", "n1", "n2"])
            #expect(early.filter { $0.hasPrefix("b") } == ["b1", "b2"])
            // What is not done by the offset of the slow one is not committed at least once.
            if delivery == "at-least-once" { #expect(try await system.committed() ?? 0 == 0) }
            gate.open()
            try await system.until("all") { $0.handled == 7 }
            #expect(try await calls(system).suffix(2) == ["a2", "a3"])
            try await eventually("all is committed") { try await system.committed() == 7 }
        }
    }

    @Test func `without order, nothing waits for anything`() async throws {
        let gate = Gate()
        try await ConnectorSystem.run(["ordering": "none"], functions: [function(gate)]) { system in
            try await system.broker.append(
                [record("a", "slow")] + (0..<200).map { record("a", "\($0)") }, to: "t")
            try await system.until("all but the slow one") { $0.handled == 200 }
            #expect(system.ledger.account.inFlight == 1)
            gate.open()
            try await system.until("all") { $0.handled == 201 }
        }
    }

    // MARK: Room

    @Test(arguments: ["partition", "key"])
    func `however much a slow lane has waiting, others find room`(ordering: String) async throws {
        let gate = Gate()
        try await ConnectorSystem.run(
            ["ordering": ordering, "max_in_flight": "4"], functions: [function(gate)],
            broker: { $0.topics = [.init("t", partitions: 2)] }
        ) { system in
            try await system.broker.append(
                [record("k", "slow")] + (0..<500).map { record("k", "\($0)") }, to: "t", partition: 0)
            try await eventually("the slow call") { try await calls(system) == ["slow"] }
            try await system.broker.append((0..<100).map { record("k", "other \($0)") }, to: "t", partition: 1)
            try await system.until("the other lane") { $0.handled == 100 }
            #expect(try await calls(system).count == 101)
            gate.open()
            try await system.until("all") { $0.handled == 601 }
            let values = try await calls(system)
            #expect(values.filter { !$0.hasPrefix("other") } == ["slow"] + (0..<500).map { "\($0)" })
        }
    }

    /// 192 KiB wait, of which one partition may have 64 KiB fetched ahead, and what one fetch brings beyond.
    @Test func `a partition that stands still is paused, fetched no further than is set, and resumed`() async throws {
        let gate = Gate()
        let settings = [
            "max_in_flight": "4", "kafka.queued.max.messages.kbytes": "64", "kafka.fetch.message.max.bytes": "16384",
        ]
        try await ConnectorSystem.run(
            settings, functions: [function(gate)],
            broker: {
                $0.topics = [.init("t", partitions: 2)]
                $0.journalMessages = true
            }
        ) { system in
            try await system.append("slow")
            for _ in 0..<24 {
                let batch = (0..<8).map { _ in record(nil, String(repeating: "x", count: 1024)) }
                try await system.broker.append(batch, to: "t")
            }
            try await eventually("it is paused") { system.log.text.contains("Paused [t/0]") }
            let asked = try await highestFetchOffset(system)
            #expect(asked > 0 && asked <= 96, "\(asked) records of 1 KiB")
            #expect(system.ledger.account.inHand <= 4)
            // Others go on meanwhile, and it stays where it is.
            try await system.append("other", "another", partition: 1)
            try await system.until("the other partition") { $0.handled == 2 }
            #expect(try await highestFetchOffset(system) <= 96)
            gate.open()
            try await system.until("all") { $0.handled == 195 }
            #expect(system.log.text.contains("Resumed [t/0]"))
            // librdkafka fetches again up to a second after it had enough.
            try await eventually("it reads on") { try await highestFetchOffset(system) == 193 }
        }
    }

    /// Where the last fetch of partition 0 begins that got records.
    private func highestFetchOffset(_ system: ConnectorSystem) async throws -> Int {
        let requests = try await system.broker.journal().matching(api: "Fetch").compactMap(\.request)
        return requests.flatMap { request in
            request.matches(of: /Partition: 0,[^}]*?FetchOffset: (\d+)/).compactMap { Int($0.output.1) }
        }.max() ?? -1
    }
}
