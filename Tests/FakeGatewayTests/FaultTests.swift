import TestSupport
import FakeGateway
import HTTP
import NIOHTTP1
import NIOPosix
import Testing

/// Faults as data: what a client sees of each, byte for byte.
@Suite struct FaultTests {
    private func withGateway(
        _ rules: [FaultRule], _ body: (FakeGateway) async throws -> Void
    ) async throws {
        var configuration = FakeGateway.Configuration(.faasNetes, BuiltIn.echo.function())
        configuration.faults = rules
        let gateway = try await FakeGateway.start(configuration)
        do { try await body(gateway) } catch {
            await gateway.shutdown()
            throw error
        }
        await gateway.shutdown()
    }

    /// What a raw client gets until the connection ends, or what comes first satisfies `condition`.
    private func raw(
        _ gateway: FakeGateway, _ body: String = "0123456789", until condition: (String) -> Bool = { _ in false }
    ) async throws -> String {
        let client = try await RawClient.connect(to: gateway.port)
        try await client.send(
            "POST /function/echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let text = try await client.read(until: condition)
        client.close()
        return text
    }

    @Test(arguments: [Fault.dropBeforeRun, .dropAfterRun])
    func `an empty reply is the end of the connection`(fault: Fault) async throws {
        try await withGateway([FaultRule(fault)]) { gateway in
            let text = try await raw(gateway)
            #expect(text.isEmpty)
            #expect(try await gateway.requests().map(\.status) == [nil])
        }
    }

    @Test func `a reset is an error of the connection, a drop is its end`() async throws {
        for (fault, isReset) in [(Fault.reset, true), (.dropAfterRun, false)] {
            try await withGateway([FaultRule(fault)]) { gateway in
                let client = try await RawClient.connect(to: gateway.port)
                try await client.send("POST /function/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
                #expect(try await client.readToEnd().isEmpty)
                #expect(client.wasReset == isReset)
            }
        }
    }

    @Test func `a half-open connection stays, and harms nobody else`() async throws {
        try await withGateway([FaultRule(.halfOpen, count: 1)]) { gateway in
            let stuck = try await RawClient.connect(to: gateway.port)
            try await stuck.send("POST /function/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            try await eventually("the request") { try await gateway.requests().count == 1 }
            #expect(try await Client.overTCP(gateway, .POST, "/function/echo", [], "x").body == "x")
            #expect(try await stuck.read(until: { _ in true }).isEmpty)
            #expect(try await gateway.requests().first?.status == nil)
            stuck.close()
        }
    }

    @Test func `a truncated body ends before the length that was told`() async throws {
        try await withGateway([FaultRule(.truncate(after: 4))]) { gateway in
            let text = try await raw(gateway)
            #expect(text.contains("Content-Length: 10\r\n"))
            #expect(text.hasSuffix("\r\n\r\n0123"))
        }
    }

    @Test(arguments: [5, 99])
    func `a wrong length is told as asked`(length: Int) async throws {
        try await withGateway([FaultRule(.contentLength(length))]) { gateway in
            let text = try await raw(gateway, until: { $0.hasSuffix("0123456789") })
            #expect(text.contains("Content-Length: \(length)\r\n"))
        }
    }

    @Test func `a slow body comes in pieces, each after its time`() async throws {
        try await withGateway([FaultRule(.trickle(bytes: 3, every: .milliseconds(20)))]) { gateway in
            let start = ContinuousClock.now
            let answer = try await Client.overTCP(gateway, .POST, "/function/echo", [], "0123456789")
            #expect(answer.body == "0123456789")
            #expect(ContinuousClock.now - start >= .milliseconds(60))
        }
    }

    // MARK: In the gateway's time

    /// A gateway whose time stands still, with a function that says when it ran.
    private func withVirtualTime(
        _ fault: Fault, _ body: (FakeGateway, RawClient) async throws -> Void
    ) async throws {
        var configuration = FakeGateway.Configuration(
            .faasNetes,
            Function("echo") { request in
                var reply = FunctionReply(request.text, headers: [("Content-Type", "text/plain")])
                reply.log = ["ran"]
                return reply
            })
        configuration.time = .virtual(startUnixNanoseconds: 1_764_000_000_000_000_000)
        configuration.faults = [FaultRule(fault, path: "/function/")]
        let gateway = try await FakeGateway.start(configuration)
        let client = try await RawClient.connect(to: gateway.port)
        do {
            try await client.send(
                "POST /function/echo HTTP/1.1\r\nHost: a\r\nX-Call-Id: 7\r\nContent-Length: 6\r\n\r\nabcdef")
            try await eventually("the request") { try await gateway.requests().count == 1 }
            try await body(gateway, client)
        } catch {
            client.close()
            await gateway.shutdown()
            throw error
        }
        client.close()
        await gateway.shutdown()
    }

    /// How often the function ran.
    private func runs(_ gateway: FakeGateway) async throws -> Int {
        let log = try await Client.overTCP(gateway, .GET, "/system/logs?name=echo", [], "")
        return log.body.split(separator: "\n").count { $0.contains(#""text":"ran""#) }
    }

    /// Without the date, which is the machine's.
    private func dateless(_ text: String) -> String { text.replacing(/Date: [^\r]*\r\n/, with: "") }

    private static let reply =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Start-Time: 1764000000000000000\r\n"
        + "X-Served-By: openfaas-ce/0.27.10\r\nContent-Length: 6\r\n\r\n"

    @Test func `a status comes in place of the function's run`() async throws {
        try await withVirtualTime(.status(503, text: "gone")) { gateway, client in
            let text = try await client.read { $0.hasSuffix("gone") }
            #expect(
                dateless(text) == "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    + "Content-Length: 4\r\n\r\ngone")
            #expect(try await runs(gateway) == 0)
        }
    }

    @Test(arguments: [(Fault.dropBeforeRun, 0), (.dropAfterRun, 1), (.reset, 1), (.halfOpen, 0)])
    func `a fault says whether the function ran`(fault: Fault, runs: Int) async throws {
        try await withVirtualTime(fault) { gateway, client in
            #expect(try await self.runs(gateway) == runs)
            let call = try #require(try await gateway.calls(of: "echo").first)
            #expect(call.status == nil)
            #expect(call.duration == (fault == .halfOpen ? nil : .zero))
            #expect(call.description.hasSuffix(fault == .halfOpen ? "-> pending" : "-> dropped"))
        }
    }

    @Test func `a delay is before the run, a late reply after it`() async throws {
        for (fault, start, runs) in [(Fault.delay(.seconds(5)), 5, 0), (.replyLate(.seconds(5)), 0, 1)] {
            try await withVirtualTime(fault) { gateway, client in
                try await gateway.advance(by: .milliseconds(4999))
                #expect(try await self.runs(gateway) == runs)
                #expect(try await gateway.calls(of: "echo").first?.status == nil)
                try await gateway.advance(by: .milliseconds(1))
                let text = try await client.read { $0.hasSuffix("abcdef") }
                let reply = Self.reply.replacing("1764000000", with: "\(1_764_000_000 + start)")
                #expect(dateless(text) == reply + "abcdef")
                let call = try #require(try await gateway.calls(of: "echo").first)
                #expect(call.status == 200)
                #expect(call.duration == .seconds(5))
                #expect(call.arrivedNanoseconds == 1_764_000_000_000_000_000)
            }
        }
    }

    @Test func `an early reply comes at once, and the function runs all the same`() async throws {
        try await withVirtualTime(.replyEarly(202, text: "soon")) { gateway, client in
            let text = try await client.read { $0.hasSuffix("soon") }
            #expect(text.hasPrefix("HTTP/1.1 202 Accepted\r\n"))
            #expect(try await runs(gateway) == 1)
        }
    }

    @Test func `a trickle sends its bytes each at its time`() async throws {
        try await withVirtualTime(.trickle(bytes: 4, every: .seconds(1))) { gateway, client in
            let first = try await client.read { $0.hasSuffix("abcd") }
            #expect(dateless(first) == Self.reply + "abcd")
            try await gateway.advance(by: .milliseconds(999))
            #expect(try await client.read { _ in true } == first)
            try await gateway.advance(by: .milliseconds(1))
            #expect(try await client.read { $0.hasSuffix("abcdef") } == first + "ef")
        }
    }

    @Test func `a late reply is not the function's time, an early one comes while it runs`() async throws {
        try await withGateway([FaultRule(.replyLate(.milliseconds(30)), count: 1), FaultRule(.replyEarly(202))]) {
            gateway in
            let late = try await Client.overTCP(gateway, .POST, "/function/echo", [], "x")
            #expect(late.body == "x")
            #expect(try await gateway.requests().first?.duration ?? .zero >= .milliseconds(30))
            let early = try await Client.overTCP(gateway, .POST, "/function/echo", [], "x")
            #expect(early.status == 202)
            let list = try await Client.overTCP(gateway, .GET, "/system/function/echo", [], "")
            #expect(list.status == 202)
        }
    }

    @Test func `credentials are refused for a while`() async throws {
        try await withGateway([FaultRule(.unauthorized, path: "/system/", skip: 1, count: 2)]) { gateway in
            var statuses: [Int] = []
            for _ in 0..<4 {
                statuses.append(try await Client.overTCP(gateway, .GET, "/system/functions", [], "").status)
            }
            #expect(statuses == [200, 401, 401, 200])
            #expect(try await Client.overTCP(gateway, .POST, "/function/echo", [], "x").status == 200)
        }
        var configuration = FakeGateway.Configuration()
        configuration.time = .virtual()
        let gateway = try await FakeGateway.start(configuration)
        try await gateway.setFaults([FaultRule(.unauthorized, for: .seconds(30))])
        #expect(try await Client.overTCP(gateway, .GET, "/system/functions", [], "").status == 401)
        try await gateway.advance(by: .seconds(30))
        #expect(try await Client.overTCP(gateway, .GET, "/system/functions", [], "").status == 200)
        await gateway.shutdown()
    }

    @Test func `a listing is null, not JSON, huge or stale`() async throws {
        try await withGateway([]) { gateway in
            func list(_ fault: Fault.Listing?) async throws -> Answer {
                let rule = fault.map { FaultRule(.listing($0), path: "/system/functions") }
                try await gateway.setFaults(rule.map { [$0] } ?? [])
                return try await Client.overTCP(gateway, .GET, "/system/functions", [], "")
            }
            #expect(try await list(.stale).body == "[]")
            let before = try await list(nil).body
            try await gateway.remove("echo")
            #expect(try await list(.stale).body == before)
            #expect(try await list(nil).body == "[]")
            #expect(try await list(.null).body == "null")
            #expect(try await list(.notJSON).body == "404 page not found\n")
            #expect((try await list(.huge(1000)).json() as? [Any])?.count == 1000)
        }
    }

    @Test func `a share of requests is struck by the seed`() async throws {
        func statuses(seed: UInt64) async throws -> [Int] {
            var configuration = FakeGateway.Configuration(.faasNetes, BuiltIn.echo.function())
            configuration.seed = seed
            configuration.faults = [FaultRule(.status(503), function: "echo", probability: 0.3)]
            var statuses: [Int] = []
            try await Client.with(.inMemory, configuration) { client in
                for _ in 0..<100 { statuses.append(try await client.send(.POST, "/function/echo").status) }
            }
            return statuses
        }
        let first = try await statuses(seed: 1)
        #expect((10...60).contains(first.count { $0 == 503 }))
        #expect(try await statuses(seed: 1) == first)
        #expect(try await statuses(seed: 2) != first)
    }
}
