import TestSupport
import SeededRandom
import FakeGateway
import HTTP
import NIOCore
import NIOHTTP1
import Testing

/// Requests that were spoilt at random, and clients in their crowds: nothing crashes, and nobody else is harmed.
@Suite struct FuzzTests {
    private static let requests: [(HTTPMethod, String, String)] = [
        (.POST, "/function/echo.openfaas-fn/a?b=%20c", "hello"),
        (.POST, "/async-function/echo/a?b=c", "hello"),
        (.GET, "/system/functions?namespace=openfaas-fn", ""),
        (.POST, "/system/functions", #"{"service":"a","image":"functions/status","envVars":{"max_inflight":"2"}}"#),
        (.PUT, "/system/functions", #"{"service":"a","image":"b","labels":{"com.openfaas.scale.min":"9"}}"#),
        (.DELETE, "/system/functions", #"{"functionName":"a","namespace":"openfaas-fn"}"#),
        (.GET, "/system/function/echo?usage=true", ""),
        (.POST, "/system/scale-function/echo", #"{"serviceName":"echo","replicas":3,"namespace":""}"#),
        (.POST, "/system/secrets", #"{"name":"key","value":"v","rawValue":"AAEC"}"#),
        (.DELETE, "/system/secrets", #"{"name":"key"}"#),
        (.GET, "/system/logs?name=echo&tail=3&since=2026-01-01T00:00:00.123%2B01:00&follow=true", ""),
        (.POST, "/system/namespace/dev", #"{"name":"dev","annotations":{"openfaas":"1"}}"#),
        (.DELETE, "/system/namespace/dev", ""), (.GET, "/system/namespaces", ""), (.GET, "/system/info", ""),
        (.POST, "/system/alert", #"{"alerts":[{"status":"firing","labels":{"function_name":"echo"}}]}"#),
        (.GET, "/api/v1/query?query=up", ""), (.GET, "/healthz", ""), (.GET, "/ui/", ""),
    ]

    private func mutated(_ text: String, _ generator: inout SeededGenerator) -> String {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            let index = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes.insert(UInt8.random(in: .min ... .max, using: &generator), at: index)
            case 1 where !bytes.isEmpty: bytes.remove(at: index)
            case 2 where !bytes.isEmpty: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
            case 3: bytes.insert(contentsOf: Array("99999999999999999999".utf8), at: index)
            default: break
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: FakeGateway.Configuration.Dialect.allCases)
    func `the state takes any request at any time`(dialect: FakeGateway.Configuration.Dialect) {
        var generator = SeededGenerator(seed: 7)
        var configuration = FakeGateway.Configuration(dialect, BuiltIn.echo.function(), BuiltIn.sleep.function())
        configuration.edition = .pro
        configuration.coldStart = .milliseconds(300)
        configuration.limits.logFollowers = 3
        var now = GatewayTime(unixNanoseconds: 1_764_000_000_000_000_000)
        var state = GatewayState(configuration, now: now)
        for _ in 0..<10_000 {
            let (method, target, body) = Self.requests[Int.random(in: 0..<Self.requests.count, using: &generator)]
            let headers = HTTPHeaders([
                ("X-Callback-Url", mutated("http://127.0.0.1:1/a%20", &generator)),
                ("Authorization", mutated("Basic YWRtaW46", &generator)),
            ])
            now = now.advanced(by: .milliseconds(Int.random(in: 0...50, using: &generator)))
            let number = state.receive(
                HTTPServerRequest(
                    method: method, target: mutated(target, &generator), headers: headers,
                    body: ByteBuffer(string: mutated(body, &generator))),
                from: "127.0.0.1:1", now: now)
            if Bool.random(using: &generator) { state.closed(number) }
            while state.nextEffect() != nil {}
        }
        state.advance(to: now.advanced(by: .seconds(3600)))
        let health = state.receive(
            HTTPServerRequest(method: .GET, target: "/healthz", headers: [:], body: ByteBuffer()), from: "", now: now)
        var isAnswered = false
        while let effect = state.nextEffect() {
            if case .reply(health, let reply) = effect { isAnswered = reply.status == 200 }
        }
        #expect(isAnswered)
    }

    @Test func `spoilt bytes on a socket end no more than their connection`() async throws {
        var generator = SeededGenerator(seed: 11)
        let gateway = try await FakeGateway.start(FakeGateway.Configuration(.faasNetes, BuiltIn.echo.function()))
        for _ in 0..<300 {
            // Up to three requests in one write, with both kinds of bodies.
            let text = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                let (method, target, body) = Self.requests[Int.random(in: 0..<Self.requests.count, using: &generator)]
                let head = "\(method) \(target) HTTP/1.1\r\nHost: a\r\n"
                return Bool.random(using: &generator) || body.isEmpty
                    ? "\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    : "\(head)Transfer-Encoding: chunked\r\n\r\n"
                        + "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
            }.joined()
            let client = try await RawClient.connect(to: gateway.port)
            // The gateway may have closed already.
            try? await client.send(mutated(text, &generator))
            let reply = try await client.read { _ in true }
            #expect(reply.isEmpty || reply.hasPrefix("HTTP/1.1 "), "\(text)")
            client.close()
        }
        #expect(try await Client.overTCP(gateway, .POST, "/function/echo", [], "well").body == "well")
        await gateway.shutdown()
    }

    @Test func `of a thousand connections, those are served that do not call what never answers`() async throws {
        try #require(OpenFiles.allow(8192) >= 4096)
        let stuck = Function(
            "stuck",
            asynchronously: { _ in
                try await ContinuousClock().sleep(for: .seconds(3600))
                return FunctionReply()
            })
        let gateway = try await FakeGateway.start(FakeGateway.Configuration(.faasNetes, stuck, BuiltIn.echo.function()))
        var clients: [RawClient] = []
        func echo(on client: RawClient) async throws {
            try await client.send("POST /function/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nwell")
        }
        for number in 0..<1000 {
            let client = try await RawClient.connect(to: gateway.port)
            if number.isMultiple(of: 2) {
                try await client.send("POST /function/stuck HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            } else {
                // Once served, it may rest for longer than until its first request.
                try await echo(on: client)
                _ = try await client.read { $0.hasSuffix("\r\n\r\nwell") }
            }
            clients.append(client)
        }
        try await eventually("the calls") { try await gateway.callsByFunction().first?.calls == 500 }
        // All connections are open now.
        for (number, client) in clients.enumerated() where !number.isMultiple(of: 2) { try await echo(on: client) }
        for (number, client) in clients.enumerated() where !number.isMultiple(of: 2) {
            let reply = try await client.read { $0.hasSuffix("\r\n\r\nwell") }
            #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        #expect(try await Client.overTCP(gateway, .POST, "/function/echo", [], "well").body == "well")
        for client in clients { client.close() }
        #expect(try await Client.overTCP(gateway, .POST, "/function/echo", [], "still").body == "still")
        await gateway.shutdown()
    }
}
