import TestSupport
import SeededRandom
import HTTP
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

/// Bytes that a seed made from good ones by changing, doubling, cutting and mixing.
struct Mutator {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func mutate(_ good: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) { bytes += good.randomElement(using: &random) ?? [] }
        for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(contentsOf: [13, 10], at: index)
            case 3: bytes.insert(contentsOf: bytes[index...].prefix(40), at: index)
            case 4: bytes.removeSubrange(index...)
            default:
                let digits = [UInt8(ascii: "0"), UInt8(ascii: "9"), UInt8(ascii: "f"), UInt8(ascii: "-")]
                bytes.insert(digits.randomElement(using: &random) ?? 0, at: index)
            }
        }
        return bytes
    }

    mutating func pieces(of bytes: [UInt8]) -> [[UInt8]] {
        var rest = bytes[...]
        var pieces: [[UInt8]] = []
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...max(1, rest.count), using: &random))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }
}

struct FuzzTests {
    static let requests = [
        "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n",
        "PUT / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx",
        "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    ].map { Array($0.utf8) }

    @Test func `no bytes from a client bring the server down`() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.limits.bodyBytes = 100
        configuration.headTimeout = .milliseconds(100)
        configuration.bodyTimeout = .milliseconds(100)
        configuration.idleTimeout = .milliseconds(100)
        configuration.lingerTimeout = .milliseconds(100)
        try await withServer(configuration: configuration, echo) { server async throws in
            for batch in 0..<16 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for seed in 0..<32 {
                        group.addTask {
                            var mutator = Mutator(seed: UInt64(batch * 32 + seed))
                            let bytes = mutator.mutate(Self.requests)
                            let client = try await RawClient.connect(to: server.port)
                            for piece in mutator.pieces(of: bytes) {
                                // The server may have refused and closed by now.
                                do { try await client.send(piece) } catch { break }
                            }
                            let reply = try await client.readToEnd()
                            #expect(reply.isEmpty || reply.hasPrefix("HTTP/1."), "seed \(batch * 32 + seed)")
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await poll { await server.openConnections() == 0 }
            // On a busy machine the idle timeout may close a connection before its request has left.
            try await poll {
                let client = try? await RawClient.connect(to: server.port)
                try? await client?.send("GET /still HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                let reply = (try? await client?.readToEnd()) ?? ""
                return reply.hasPrefix("HTTP/1.1 200 OK\r\n") && reply.hasSuffix("GET /still ")
            }
        }
    }

    static let replies = [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "HTTP/1.0 500 Oops\r\nConnection: close\r\n\r\nabc", "HTTP/1.1 100 Continue\r\n\r\n",
    ].map { Array($0.utf8) }

    @Test func `every reply ends in a result or a typed error`() async throws {
        let seeds = SeedCounter()
        let server = try await ScriptedServer.start { _, received in
            if received.isEmpty { return nil }
            var mutator = Mutator(seed: seeds.next())
            let bytes = mutator.mutate(Self.replies)
            return mutator.pieces(of: bytes).map { .sendBytes($0) }
                + (Bool.random(using: &mutator.random) ? [.close] : [])
        }
        var configuration = HTTPClientConfiguration()
        configuration.maximumConnections = 8
        try await withClient(of: server.port, configuration: configuration) { client async throws in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<60 {
                            do throws(HTTPClientError) {
                                let builder = try HTTPRequestBuilder(.GET, "/", to: client.endpoint)
                                let reply = try await client.send(
                                    builder.finish(timeout: .milliseconds(100), replyBody: .whole(limit: 1000)))
                                #expect((100...999).contains(reply.status))
                            } catch {
                                #expect(!error.description.isEmpty)
                            }
                        }
                    }
                }
            }
            #expect(await client.status().waiting == 0)
        }
    }

    @Test func `a thousand connections at once are all served`() async throws {
        if OpenFiles.allow(4096) < 2500 { try Test.cancel("this system allows too few open files") }
        // A busy machine may be longer about a thousand of them than a server waits for the head of a request.
        var configuration = HTTPServerConfiguration()
        configuration.headTimeout = .seconds(600)
        configuration.idleTimeout = .seconds(600)
        try await withServer(configuration: configuration) { request, exchange in
            // The first function that is asked for never answers, and holds up nobody.
            if request.target != "/never" { echo(request, exchange) }
        } _: { server async throws in
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: server.port).get()
            try await channel.writeAndFlush(ByteBuffer(string: "GET /never HTTP/1.1\r\nHost: x\r\n\r\n")).get()

            var clients: [RawClient] = []
            for _ in 0..<1000 { clients.append(try await RawClient.connect(to: server.port)) }
            try await poll { await server.openConnections() == 1001 }
            for client in clients { try await client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n") }
            for client in clients {
                try await client.read { $0.hasSuffix("GET /a ") }
                client.close()
            }
            try await channel.close().get()
        }
    }
}
