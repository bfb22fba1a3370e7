import FakeGateway
import HTTP
import NIOHTTP1
import NIOPosix
import Testing

/// What a test can see and do through the gateway's own API.
@Suite struct ControlTests {
    private func withGateway(
        _ configuration: FakeGateway.Configuration = .init(), _ body: (FakeGateway, HTTPClient) async throws -> Void
    ) async throws {
        let gateway = try await FakeGateway.start(configuration)
        let client = try HTTPClient(HTTPEndpoint(gateway.url), on: MultiThreadedEventLoopGroup.singleton.next())
        do { try await body(gateway, client) } catch {
            await client.shutDown()
            await gateway.shutdown()
            throw error
        }
        await client.shutDown()
        await gateway.shutdown()
    }

    private func post(_ client: HTTPClient, _ target: String, _ body: String = "") async throws -> Int {
        let builder = try HTTPRequestBuilder(.POST, target, to: client.endpoint)
        let request = builder.finish(
            body: unsafe Array(body.utf8).span.bytes, timeout: .seconds(30), replyBody: .keepFirst(0))
        return try await client.send(request).status
    }

    @Test func `the journal tells what was asked and answered`() async throws {
        try await withGateway { gateway, client in
            try await gateway.deploy(BuiltIn.echo.function())
            #expect(try await post(client, "/function/echo", "one") == 200)
            #expect(try await post(client, "/function/nope", "two") == 404)
            let requests = try await gateway.requests()
            #expect(
                requests.map(\.description) == [
                    "#1 POST /function/echo (3 bytes) -> 200", "#2 POST /function/nope (3 bytes) -> 404",
                ])
            #expect(try await gateway.calls(of: "echo").map(\.text) == ["one"])
            #expect(try await gateway.callsByFunction().map(\.name) == ["echo", "nope"])
        }
    }

    @Test func `the journal forgets the oldest first and counts on`() async throws {
        var configuration = FakeGateway.Configuration()
        configuration.functions = [BuiltIn.echo.function()]
        configuration.limits.journalEntries = 3
        try await withGateway(configuration) { gateway, client in
            for number in 0..<5 { _ = try await post(client, "/function/echo", "\(number)") }
            #expect(try await gateway.calls(of: "echo").map(\.text) == ["2", "3", "4"])
            #expect(try await gateway.callsByFunction().first?.calls == 5)
        }
    }

    @Test func `functions come and go while it runs`() async throws {
        try await withGateway { gateway, client in
            #expect(try await post(client, "/function/echo") == 404)
            try await gateway.deploy(BuiltIn.echo.function())
            #expect(try await post(client, "/function/echo") == 200)
            #expect(try await gateway.remove("echo"))
            #expect(try await post(client, "/function/echo") == 404)
            #expect(try await gateway.remove("echo") == false)
        }
    }

    @Test func `faults answer in place of the function, or drop the reply before or after it ran`() async throws {
        var configuration = FakeGateway.Configuration()
        configuration.functions = [BuiltIn.echo.function()]
        try await withGateway(configuration) { gateway, client in
            try await gateway.setFaults { request in
                switch request.text {
                case "status": .status(503)
                case "before": .dropBeforeRun
                case "after": .dropAfterRun
                case "late": .delay(.milliseconds(20))
                default: nil
                }
            }
            #expect(try await post(client, "/function/echo", "fine") == 200)
            #expect(try await post(client, "/function/echo", "status") == 503)
            #expect(try await post(client, "/function/echo", "late") == 200)
            for doomed in ["before", "after"] {
                await #expect(throws: HTTPClientError.self) { try await post(client, "/function/echo", doomed) }
            }
            #expect(try await gateway.requests().map(\.status) == [200, 503, 200, nil, nil])
        }
    }

    @Test func `a function that never answers is given up with an empty 502, and harms no other`() async throws {
        var configuration = FakeGateway.Configuration()
        configuration.upstreamTimeout = .milliseconds(100)
        configuration.functions = [
            BuiltIn.echo.function(),
            Function(
                "stuck",
                asynchronously: { _ in
                    try await ContinuousClock().sleep(for: .seconds(3600))
                    return FunctionReply()
                }),
        ]
        try await withGateway(configuration) { gateway, client in
            async let stuck = post(client, "/function/stuck")
            #expect(try await post(client, "/function/echo") == 200)
            let status = try await stuck
            #expect(status == 502)
        }
    }

    @Test func `what cannot be configured is named`() async {
        var configuration = FakeGateway.Configuration()
        configuration.port = 70_000
        await #expect(throws: FakeGatewayError.self) { try await FakeGateway.start(configuration) }
        configuration.port = 0
        configuration.functions = [Function("no spaces") { _ in FunctionReply() }]
        await #expect(throws: FakeGatewayError.self) { try await FakeGateway.start(configuration) }
    }
}
