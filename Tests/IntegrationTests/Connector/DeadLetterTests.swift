import Connector
import FakeBroker
import FakeGateway
import TestSupport
import Testing

/// What no function would take, in the dead-letter topic.
@Suite struct DeadLetterTests {
    private static let failing = Function("bad", topic: "t") { request in
        FunctionReply("no", status: request.text == "fine" ? 200 : 500)
    }

    private static let settings = [
        "delivery": "at-least-once", "dead_letter_topic": "dead", "retry_attempts": "3",
    ]

    private func header(_ record: FakeBroker.StoredRecord, _ name: String) -> String? {
        record.headers.last { $0.name == name }.flatMap(\.value).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `a letter is the record, and says where it comes from and why it is here`() async throws {
        try await ConnectorSystem.run(
            Self.settings, functions: [Self.failing],
            broker: {
                $0.topics = [.init("t"), .init("dead")]
            }
        ) { system in
            let record = FakeBroker.Record(
                key: Array("k".utf8), value: [0, 255, 1], headers: [.init("mine", [9]), .init("none", nil)],
                timestamp: 1_700_000_000_123)
            try await system.broker.append([record, .init("fine")], to: "t")
            try await system.until("both are done") { $0.handled == 2 }
            let letters = try await system.broker.records(topic: "dead")
            #expect(letters.count == 1)
            let letter = try #require(letters.first)
            #expect(letter.key == Array("k".utf8))
            #expect(letter.value == [0, 255, 1])
            #expect(letter.headers.prefix(2) == [.init("mine", [9]), .init("none", nil)])
            #expect(header(letter, "X-Dead-Letter-Topic") == "t")
            #expect(header(letter, "X-Dead-Letter-Partition") == "0")
            #expect(header(letter, "X-Dead-Letter-Offset") == "0")
            #expect(header(letter, "X-Dead-Letter-Function") == "bad.openfaas-fn")
            #expect(header(letter, "X-Dead-Letter-Status") == "500")
            #expect(header(letter, "X-Dead-Letter-Attempts") == "3")
            #expect(header(letter, "X-Dead-Letter-Error") == "status 500")
            #expect(header(letter, "X-Dead-Letter-Timestamp") == "1700000000123")
            #expect(system.ledger.account.deadLettered == 1)
            #expect(system.metric(#"connector_dead_lettered_total{reason="attempts_exhausted"}"#) == 1)
            try await eventually("both are committed") { try await system.committed() == 2 }
        }
    }

    @Test func `at least once, nothing is committed before the letter is acknowledged`() async throws {
        try await ConnectorSystem.run(
            Self.settings, functions: [Self.failing],
            broker: {
                $0.topics = [.init("t"), .init("dead")]
            }
        ) { system in
            // A broker that says so for good, as far as librdkafka is concerned.
            try await system.broker.intercept { $0.api == "Produce" ? .fail(.topicAuthorizationFailed) : .handle }
            try await system.append("poison", "fine")
            try await system.until("letters that fail") { $0.deadLetterFailures > 3 }
            #expect(try await system.committed() == nil)
            #expect(system.ledger.account.handled == 0)
            #expect(system.metric("connector_dead_letter_failures_total") ?? 0 > 3)
            try await system.broker.intercept(nil)
            try await system.until("the end") { $0.handled == 2 && $0.deadLettered == 1 }
            #expect(try await system.broker.records(topic: "dead").map(\.text) == ["poison"])
            try await eventually("both are committed") { try await system.committed() == 2 }
        }
    }

    @Test func `at most once, a letter that fails is tried like a call, counted, and holds up nobody for good`()
        async throws
    {
        let lost = Box(true)
        try await ConnectorSystem.run(
            Self.settings.merging(["delivery": "at-most-once"]) { $1 },
            functions: [Function("f", topic: "t") { _ in FunctionReply() }],
            broker: { $0.topics = [.init("t"), .init("dead")] }
        ) { system in
            try await system.gateway.setFaults { request in
                request.function != nil && lost.value ? .dropBeforeRun : nil
            }
            try await system.broker.intercept { $0.api == "Produce" ? .fail(.topicAuthorizationFailed) : .handle }
            try await system.append("gone")
            try await system.until("it is given up") { $0.gaveUp[.noReply] == 1 && $0.handled == 1 }
            #expect(system.ledger.account.deadLetterFailures == 3)
            #expect(system.ledger.account.deadLettered == 0)
            #expect(system.metric(#"connector_dropped_total{reason="no_reply"}"#) == 1)
            // With the topic back, what a function never saw goes there.
            try await system.broker.intercept(nil)
            // librdkafka finds out when it asks for the topic again.
            try await eventually("a letter") {
                try await system.append("kept")
                return system.ledger.account.deadLettered > 0
            }
            #expect(try await system.broker.records(topic: "dead").first?.text == "kept")
        }
    }

    @Test func `a letter that the topic will never take is dropped with a count`() async throws {
        try await ConnectorSystem.run(
            Self.settings, functions: [Self.failing],
            broker: {
                $0.topics = [.init("t"), .init("dead", configs: ["max.message.bytes": "1000"])]
            }
        ) { system in
            try await system.append(String(repeating: "x", count: 5000), "fine")
            try await system.until("both are done") { $0.handled == 2 }
            #expect(system.ledger.account.deadLetterFailures == 1)
            #expect(system.ledger.account.gaveUp == [.attemptsExhausted: 1])
            #expect(system.log.text.contains("larger than dead takes"))
        }
    }

    @Test func `a function on the dead-letter topic that fails makes no second letter`() async throws {
        try await ConnectorSystem.run(
            Self.settings.merging(["topics": "*"]) { $1 },
            functions: [Self.failing, Function("worse", topic: "dead") { _ in FunctionReply("", status: 500) }],
            broker: { $0.topics = [.init("t"), .init("dead")] }
        ) { system in
            try await system.append("poison")
            try await system.until("both functions gave up") { $0.handled == 2 }
            #expect(try await system.broker.records(topic: "dead").count == 1)
            #expect(system.ledger.account.gaveUp[.attemptsExhausted] == 2)
        }
    }

    @Test func `a stop does not wait for a letter that nobody takes`() async throws {
        let clock = ContinuousClock()
        let start = Box<ContinuousClock.Instant?>(nil)
        try await ConnectorSystem.run(
            Self.settings.merging(["drain_timeout": "300ms"]) { $1 }, functions: [Self.failing],
            broker: { $0.topics = [.init("t"), .init("dead")] }
        ) { system in
            try await system.broker.intercept { $0.api == "Produce" ? .drop : .handle }
            try await system.append("poison")
            try await system.until("a call") { $0.repliesByStatus[500] == 3 }
            start.set(clock.now)
        }
        let began = try #require(start.value)
        // librdkafka itself would try for five minutes.
        #expect(clock.now - began < .seconds(90))
    }
}
