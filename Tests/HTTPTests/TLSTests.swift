import TestSupport
import Foundation
import HTTP
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

struct TLSTests {
    private func withServer<Result>(
        _ identity: HTTPIdentity, clientAuthorities: PEM? = nil, headTimeout: Duration = .seconds(10),
        _ body: (HTTPServer) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPServerConfiguration()
        configuration.tls = HTTPServerTLS(identity: identity, clientAuthorities: clientAuthorities)
        configuration.headTimeout = headTimeout
        configuration.limits.bodyBytes = 1 << 20
        return try await HTTPTests.withServer(configuration: configuration, echo, body)
    }

    private func withClient<Result>(
        _ url: String, _ tls: HTTPClientTLS, _ body: (HTTPClient) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClientConfiguration()
        configuration.tls = tls
        let client = try HTTPClient(
            HTTPEndpoint(url), on: MultiThreadedEventLoopGroup.singleton.any(), configuration: configuration)
        do {
            let result = try await body(client)
            await client.shutDown()
            return result
        } catch {
            await client.shutDown()
            throw error
        }
    }

    private func failure(_ body: () async throws -> Void) async -> HTTPClientError? {
        await #expect(throws: HTTPClientError.self) { try await body() }
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func `a request goes over TLS and the connection is kept`(_ host: String) async throws {
        let authority = try Authority()
        let identity = try authority.identity(names: ["localhost"])
        try await withServer(identity) { server async throws in
            try await withClient("https://\(host):\(server.port)", HTTPClientTLS(authorities: authority.pem)) {
                client async throws in
                for _ in 0..<3 {
                    let reply = try await client.post("/a", Array("hi".utf8))
                    #expect(String(buffer: reply.body) == "POST /a hi")
                }
                let large = try await client.post("/", [UInt8](repeating: 65, count: 500_000))
                #expect(large.bodyBytes == 500_000 + 7)
                #expect(await client.status().open == 1)
            }
        }
    }

    @Test func `a name can be verified that is not the host's`() async throws {
        let authority = try Authority()
        let identity = try authority.identity(names: ["gateway.example"], addresses: [])
        try await withServer(identity) { server async throws in
            let tls = HTTPClientTLS(authorities: try authority.pem, serverName: "gateway.example")
            try await withClient("https://127.0.0.1:\(server.port)", tls) { client async throws in
                let reply = try await client.get("/")
                #expect(reply.status == 200)
            }
        }
    }

    @Test(arguments: ["another authority", "another name", "the system's authorities"])
    func `a server that is not the one is refused`(_ flaw: String) async throws {
        let authority = try Authority()
        let identity = try authority.identity(
            names: flaw == "another name" ? ["other.example"] : ["localhost"], addresses: [])
        let trusted: PEM? =
            switch flaw {
            case "another authority": try Authority("somebody else").pem
            case "another name": try authority.pem
            default: nil
            }
        try await withServer(identity) { server async throws in
            try await withClient("https://localhost:\(server.port)", HTTPClientTLS(authorities: trusted)) {
                client async throws in
                let error = await failure { _ = try await client.post("/") }
                #expect(error?.code == .tlsFailed)
                #expect(error?.requestMayHaveArrived == false)
                #expect("\(error, default: "")".hasPrefix("TLS with localhost:\(server.port) failed: "))
            }
        }
    }

    @Test func `a client shows its certificate to a server that asks for one`() async throws {
        let servers = try Authority("servers")
        let clients = try Authority("clients")
        try await withServer(try servers.identity(), clientAuthorities: try clients.pem) { server async throws in
            let url = "https://127.0.0.1:\(server.port)"
            let good = HTTPClientTLS(authorities: try servers.pem, identity: try clients.identity())
            try await withClient(url, good) { client async throws in
                let reply = try await client.post("/")
                #expect(reply.status == 200)
            }
            let stranger = HTTPClientTLS(authorities: try servers.pem, identity: try servers.identity())
            for bad in [stranger, HTTPClientTLS(authorities: try servers.pem)] {
                try await withClient(url, bad) { client async throws in
                    let error = await failure { _ = try await client.post("/") }
                    // With TLS 1.3 the client hears of it only after its request was sent.
                    #expect([.tlsFailed, .closedBeforeReply].contains(error?.code))
                }
            }
        }
    }

    @Test func `plain HTTP to a TLS server and TLS to a plain server fail in time`() async throws {
        let authority = try Authority()
        try await withServer(try authority.identity()) { server async throws in
            try await HTTPTests.withClient(of: server.port) { client async throws in
                let error = await failure { _ = try await client.post("/") }
                #expect(error?.code == .closedBeforeReply)
            }
        }
        try await HTTPTests.withServer(echo) { server async throws in
            let tls = HTTPClientTLS(authorities: try authority.pem)
            try await withClient("https://127.0.0.1:\(server.port)", tls) { client async throws in
                let error = await failure { _ = try await client.post("/") }
                #expect(error?.code == .tlsFailed)
            }
        }
    }

    @Test func `a handshake that does not end is cut off on both sides`() async throws {
        let authority = try Authority()
        try await withServer(try authority.identity(), headTimeout: .milliseconds(50)) { server async throws in
            let silent = try await RawClient.connect(to: server.port)
            #expect(try await silent.readToEnd() == "")
        }
        let silent = try await ScriptedServer.start { _, _ in nil }
        var configuration = HTTPClientConfiguration()
        configuration.tls = HTTPClientTLS(authorities: try authority.pem)
        configuration.connectTimeout = .milliseconds(100)
        let client = try HTTPClient(
            HTTPEndpoint("https://127.0.0.1:\(silent.port)"), on: MultiThreadedEventLoopGroup.singleton.any(),
            configuration: configuration)
        let error = await failure { _ = try await client.post("/") }
        #expect(error?.code == .connectFailed)
        #expect("\(error, default: "")".hasSuffix("timed out"))
        await client.shutDown()
    }

    @Test func `a refusal can be read over TLS`() async throws {
        let authority = try Authority()
        try await withServer(try authority.identity()) { server async throws in
            let tls = HTTPClientTLS(authorities: try authority.pem)
            try await withClient("https://127.0.0.1:\(server.port)", tls) { client async throws in
                let builder = try HTTPRequestBuilder(
                    .GET, "/\(String(repeating: "x", count: 70_000))", to: client.endpoint)
                let reply = try await client.send(
                    builder.finish(timeout: .seconds(10), replyBody: .keepFirst(1000)))
                #expect(reply.status == 431)
            }
        }
    }

    @Test func `renewed files are used for new connections`() async throws {
        let first = try Authority("first")
        let second = try Authority("second")
        let folder = FileManager.default.temporaryDirectory.appending(path: "http-tls-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "authorities.pem")
        func write(_ pem: PEM) throws {
            guard case .text(let text) = pem else { return }
            try Data(text.utf8).write(to: file)
        }
        try write(first.pem)
        try await withServer(try second.identity()) { server async throws in
            let tls = HTTPClientTLS(authorities: .file(file.path))
            try await withClient("https://127.0.0.1:\(server.port)", tls) { client async throws in
                #expect(await failure { _ = try await client.post("/") }?.code == .tlsFailed)
                try write(second.pem)
                try await client.renewTLS()
                #expect(try await client.post("/").status == 200)
                try Data("nonsense".utf8).write(to: file)
                #expect(await failure { try await client.renewTLS() }?.code == .unusableTLS)
                #expect(try await client.post("/").status == 200)
            }
        }
    }

    @Test func `certificates that cannot be read are named`() async throws {
        let authority = try Authority()
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        func message(_ tls: HTTPClientTLS) -> String {
            var configuration = HTTPClientConfiguration()
            configuration.tls = tls
            let error = #expect(throws: HTTPClientError.self) {
                try HTTPClient(HTTPEndpoint("https://gateway"), on: loop, configuration: configuration)
            }
            #expect(error?.code == .unusableTLS)
            return "\(error, default: "")"
        }
        let missing = message(HTTPClientTLS(authorities: .file("/nowhere/ca.pem")))
        #expect(missing.hasPrefix("cannot use TLS with gateway: the authorities cannot be read from '/nowhere/ca.pem'"))
        #expect(message(HTTPClientTLS(authorities: .text("nonsense"))).contains("authorities"))

        var identity = try authority.identity()
        let key = identity.privateKey
        identity.privateKey = .text("nonsense")
        #expect(message(HTTPClientTLS(identity: identity)).contains("private key"))
        identity = try authority.identity()
        identity.privateKey = key
        let mismatch = message(HTTPClientTLS(identity: identity))
        #expect(mismatch.contains("do not fit"))
        #expect(!mismatch.contains("PRIVATE KEY"))

        var configuration = HTTPServerConfiguration()
        configuration.tls = HTTPServerTLS(identity: identity)
        let broken = configuration
        let error = await #expect(throws: HTTPServerError.self) {
            _ = try await HTTPServer.start(
                host: "127.0.0.1", port: 0, on: loop, configuration: broken,
                handler: ClosureHandler(answer: echo))
        }
        #expect("\(error, default: "")".contains("do not fit"))
    }
}
