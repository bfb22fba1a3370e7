import Connector
import FakeBroker
import FakeGateway
import Synchronization
import TestSupport
import Testing

/// One event for several functions: each has its own limits, retries and end.
@Suite struct FanOutTests {
    /// Fails so often, then answers 200.
    private func function(
        _ name: String, failing failures: Int, with status: Int = 503, headers: [(String, String)] = [],
        annotations: [String: String] = [:]
    ) -> Function {
        let left = Box(failures)
        return Function(name, topic: "t", annotations: annotations) { _ in
            guard left.value > 0 else { return FunctionReply() }
            left.set(left.value - 1)
            return FunctionReply("", status: status, headers: headers)
        }
    }

    private func calls(_ system: ConnectorSystem, _ name: String) async throws -> [RecordedRequest] {
        try await system.gateway.calls(of: "\(name).openfaas-fn")
    }

    @Test func `only the functions that failed are tried again, each as its annotations say`() async throws {
        let functions = [
            function("good", failing: 0), function("flaky", failing: 3), function("worse", failing: 5, with: 500),
            function("brief", failing: 1000, annotations: ["com.openfaas.retry.attempts": "2"]),
            function("picky", failing: 1000, annotations: ["com.openfaas.retry.codes": "429"]),
            function("teapot", failing: 2, with: 418, annotations: ["com.openfaas.retry.codes": "418,503"]),
        ]
        try await ConnectorSystem.run(["delivery": "at-least-once"], functions: functions) { system in
            try await system.append("a")
            try await system.until("the event is done") { $0.handled == 1 }
            for (name, count) in [("good", 1), ("flaky", 4), ("worse", 6), ("brief", 2), ("picky", 1), ("teapot", 3)] {
                #expect(try await calls(system, name).count == count, "\(name)")
            }
            #expect(system.ledger.account.gaveUp == [.attemptsExhausted: 1, .refused: 1])
            #expect(system.metric("connector_retries_total") == 11)
            try await eventually("it is committed") { try await system.committed() == 1 }
        }
    }

    @Test(arguments: [("1", "30s", 1.0), ("3600", "400ms", 0.4)])
    func `Retry-After is waited for, up to the longest wait`(
        value: String, longest: String, seconds: Double
    ) async throws {
        let busy = function("busy", failing: 1, with: 429, headers: [("Retry-After", value)])
        try await ConnectorSystem.run(
            ["delivery": "at-least-once", "retry_max_wait": longest], functions: [busy]
        ) { system in
            try await system.append("a")
            try await system.until("the second call") { $0.handled == 1 }
            let times = try await calls(system, "busy").map(\.arrivedNanoseconds)
            try #require(times.count == 2)
            let waited = Double(times[1] - times[0]) / 1e9
            #expect(waited >= seconds, "by itself it would have been 10 ms at most")
        }
    }

    @Test func `a function has no more calls at once than its annotation allows, and others are not held up`()
        async throws
    {
        let gate = Gate()
        let running = Mutex((now: 0, most: 0))
        let limited = Function(
            "limited", topic: "t", annotations: ["com.openfaas.connector.max_in_flight": "2"],
            asynchronously: { _ in
                running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                await gate.pass()
                running.withLock { $0.now -= 1 }
                return FunctionReply()
            })
        try await ConnectorSystem.run(
            ["ordering": "none"], functions: [limited, function("free", failing: 0)]
        ) { system in
            try await system.append("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
            try await system.until("all calls of the other") { $0.repliesByStatus[200] == 10 }
            #expect(try await calls(system, "free").count == 10)
            #expect(try await calls(system, "limited").count == 2)
            gate.open()
            try await system.until("all") { $0.handled == 10 }
            #expect(try await calls(system, "limited").count == 10)
            #expect(running.withLock { $0.most } == 2)
        }
    }
}
