import TestSupport
import HTTP
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

/// The server as a client sees it that speaks byte for byte.
struct ServerTests {
    /// What is the same in every reply is left out: the Date line.
    private func withoutDate(_ text: String) -> String {
        text.split(separator: "\r\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("Date: ") }.joined(separator: "\r\n")
    }

    private func talk(
        _ text: String, configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        _ answer: @escaping @Sendable (HTTPServerRequest, HTTPServerExchange) -> Void = echo
    ) async throws -> String {
        try await withServer(configuration: configuration, answer) { server async throws in
            let client = try await RawClient.connect(to: server.port)
            try await client.send(text)
            return withoutDate(try await client.readToEnd())
        }
    }

    @Test func `a request is answered and the connection closes when asked to`() async throws {
        let reply = try await talk("GET /a?b=c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(
            reply == "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 11\r\n"
                + "Connection: close\r\n\r\nGET /a?b=c ")
    }

    @Test func `a connection is kept from request to request`() async throws {
        try await withServer(echo) { server async throws in
            let client = try await RawClient.connect(to: server.port)
            for number in 1...3 {
                try await client.send("POST /\(number) HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n\(number)")
                let reply = try await client.read { $0.hasSuffix("POST /\(number) \(number)") }
                #expect(!reply.contains("Connection: close"))
            }
            #expect(await server.openConnections() == 1)
            client.close()
        }
    }

    @Test func `pipelined requests are answered in order even if the first takes longest`() async throws {
        let reply = try await withServer({ request, exchange in
            let delay = request.target == "/slow" ? TimeAmount.milliseconds(50) : .zero
            exchange.eventLoop.scheduleTask(in: delay) { echo(request, exchange) }
        }) { server async throws in
            let client = try await RawClient.connect(to: server.port)
            try await client.send(
                "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"
                    + "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                    + "GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return try await client.readToEnd()
        }
        let bodies = reply.parts("\r\n\r\n").dropFirst()
        #expect(bodies.map { $0.prefix(while: { $0 != "H" }) } == ["GET /slow ", "POST /b abc", "GET /c "])
    }

    @Test func `a thousand requests in one write are all answered`() async throws {
        let count = 1000
        let text =
            String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: count - 1)
            + "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        for answersLater in [false, true] {
            let reply = try await talk(text) { request, exchange in
                if answersLater {
                    exchange.eventLoop.execute { echo(request, exchange) }
                } else {
                    echo(request, exchange)
                }
            }
            #expect(reply.parts("HTTP/1.1 200 OK").count == count + 1)
        }
    }

    @Test func `a chunked body is put together and its trailers are dropped`() async throws {
        let reply = try await talk(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "4;ext=1\r\nWiki\r\n5\r\npedia\r\n0\r\nX-Trailer: 1\r\n\r\n")
        #expect(reply.hasSuffix("POST / Wikipedia"))
    }

    @Test func `100 Continue is sent before the body`() async throws {
        try await withServer(echo) { server async throws in
            let client = try await RawClient.connect(to: server.port)
            try await client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            try await client.read { $0 == "HTTP/1.1 100 Continue\r\n\r\n" }
            try await client.send("ok")
            try await client.read { $0.hasSuffix("POST / ok") }
        }
    }

    @Test func `an unknown expectation is refused with 417`() async throws {
        let reply = try await talk("POST / HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nContent-Length: 2\r\n\r\n")
        #expect(reply.hasPrefix("HTTP/1.1 417 "))
    }

    @Test func `HEAD gets the length and no body`() async throws {
        let reply = try await talk(
            "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(
            reply.hasPrefix(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 8\r\n\r\nHTTP/1.1 200 OK"
            ))
    }

    @Test(arguments: [204, 304])
    func `a status without a body is sent without one`(_ status: Int) async throws {
        let reply = try await talk("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") { _, exchange in
            exchange.reply(HTTPServerReply(status: status, body: ByteBuffer(string: "hidden")))
        }
        #expect(reply.hasPrefix("HTTP/1.1 \(status) "))
        #expect(reply.hasSuffix("\r\nConnection: close\r\n\r\n"))
        #expect(!reply.contains("Content-Length"))
    }

    @Test func `HTTP 1.0 closes unless it asks to keep the connection`() async throws {
        let once = try await talk("GET / HTTP/1.0\r\n\r\n")
        #expect(once.hasPrefix("HTTP/1.0 200 OK\r\n"))
        #expect(once.contains("Connection: close\r\n"))
        let kept = try await talk("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n")
        #expect(kept.contains("Connection: keep-alive\r\n\r\nGET /a HTTP/1.0 200 OK"))
    }

    @Test func `a reply in pieces is chunked`() async throws {
        let large = String(repeating: "x", count: 5000)
        let reply = try await talk("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") { _, exchange in
            exchange.begin(status: 200) { $0.add("Content-Type", "application/x-ndjson") }
            exchange.send(ByteBuffer(string: "one\n"))
            exchange.eventLoop.execute {
                exchange.send(ByteBuffer())
                exchange.send(ByteBuffer(string: large))
                exchange.end()
            }
        }
        #expect(
            reply == "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n"
                + "Connection: close\r\n\r\n4\r\none\n\r\n1388\r\n\(large)\r\n0\r\n\r\n")
    }

    @Test func `a reply in pieces to HTTP 1.0 ends with the connection`() async throws {
        let reply = try await talk("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") { _, exchange in
            exchange.begin(status: 200) { _ in }
            exchange.send(ByteBuffer(string: "one"))
            exchange.end()
        }
        #expect(reply == "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\none")
    }

    @Test func `a header that HTTP forbids cannot forge another one`() async throws {
        let reply = try await talk("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") { _, exchange in
            exchange.reply(
                HTTPServerReply(
                    status: 200,
                    headers: [
                        ("X-A", "1\r\nX-Forged: 1\r\n\r\nbody"), ("X-B\r\nX-Forged", "1"), ("Content-Length", "99"),
                        ("Transfer-Encoding", "chunked"), ("Date", "yesterday"), ("", "x"), ("X-Good", "ä"),
                    ]))
        }
        #expect(
            reply == "HTTP/1.1 200 OK\r\nX-A: 1  X-Forged: 1    body\r\nX-Good: Ã¤\r\nContent-Length: 0\r\n"
                + "Connection: close\r\n\r\n")
    }

    @Test func `every reply carries a date`() async throws {
        try await withServer(echo) { server async throws in
            let client = try await RawClient.connect(to: server.port)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let reply = try await client.read { $0.contains("GET / ") }
            #expect(reply.contains(#/\r\nDate: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d GMT\r\n/#))
        }
    }

    // MARK: Refusals

    @Test func `a method that nobody knows is the handler's to judge`() async throws {
        let reply = try await talk("BREW /pot HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(reply.hasSuffix("\r\n\r\nBREW /pot "))
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("BR(EW / HTTP/1.1\r\nHost: x\r\n\r\n", 400), ("GET / HTTP/2.7\r\nHost: x\r\n\r\n", 505),
        ("GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", 400), ("\u{0}\u{1}\u{2}\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    ])
    func `what is no good HTTP is refused and closed`(_ request: String, status: Int) async throws {
        let reply = try await talk(request)
        #expect(reply.hasPrefix("HTTP/1.1 \(status) "), "\(reply)")
        #expect(reply.contains("Connection: close\r\n"))
    }

    @Test func `a bad request behind a slow one is refused after the slow one's reply`() async throws {
        let reply = try await talk("GET /slow HTTP/1.1\r\nHost: x\r\n\r\nbad\r\n\r\n") { request, exchange in
            exchange.eventLoop.scheduleTask(in: .milliseconds(20)) { echo(request, exchange) }
        }
        #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(reply.contains("GET /slow HTTP/1.1 400 "))
    }

    @Test(arguments: [false, true])
    func `a body up to the limit is taken and one more byte is 413`(chunked: Bool) async throws {
        var configuration = HTTPServerConfiguration()
        configuration.limits.bodyBytes = 10
        func request(_ length: Int) -> String {
            let body = String(repeating: "b", count: length)
            return "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + (chunked
                    ? "Transfer-Encoding: chunked\r\n\r\n\(String(length, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
                    : "Content-Length: \(length)\r\n\r\n\(body)")
        }
        #expect(try await talk(request(10), configuration: configuration).hasSuffix("POST / bbbbbbbbbb"))
        #expect(try await talk(request(11), configuration: configuration).hasPrefix("HTTP/1.1 413 "))
    }

    @Test func `a refused body is drained so that the client can read the refusal`() async throws {
        var configuration = with(\.lingerTimeout, .seconds(60))
        configuration.limits.bodyBytes = 10
        try await withServer(configuration: configuration, echo) { server async throws in
            let client = try await RawClient.connect(to: server.port)
            try await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n")
            try await client.send([UInt8](repeating: 0, count: 5_000_000))
            let reply = try await client.readToEnd()
            #expect(reply.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `headers up to the limits are taken and one more is 431`() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.limits.headerFields = 5
        configuration.limits.headerFieldBytes = 100
        configuration.limits.headerBytes = 200
        func request(_ headers: [String]) -> String {
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers.map { "\($0)\r\n" }.joined() + "\r\n"
        }
        func status(_ headers: [String]) async throws -> String {
            String(try await talk(request(headers), configuration: configuration).dropFirst(9).prefix(3))
        }
        #expect(try await status(["A: 1", "B: 2", "C: 3"]) == "200")
        #expect(try await status(["A: 1", "B: 2", "C: 3", "D: 4"]) == "431")
        #expect(try await status(["A: \(String(repeating: "a", count: 99))"]) == "200")
        #expect(try await status(["A: \(String(repeating: "a", count: 101))"]) == "431")
        let long = String(repeating: "a", count: 90)
        #expect(try await status(["A: \(long)", "B: \(long)"]) == "431")
        let target = String(repeating: "t", count: 200)
        let reply = try await talk("GET /\(target) HTTP/1.1\r\nHost: x\r\n\r\n", configuration: configuration)
        #expect(reply.hasPrefix("HTTP/1.1 431 "))
    }

    @Test func `an upgrade is not taken up and the connection ends with the reply`() async throws {
        let reply = try await talk(
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        #expect(reply.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(reply.contains("Connection: close\r\n"))
    }

    // MARK: Time

    /// One timeout is made short, the others stay long: a busy machine must not reach the wrong one.
    private func with(
        _ timeout: WritableKeyPath<HTTPServerConfiguration, Duration>, _ value: Duration
    ) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        configuration[keyPath: timeout] = value
        return configuration
    }

    @Test(arguments: ["GET / HT", "GET / HTTP/1.1\r\nHost: x\r\nX-A: ", "G"])
    func `a head that does not end is answered with 408`(_ start: String) async throws {
        #expect(try await talk(start, configuration: with(\.headTimeout, .milliseconds(50))).hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `a body that does not end is answered with 408`() async throws {
        let reply = try await talk(
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc",
            configuration: with(\.bodyTimeout, .milliseconds(50)))
        #expect(reply.hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `an unused connection is closed in silence`() async throws {
        let reply = try await talk("", configuration: with(\.idleTimeout, .milliseconds(50)))
        #expect(reply == "")
    }

    @Test func `a connection unused after its reply is closed in silence`() async throws {
        try await withServer(configuration: with(\.idleTimeout, .milliseconds(200)), echo) { server async throws in
            // A busy machine may need longer to read the request than the connection may be idle: then once more.
            for _ in 0..<20 {
                let client = try await RawClient.connect(to: server.port)
                try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                let all = try await client.readToEnd()
                if all.isEmpty { continue }
                #expect(all.hasSuffix("\r\n\r\nGET / "))
                return
            }
            Issue.record("the server never answered")
        }
    }

    @Test func `a function that takes its time is not cut off`() async throws {
        var configuration = with(\.idleTimeout, .milliseconds(100))
        configuration.headTimeout = .milliseconds(100)
        configuration.bodyTimeout = .milliseconds(100)
        try await withServer(
            configuration: configuration,
            { request, exchange in
                exchange.eventLoop.scheduleTask(in: .milliseconds(400)) { echo(request, exchange) }
            }
        ) { server async throws in
            for _ in 0..<20 {
                let client = try await RawClient.connect(to: server.port)
                try await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                let all = try await client.readToEnd()
                if all.isEmpty { continue }
                #expect(all.hasSuffix("\r\n\r\nGET / "))
                return
            }
            Issue.record("the server never answered")
        }
    }

    @Test func `a client that does not read is cut off`() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.stallTimeout = .milliseconds(100)
        let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: 64 << 20)
        try await withServer(
            configuration: configuration,
            { _, exchange in
                exchange.reply(HTTPServerReply(status: 200, body: body))
            }
        ) { server async throws in
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.autoRead, value: false)
                .connect(host: "127.0.0.1", port: server.port).get()
            try await channel.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).get()
            try await poll { await server.openConnections() == 0 }
            try? await channel.close().get()
        }
    }

    // MARK: Ends

    @Test func `a handler hears that its client has gone`() async throws {
        let (gone, report) = AsyncStream<Void>.makeStream()
        try await withServer({ _, exchange in
            exchange.whenAbandoned { report.yield() }
        }) { server async throws in
            let client = try await RawClient.connect(to: server.port)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            try await poll { await server.openConnections() == 1 }
            client.close()
            for await _ in gone { break }
        }
    }

    @Test(arguments: [HTTPServerExchange.Abort.close, .reset])
    func `an exchange can be broken off without a reply`(_ how: HTTPServerExchange.Abort) async throws {
        let reply = try await talk("GET / HTTP/1.1\r\nHost: x\r\n\r\n") { request, exchange in
            exchange.abort(how)
            // What comes too late does nothing.
            echo(request, exchange)
            #expect(!exchange.isOpen)
        }
        #expect(reply == "")
    }

    @Test func `a second reply does nothing`() async throws {
        let reply = try await talk("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") { request, exchange in
            echo(request, exchange)
            echo(request, exchange)
            exchange.begin(status: 500) { _ in }
            exchange.end()
        }
        #expect(reply.parts("HTTP/1.1").count == 2)
    }

    @Test func `a shutdown lets the request under way finish and takes no other`() async throws {
        let (begun, report) = AsyncStream<HTTPServerExchange>.makeStream()
        try await withServer({ _, exchange in report.yield(exchange) }) { server async throws in
            let busy = try await RawClient.connect(to: server.port)
            let idle = try await RawClient.connect(to: server.port)
            try await busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            var exchanges = begun.makeAsyncIterator()
            let exchange = try #require(await exchanges.next())
            try await poll { await server.openConnections() == 2 }

            async let stopped: Void = server.shutDown(grace: .seconds(30))
            #expect(try await idle.readToEnd() == "")
            await #expect(throws: (any Error).self) { try await RawClient.connect(to: server.port) }
            exchange.eventLoop.execute { exchange.reply(HTTPServerReply(status: 200, text: "done")) }
            let reply = try await busy.readToEnd()
            #expect(reply.hasSuffix("\r\nConnection: close\r\n\r\ndone"))
            await stopped
        }
    }

    @Test func `a shutdown ends at its deadline whatever the functions do`() async throws {
        let (begun, report) = AsyncStream<Void>.makeStream()
        try await withServer({ _, _ in report.yield() }) { server async throws in
            let client = try await RawClient.connect(to: server.port)
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            for await _ in begun { break }
            await server.shutDown(grace: .milliseconds(20))
            #expect(try await client.readToEnd() == "")
        }
    }

    @Test func `a taken port is reported with its number`() async throws {
        try await withServer(echo) { server async throws in
            let error = await #expect(throws: HTTPServerError.self) {
                try await HTTPServer.start(
                    host: "127.0.0.1", port: server.port, on: server.eventLoop, handler: ClosureHandler(answer: echo))
            }
            #expect("\(error, default: "")".contains("cannot listen on 127.0.0.1:\(server.port)"))
        }
    }

    @Test func `one connection more than the limit is closed at once`() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.limits.serverConnections = 2
        try await withServer(configuration: configuration, echo) { server async throws in
            let first = try await RawClient.connect(to: server.port)
            let second = try await RawClient.connect(to: server.port)
            try await poll { await server.openConnections() == 2 }
            let third = try await RawClient.connect(to: server.port)
            #expect(try await third.readToEnd() == "")
            first.close()
            try await poll { await server.openConnections() == 1 }
            let fourth = try await RawClient.connect(to: server.port)
            try await fourth.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            try await fourth.read { $0.contains("200 OK") }
            second.close()
        }
    }
}
