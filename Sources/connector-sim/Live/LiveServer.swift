// Serves the page of a run under way, and what happens in it as server-sent events (WHATWG HTML, chapter 9.2).

import HTTP
import NIOCore
import NIOHTTP1
import NIOPosix

final class LiveServer: Sendable {
    /// With a slash at its end.
    let url: String
    private let loops: MultiThreadedEventLoopGroup
    private let server: HTTPServer
    private let hub: NIOLoopBound<Hub>

    /// - Throws: `HTTPServerError` if the address cannot be had.
    init(_ address: ListenAddress) async throws {
        loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = loops.next()
        do {
            hub = try await loop.submit { NIOLoopBound(Hub(), eventLoop: loop) }.get()
            server = try await HTTPServer.start(
                host: address.host, port: address.port, on: loop, handler: Handler(hub: hub))
        } catch {
            try? await loops.shutdownGracefully()
            throw error
        }
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        url = "http://\(host):\(server.port)/"
    }

    /// Sends everybody who looks a line of JSON.
    func publish(_ line: String) {
        let hub = hub
        server.eventLoop.execute { hub.value.publish(line) }
    }

    /// Ends everybody's stream behind what was published.
    func shutDown() async {
        let hub = hub
        server.eventLoop.execute { hub.value.end() }
        await server.shutDown(grace: .milliseconds(500))
        try? await loops.shutdownGracefully()
    }

    private struct Handler: HTTPServerHandler {
        let hub: NIOLoopBound<Hub>

        func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
            guard request.method == .GET || request.method == .HEAD else {
                return exchange.reply(HTTPServerReply(status: 405, headers: [("Allow", "GET, HEAD")]))
            }
            switch request.target.prefix(while: { $0 != "?" }) {
            case "/":
                exchange.reply(
                    HTTPServerReply(
                        status: 200,
                        headers: [
                            ("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"),
                            ("Content-Security-Policy", Self.policy),
                        ], body: ByteBuffer(string: LivePage.html)))
            case "/events" where request.method == .GET: hub.value.subscribe(exchange)
            default: exchange.reply(HTTPServerReply(status: 404, text: "there are / and /events\n"))
            }
        }

        /// The page brings all that it needs, and asks nobody else.
        private static let policy =
            "connect-src 'self'; img-src 'none'; font-src 'none'; frame-src 'none'; object-src 'none'; "
            + "base-uri 'none'; form-action 'none'"
    }
}

/// Who looks, and what they are sent. Lives on the loop.
private final class Hub {
    private final class Viewer {
        let exchange: HTTPServerExchange
        /// Who reads too slowly misses what is published meanwhile: the next line says it all again.
        var isWritable = true

        init(_ exchange: HTTPServerExchange) { self.exchange = exchange }
    }

    private var viewers: [Int: Viewer] = [:]
    private var nextNumber = 0
    private var latest: ByteBuffer?
    private var isOver = false

    func subscribe(_ exchange: HTTPServerExchange) {
        exchange.begin(status: 200) { headers in
            headers.add("Content-Type", "text/event-stream")
            headers.add("Cache-Control", "no-store")
        }
        if let latest { exchange.send(latest) }
        guard !isOver else { return exchange.end() }
        let number = nextNumber
        nextNumber += 1
        viewers[number] = Viewer(exchange)
        exchange.whenAbandoned { [self] in viewers[number] = nil }
    }

    func publish(_ line: String) {
        let bytes = ByteBuffer(string: "data: \(line)\n\n")
        latest = bytes
        for viewer in viewers.values where viewer.isWritable {
            guard !viewer.exchange.send(bytes) else { continue }
            viewer.isWritable = false
            viewer.exchange.whenWritable { viewer.isWritable = true }
        }
    }

    func end() {
        isOver = true
        for viewer in viewers.values { viewer.exchange.end() }
        viewers = [:]
    }
}
