import SeededRandom
import HTTP
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

struct ClientTests {
    private func code(
        sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void
    ) async -> HTTPClientError? {
        await #expect(throws: HTTPClientError.self, sourceLocation: sourceLocation) { try await body() }
    }

    // MARK: The good way

    @Test func `a request and its reply`() async throws {
        try await withServer({ request, exchange in
            #expect(request.headers["Host"].first?.hasPrefix("127.0.0.1:") == true)
            let text = "\(request.target) \(request.headers["X-Topic"]) \(String(buffer: request.body))"
            exchange.reply(
                HTTPServerReply(
                    status: 201, headers: [("X-Twice", "1"), ("X-Twice", "2")], body: ByteBuffer(string: text)))
        }) { server async throws in
            try await withClient(of: server.port, path: "/base/") { client async throws in
                var builder = try HTTPRequestBuilder(.POST, "/function/a?b=c", to: client.endpoint)
                try builder.addHeader("X-Topic", "orders")
                let body: [UInt8] = [104, 105]
                let reply = try await client.send(
                    unsafe builder.finish(body: body.span.bytes, timeout: .seconds(10), replyBody: .whole(limit: 100)))
                #expect(reply.status == 201)
                #expect(reply.headers.filter { $0.name == "X-Twice" }.map(\.value) == ["1", "2"])
                #expect(String(buffer: reply.body) == "/base/function/a?b=c [\"orders\"] hi")
            }
        }
    }

    @Test func `one connection serves one request after the other`() async throws {
        let server = try await ScriptedServer.start { _, received in
            received.isEmpty ? nil : [.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")]
        }
        try await withClient(of: server.port) { client async throws in
            for _ in 0..<20 { _ = try await client.post("/") }
        }
        #expect(server.connections == 1)
    }

    @Test(arguments: [0, 1, 100, 100_000, 3_000_000])
    func `a body of any size goes there and back`(_ size: Int) async throws {
        var random = SeededGenerator(seed: UInt64(size))
        let piece = (0..<256).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let body = Array(Array(repeatElement(piece, count: size / 256 + 1)).joined().prefix(size))
        try await withServer({ request, exchange in
            exchange.reply(HTTPServerReply(status: 200, body: request.body))
        }) { server async throws in
            try await withClient(of: server.port) { client async throws in
                for _ in 0..<2 {
                    let reply = try await client.post("/", body, replyBody: .whole(limit: size))
                    #expect(reply.body == ByteBuffer(bytes: body))
                    #expect(reply.bodyBytes == size)
                }
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
        "HTTP/1.1 200 OK\r\n\r\nabcde", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
    ])
    func `a reply may be framed in any way`(_ text: String) async throws {
        let server = try await ScriptedServer.start { _, received in
            received.isEmpty ? nil : [.send(text), .close]
        }
        try await withClient(of: server.port) { client async throws in
            let reply = try await client.post("/")
            #expect(String(buffer: reply.body) == "abcde")
        }
    }

    @Test func `a redirect is a reply like any other`() async throws {
        let server = try await ScriptedServer.start { _, received in
            received.isEmpty ? nil : [.send("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n")]
        }
        let status = try await withClient(of: server.port) { client in try await client.get("/").status }
        #expect(status == 302)
        #expect(server.connections == 1)
    }

    @Test func `a request on the client's own loop stays on it`() async throws {
        try await withServer(echo) { server async throws in
            try await withClient(of: server.port) { client async throws in
                let executor = EventLoopTaskExecutor(client.eventLoop)
                try await Task(executorPreference: executor) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<100 {
                            group.addTask {
                                client.eventLoop.preconditionInEventLoop()
                                let reply = try await client.post("/\(number)")
                                client.eventLoop.preconditionInEventLoop()
                                #expect(String(buffer: reply.body) == "POST /\(number) ")
                            }
                        }
                        try await group.waitForAll()
                    }
                }.value
            }
        }
    }

    // MARK: Bounds

    @Test func `no more connections than allowed and the others wait their turn`() async throws {
        try await withServer({ request, exchange in
            exchange.eventLoop.scheduleTask(in: .milliseconds(2)) { echo(request, exchange) }
        }) { server async throws in
            var configuration = HTTPClientConfiguration()
            configuration.maximumConnections = 3
            try await withClient(of: server.port, configuration: configuration) { client async throws in
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<50 { group.addTask { try await client.post("/").status } }
                    for try await status in group { #expect(status == 200) }
                }
                #expect(await server.openConnections() == 3)
            }
        }
    }

    @Test func `one request more than may wait is refused`() async throws {
        let (begun, report) = AsyncStream<HTTPServerExchange>.makeStream()
        try await withServer({ _, exchange in report.yield(exchange) }) { server async throws in
            var configuration = HTTPClientConfiguration()
            configuration.maximumConnections = 1
            configuration.maximumWaiting = 1
            try await withClient(of: server.port, configuration: configuration) { client async throws in
                var exchanges = begun.makeAsyncIterator()
                async let first = client.post("/1").status
                let exchange = try #require(await exchanges.next())
                async let second = client.post("/2").status
                try await poll { await client.status().waiting == 1 }
                let error = await code { _ = try await client.post("/3") }
                #expect(error?.code == .tooManyWaiting)
                #expect(error?.requestMayHaveArrived == false)

                exchange.eventLoop.execute { exchange.reply(HTTPServerReply(status: 200)) }
                let next = try #require(await exchanges.next())
                next.eventLoop.execute { next.reply(HTTPServerReply(status: 202)) }
                #expect(try await (first, second) == (200, 202))
            }
        }
    }

    @Test func `a reply body up to the limit is taken and a longer one fails`() async throws {
        try await withServer({ request, exchange in
            exchange.reply(HTTPServerReply(status: 200, body: request.body))
        }) { server async throws in
            try await withClient(of: server.port) { client async throws in
                let body = [UInt8](repeating: 1, count: 1000)
                #expect(try await client.post("/", body, replyBody: .whole(limit: 1000)).bodyBytes == 1000)
                let error = await code { _ = try await client.post("/", body, replyBody: .whole(limit: 999)) }
                #expect(error?.code == .replyTooLarge)
                #expect(try await client.post("/", body, replyBody: .whole(limit: 1000)).status == 200)
            }
        }
    }

    @Test func `what is longer than wanted is read past and the connection kept`() async throws {
        let server = try await ScriptedServer.start { _, received in
            received.isEmpty
                ? nil : [.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"), .send("56789")]
        }
        try await withClient(of: server.port) { client async throws in
            for (limit, kept) in [(0, ""), (3, "012"), (7, "0123456"), (20, "0123456789")] {
                let reply = try await client.post("/", replyBody: .keepFirst(limit))
                #expect(String(buffer: reply.body) == kept)
                #expect(reply.bodyBytes == 10)
            }
        }
        #expect(server.connections == 1)
    }

    /// As a proxy ends a connection that is idle for too long: on one that was used it answers nothing.
    @Test(arguments: [(false, "ok ok"), (true, "ok closedBeforeReply")])
    func `a 408 that closes a connection is no reply to the next request`(closes: Bool, outcome: String) async throws {
        let server = try await ScriptedServer.start { _, received in
            if received.isEmpty { return nil }
            if received.contains("/second") {
                let end = closes ? "Connection: close\r\n" : ""
                return [.send("HTTP/1.1 408 Request Timeout\r\n\(end)Content-Length: 0\r\n\r\n")]
            }
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
        }
        try await withClient(of: server.port) { client async throws in
            var outcomes: [String] = []
            for target in ["/first", "/second"] {
                do {
                    _ = try await client.post(target)
                    outcomes.append("ok")
                } catch let error as HTTPClientError {
                    outcomes.append("\(error.code)")
                }
            }
            #expect(outcomes.joined(separator: " ") == outcome)
        }
    }

    @Test func `a reply with endless headers fails`() async throws {
        let server = try await ScriptedServer.start { _, received in
            received.isEmpty
                ? nil
                : [
                    .send(
                        "HTTP/1.1 200 OK\r\n"
                            + String(repeating: "X-A: \(String(repeating: "a", count: 200))\r\n", count: 400))
                ]
        }
        try await withClient(of: server.port) { client async throws in
            #expect(await code { _ = try await client.post("/") }?.code == .malformedReply)
        }
    }

    // MARK: Errors

    @Test func `nobody listens`() async throws {
        // Port 1 belongs to a service that no system runs; one that was just freed could be taken by another test.
        try await withClient(of: 1) { client async throws in
            let error = await code { _ = try await client.post("/") }
            #expect(error?.code == .connectionRefused)
            #expect(error?.requestMayHaveArrived == false)
            #expect("\(error, default: "")" == "connection refused by 127.0.0.1:1")
        }
    }

    @Test func `a name that does not exist`() async throws {
        let client = try HTTPClient(
            HTTPEndpoint("http://does-not-exist.invalid:8080"), on: MultiThreadedEventLoopGroup.singleton.any())
        let error = await code { _ = try await client.post("/") }
        #expect(error?.code == .nameNotResolved)
        #expect("\(error, default: "")".contains("does-not-exist.invalid:8080"))
        await client.shutDown()
    }

    @Test(arguments: [
        ("", HTTPClientError.Code.closedBeforeReply), ("HTTP/1.1 20", .closedBeforeReply),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", .closedDuringReply),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", .closedDuringReply),
        ("SSH-2.0-OpenSSH_9.2\r\n", .malformedReply), ("HTTP/3.0 200 OK\r\n\r\n", .malformedReply),
        ("HTTP/1.1 abc OK\r\n\r\n", .malformedReply), ("HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n", .malformedReply),
        ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", .malformedReply),
    ])
    func `a bad reply is told apart`(_ reply: String, expected: HTTPClientError.Code) async throws {
        let server = try await ScriptedServer.start { _, received in
            received.isEmpty ? nil : [.send(reply), .close]
        }
        try await withClient(of: server.port) { client async throws in
            let error = await code { _ = try await client.post("/") }
            #expect(error?.code == expected)
            #expect(error?.authority == "127.0.0.1:\(server.port)")
            #expect(error?.requestMayHaveArrived == true)
        }
        #expect(server.connections == 1)
    }

    @Test(arguments: [false, true])
    func `no reply in time`(afterHead: Bool) async throws {
        let counts = RequestCounts()
        let server = try await ScriptedServer.start { connection, received in
            if received.isEmpty { return nil }
            if counts.next(connection) == 1 { return [.send(Self.ok)] }
            return afterHead ? [.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")] : nil
        }
        try await withClient(of: server.port) { client async throws in
            // The connection is there already, so that the time runs out in the exchange.
            _ = try await client.post("/")
            let error = await code { _ = try await client.post("/", timeout: .milliseconds(30)) }
            #expect(error?.code == .timedOut)
            #expect(error?.requestMayHaveArrived == true)
        }
    }

    @Test func `the time spent waiting for a connection counts`() async throws {
        let server = try await ScriptedServer.start { _, _ in nil }
        var configuration = HTTPClientConfiguration()
        configuration.maximumConnections = 1
        try await withClient(of: server.port, configuration: configuration) { client async throws in
            async let first: Void = {
                _ = await code { _ = try await client.post("/", timeout: .seconds(60)) }
            }()
            try await poll { server.connections == 1 }
            let error = await code { _ = try await client.post("/", timeout: .milliseconds(30)) }
            #expect(error?.code == .timedOut)
            #expect(error?.requestMayHaveArrived == false)
            await client.shutDown()
            await first
        }
    }

    @Test func `timeouts of different length end in their own time`() async throws {
        let server = try await ScriptedServer.start { _, _ in nil }
        try await withClient(of: server.port) { client async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for timeout in [300, 20, 160, 90].map({ Duration.milliseconds($0) }) {
                    group.addTask {
                        let elapsed = await ContinuousClock().measure {
                            _ = await code { _ = try await client.post("/", timeout: timeout) }
                        }
                        #expect(elapsed >= timeout)
                        #expect(elapsed < timeout + .seconds(10))
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `a cancelled request ends and its connection closes`() async throws {
        let (gone, report) = AsyncStream<Void>.makeStream()
        try await withServer({ _, exchange in
            exchange.whenAbandoned { report.yield() }
            report.yield()
        }) { server async throws in
            try await withClient(of: server.port) { client async throws in
                let task = Task { try await client.post("/") }
                var events = gone.makeAsyncIterator()
                await events.next()
                task.cancel()
                #expect(await code { _ = try await task.value }?.code == .cancelled)
                await events.next()

                let early = Task {
                    unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                    return try await client.post("/")
                }
                #expect(await code { _ = try await early.value }?.code == .cancelled)
            }
        }
    }

    @Test func `after the shutdown requests fail`() async throws {
        let server = try await ScriptedServer.start { _, _ in nil }
        try await withClient(of: server.port) { client async throws in
            async let waiting: HTTPClientError? = code { _ = try await client.post("/") }
            try await poll { server.connections == 1 }
            await client.shutDown()
            #expect(await waiting?.code == .shutDown)
            #expect(await code { _ = try await client.post("/") }?.code == .shutDown)
            await client.shutDown()
        }
    }

    // MARK: Connections that end

    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// The first connection serves one request and closes when it sees the second one.
    private func closesOnSecondRequest() async throws -> ScriptedServer {
        let seen = RequestCounts()
        return try await ScriptedServer.start { connection, received in
            if received.isEmpty { return nil }
            return connection == 0 && seen.next(connection) > 1 ? [.close] : [.send(Self.ok)]
        }
    }

    @Test func `a POST that may have arrived is never sent again`() async throws {
        let server = try await closesOnSecondRequest()
        try await withClient(of: server.port) { client async throws in
            #expect(try await client.post("/").status == 200)
            let error = await code { _ = try await client.post("/") }
            #expect(error?.code == .closedBeforeReply)
            #expect(error?.requestMayHaveArrived == true)
            #expect(server.connections == 1)
            #expect(try await client.post("/").status == 200)
        }
    }

    @Test func `a GET on a connection that had served is sent once more`() async throws {
        let server = try await closesOnSecondRequest()
        try await withClient(of: server.port) { client async throws in
            #expect(try await client.get("/").status == 200)
            #expect(try await client.get("/").status == 200)
        }
        #expect(server.connections == 2)
    }

    @Test func `a GET is not sent again on a connection of its own`() async throws {
        let server = try await ScriptedServer.start { _, received in received.isEmpty ? nil : [.close] }
        try await withClient(of: server.port) { client async throws in
            #expect(await code { _ = try await client.get("/") }?.code == .closedBeforeReply)
        }
        #expect(server.connections == 1)
    }

    @Test(arguments: [ScriptedServer.Step.close, .closeOutput])
    func `a connection that the server closed while idle is not used`(_ end: ScriptedServer.Step) async throws {
        let server = try await ScriptedServer.start { connection, received in
            received.isEmpty ? nil : connection == 0 ? [.send(Self.ok), end] : [.send(Self.ok)]
        }
        try await withClient(of: server.port) { client async throws in
            #expect(try await client.post("/").status == 200)
            try await poll { await client.status().open == 0 }
            #expect(try await client.post("/").status == 200)
        }
        #expect(server.connections == 2)
    }

    @Test func `Connection close is honoured`() async throws {
        let server = try await ScriptedServer.start { _, received in
            received.isEmpty ? nil : [.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")]
        }
        try await withClient(of: server.port) { client async throws in
            for _ in 0..<3 { _ = try await client.post("/") }
        }
        #expect(server.connections == 3)
    }

    @Test func `a reply that nobody asked for closes the connection`() async throws {
        let server = try await ScriptedServer.start { connection, received in
            received.isEmpty ? nil : connection == 0 ? [.send(Self.ok + Self.ok)] : [.send(Self.ok)]
        }
        try await withClient(of: server.port) { client async throws in
            #expect(try await client.post("/").status == 200)
            try await poll { await client.status().open == 0 }
            #expect(try await client.post("/").status == 200)
        }
        #expect(server.connections == 2)
    }

    @Test func `a reply before the request was read closes the connection`() async throws {
        let server = try await ScriptedServer.start { connection, received in
            received.isEmpty ? nil : [.send("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n"), .closeOutput]
        }
        try await withClient(of: server.port) { client async throws in
            let reply = try await client.post("/", [UInt8](repeating: 0, count: 2_000_000))
            #expect(reply.status == 413)
        }
    }

    @Test func `unused connections are closed in time`() async throws {
        try await withServer(echo) { server async throws in
            var configuration = HTTPClientConfiguration()
            configuration.idleTimeout = .milliseconds(30)
            try await withClient(of: server.port, configuration: configuration) { client async throws in
                _ = try await client.post("/")
                try await poll { await server.openConnections() == 0 }
                #expect(try await client.post("/").status == 200)
            }
        }
    }

    // MARK: What must not be sent

    @Test(arguments: [
        ("X\r\nY", "1"), ("", "1"), ("X Y", "1"), ("X", "1\r\nY: 2"), ("X", "\u{0}"), ("Content-Length", "5"),
        ("transfer-encoding", "chunked"), ("HOST", "x"), ("Connection", "close"), ("Expect", "100-continue"),
    ])
    func `a header that would break the request is refused`(_ name: String, value: String) throws {
        let endpoint = try HTTPEndpoint("http://gateway")
        let error = #expect(throws: HTTPClientError.self) {
            var builder = try HTTPRequestBuilder(.POST, "/", to: endpoint)
            try builder.addHeader(name, value)
        }
        #expect(error?.code == .illegalRequest)
        #expect(error.map { !$0.description.contains("\r") && !$0.description.contains("\n") } == true)
    }

    @Test(arguments: ["", "x", "/a b", "/a\r\nX: y", "/ä", "http://other/"])
    func `a target that would break the request is refused`(_ target: String) throws {
        let endpoint = try HTTPEndpoint("http://gateway")
        #expect(throws: HTTPClientError.self) { _ = try HTTPRequestBuilder(.POST, target, to: endpoint) }
    }
}

/// Counts the requests of each connection.
private final class RequestCounts: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    func next(_ connection: Int) -> Int {
        counts.withLock { counts in
            counts[connection, default: 0] += 1
            return counts[connection, default: 0]
        }
    }
}
