import Connector
import ConnectorTesting
import FakeGateway
import Foundation
import HTTP
import NIOCore
import NIOPosix
import OpenFaaSGateway
import SeededRandom
import TestSupport
import Testing

/// The connector's gateway against FakeGateway, over TCP.
@Suite struct OpenFaaSGatewayTests {
    private func withGateway(
        _ configuration: FakeGateway.Configuration, credentials: CredentialFiles? = nil,
        timeout: Duration = .seconds(30), connections: Int = 1024,
        _ body: (FakeGateway, OpenFaaSGateway) async throws -> Void
    ) async throws {
        let fake = try await FakeGateway.start(configuration)
        var settings = OpenFaaSGatewayConfiguration(endpoint: try HTTPEndpoint(fake.url))
        settings.credentials = credentials
        settings.upstreamTimeout = timeout
        settings.maximumConnections = connections
        let gateway = try OpenFaaSGateway(settings, on: MultiThreadedEventLoopGroup.singleton.next())
        do { try await body(fake, gateway) } catch {
            await gateway.shutDown()
            await fake.shutdown()
            throw error
        }
        await gateway.shutDown()
        await fake.shutdown()
    }

    private func configuration(_ functions: Function...) -> FakeGateway.Configuration {
        var configuration = FakeGateway.Configuration()
        configuration.functions = functions
        return configuration
    }

    private func invocation(
        of name: String, payload: String = "hello", headers: [EventAttribute] = [], replyBodyLimit: Int = 1024
    ) -> Invocation {
        let event = Event(id: EventID(topic: "a", partition: 0, offset: 1), payload: Bytes(payload))
        return Invocation(
            CallRoute(to: FunctionName(name), mode: .synchronous), event: event, headers: headers,
            replyBodyLimit: replyBodyLimit)
    }

    @Test func `namespaces and functions are listed with their annotations`() async throws {
        try await withGateway(configuration(BuiltIn.figlet.function(topic: "a,b"), BuiltIn.echo.function())) {
            _, gateway in
            #expect(try await gateway.namespaces() == ["openfaas-fn"])
            let functions = try await gateway.functions(in: "openfaas-fn")
            #expect(functions.map(\.name.description) == ["figlet.openfaas-fn", "echo.openfaas-fn"])
            #expect(functions.map(\.annotations) == [["topic": "a,b"], [:]])
        }
    }

    @Test(arguments: [
        (200, "null", true), (200, "[]", true), (200, "404 page not found", false), (200, "", false),
        (200, "[{}]", false),
        (200, #"[{"name":"f","annotations":null}]"#, true), (200, #"[{"name":1}]"#, false), (401, "no", false),
        (502, "", false), (404, "", false),
    ])
    func `a listing that is none is an error that shows where and what`(
        status: Int, body: String, isListing: Bool
    ) async throws {
        try await withGateway(configuration()) { fake, gateway in
            try await fake.setFaults { $0.target.hasPrefix("/system/functions") ? .status(status, text: body) : nil }
            do {
                _ = try await gateway.functions(in: nil)
                #expect(isListing)
            } catch {
                #expect(!isListing)
                #expect("\(error)".contains("/system/functions"))
                #expect(status == 200 || "\(error)".contains("\(status)"))
                #expect(!"\(error)".contains("\n"))
            }
        }
    }

    @Test func `a gateway without namespaces has none`() async throws {
        try await withGateway(configuration()) { fake, gateway in
            try await fake.setFaults { _ in .status(404) }
            #expect(try await gateway.namespaces() == [])
        }
    }

    @Test func `a call brings headers and body there, and the reply back`() async throws {
        let shout = Function("shout") { FunctionReply($0.text.uppercased(), status: 201) }
        try await withGateway(configuration(shout)) { fake, gateway in
            let reply = try await gateway.invoke(
                invocation(of: "shout", headers: [EventAttribute(name: "X-Topic", value: "a")]))
            #expect(reply.status == 201)
            #expect(reply.body.text == "HELLO")
            #expect(reply.origin == .function)
            let call = try #require(try await fake.calls(of: "shout").first)
            #expect(call.header("X-Topic") == "a")
            #expect(call.method == "POST")
            #expect(call.header("Authorization") == nil)
            let quiet = try await gateway.invoke(invocation(of: "shout", replyBodyLimit: 0))
            #expect(quiet.body.isEmpty)
            #expect(quiet.bodyBytes == 5)
        }
    }

    @Test func `what the platform answers is told from what the function answers`() async throws {
        var configuration = configuration(
            Function("sad") { _ in FunctionReply("", status: 503, headers: [("Retry-After", "7")]) })
        configuration.unknownFunction = .noEndpoints
        try await withGateway(configuration) { _, gateway in
            let own = try await gateway.invoke(invocation(of: "sad"))
            #expect(own.origin == .function)
            #expect(own.retryAfter == .seconds(7))
            #expect(try await gateway.invoke(invocation(of: "nope")).origin == .platform)
        }
    }

    @Test func `the gateway's empty 502, which its provider never marked, is the platform's`() async throws {
        try await withGateway(configuration(BuiltIn.echo.function())) { fake, gateway in
            try await fake.setFaults { _ in .status(502, text: "") }
            #expect(try await gateway.invoke(invocation(of: "echo")).origin == .platform)
            try await fake.setFaults { _ in .status(502, text: "my own") }
            #expect(try await gateway.invoke(invocation(of: "echo")).origin == .function)
        }
    }

    @Test func `a call without a reply fails by what happened, and is never repeated`() async throws {
        let stuck = Function(
            "stuck",
            asynchronously: { _ in
                try await ContinuousClock().sleep(for: .seconds(3600))
                return FunctionReply()
            })
        try await withGateway(configuration(stuck), timeout: .milliseconds(200)) { _, gateway in
            let failure = await #expect(throws: InvocationFailure.self) {
                try await gateway.invoke(invocation(of: "stuck"))
            }
            #expect(failure?.kind == .timedOut)
        }
        try await withGateway(configuration(BuiltIn.echo.function()), timeout: .seconds(60)) { fake, gateway in
            try await fake.setFaults { $0.text == "drop" ? .dropAfterRun : nil }
            var failure = await #expect(throws: InvocationFailure.self) {
                try await gateway.invoke(invocation(of: "echo", payload: "drop"))
            }
            #expect(failure?.kind == .connectionLost)
            failure = await #expect(throws: InvocationFailure.self) {
                try await gateway.invoke(
                    invocation(of: "echo", headers: [EventAttribute(name: "X", value: "a\r\nX-Evil: 1")]))
            }
            #expect(failure?.kind == .notSent)
            #expect(try await fake.calls(of: "echo").count == 1)
            await fake.shutdown()
            failure = await #expect(throws: InvocationFailure.self) {
                try await gateway.invoke(invocation(of: "echo"))
            }
            // On a connection whose end has not come in yet, the request may have gone out.
            #expect(failure?.kind == .notSent || failure?.kind == .connectionLost)
        }
    }

    @Test func `calls beyond the connections wait their turn, and their timeouts with them`() async throws {
        let slow = Function(
            "slow",
            asynchronously: { _ in
                try await ContinuousClock().sleep(for: .milliseconds(100))
                return FunctionReply()
            })
        try await withGateway(configuration(slow), timeout: .seconds(3), connections: 2) { _, gateway in
            let statuses = await undisturbed { await self.statuses(of: 100, by: gateway, to: "slow") }
            #expect(statuses == Array(repeating: 200, count: 100))
        }
    }

    @Test func `a fan-out as wide as one likes is called to the last function`() async throws {
        try await withGateway(
            configuration(BuiltIn.echo.function()), timeout: .seconds(600), connections: 8
        ) { fake, gateway in
            let statuses = await statuses(of: 6_000, by: gateway, to: "echo")
            #expect(statuses == Array(repeating: 200, count: 6_000))
        }
    }

    private func statuses(of calls: Int, by gateway: OpenFaaSGateway, to function: String) async -> [Int] {
        await withTaskGroup { group in
            for _ in 0..<calls {
                group.addTask { (try? await gateway.invoke(invocation(of: function)))?.status ?? 0 }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func `a listing waits for no call, and a drain's deadline ends those that wait`() async throws {
        let stuck = (0..<5).map { number in
            Function(
                "stuck\(number)", topic: "a",
                asynchronously: { _ in
                    try await ContinuousClock().sleep(for: .seconds(3600))
                    return FunctionReply()
                })
        }
        var fakes = configuration()
        fakes.functions = stuck
        try await withGateway(fakes, timeout: .seconds(3600), connections: 2) { fake, gateway in
            let log = InMemoryLog()
            await log.append([1], to: SourcePartition(topic: "a", partition: 0))
            let time = TimeSource(ContinuousClock())
            let ledger = Ledger()
            var settings = ConnectorConfiguration(topics: ["a"])
            settings.drainTimeout = .milliseconds(50)
            let connector = Connector(
                configuration: settings, source: InMemorySource(log: log, time: time, seed: 1), gateway: gateway,
                observer: ledger, time: time, generator: SeededGenerator(seed: 1))
            let running = Task(executorPreference: EventLoopTaskExecutor(gateway.eventLoop)) {
                try await connector.consume()
            }
            while ledger.account.invocations < 5 { await Task.yield() }
            #expect(try await gateway.functions(in: nil).count == 5)
            await connector.drain()
            try await running.value
            #expect(ledger.account.failuresByKind == [InvocationFailure.Kind.cancelled: 5])
            #expect(ledger.account.isBalanced)
            #expect(try await fake.callsByFunction().map(\.calls).reduce(0, +) <= 2)
        }
    }

    @Test func `credentials are read anew for each listing, and never shown`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "credentials-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = configuration()
        configuration.basicAuth = .init(user: "admin", password: "s3cret")
        try await withGateway(configuration, credentials: CredentialFiles(folder: folder.path())) { _, gateway in
            await #expect(throws: CredentialError.self) { try await gateway.namespaces() }
            try Data("admin\n".utf8).write(to: folder.appending(path: "basic-auth-user"))
            try Data("wrong\n".utf8).write(to: folder.appending(path: "basic-auth-password"))
            do {
                _ = try await gateway.namespaces()
                Issue.record("a wrong password was taken")
            } catch {
                #expect("\(error)".contains("401; it refuses the user and password that secret_mount_path holds"))
                #expect(!"\(error)".contains("wrong"))
            }
            try Data("s3cret\n".utf8).write(to: folder.appending(path: "basic-auth-password"))
            #expect(try await gateway.namespaces() == ["openfaas-fn"])
        }
    }
}
