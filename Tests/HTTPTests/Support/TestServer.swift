import HTTP
import NIOCore
import NIOHTTP1
import NIOPosix

/// Answers by a closure, on the loop.
struct ClosureHandler: HTTPServerHandler {
    let answer: @Sendable (HTTPServerRequest, HTTPServerExchange) -> Void

    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) { answer(request, exchange) }
}

/// Runs `body` with a server that answers by `answer`, and stops the server.
func withServer<Result>(
    configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
    _ answer: @escaping @Sendable (HTTPServerRequest, HTTPServerExchange) -> Void,
    _ body: (HTTPServer) async throws -> Result
) async throws -> Result {
    let server = try await HTTPServer.start(
        host: "127.0.0.1", port: 0, on: MultiThreadedEventLoopGroup.singleton.any(), configuration: configuration,
        handler: ClosureHandler(answer: answer))
    do {
        let result = try await body(server)
        await server.shutDown()
        return result
    } catch {
        await server.shutDown()
        throw error
    }
}

/// Runs `body` with a client of `port`, and shuts the client down.
func withClient<Result>(
    of port: Int, path: String = "", configuration: HTTPClientConfiguration = HTTPClientConfiguration(),
    _ body: (HTTPClient) async throws -> Result
) async throws -> Result {
    let client = try HTTPClient(
        HTTPEndpoint("http://127.0.0.1:\(port)\(path)"), on: MultiThreadedEventLoopGroup.singleton.any(),
        configuration: configuration)
    do {
        let result = try await body(client)
        await client.shutDown()
        return result
    } catch {
        await client.shutDown()
        throw error
    }
}

/// Answers with what was asked: method, target and body.
@Sendable func echo(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
    exchange.reply(
        HTTPServerReply(
            status: 200, text: "\(request.method.rawValue) \(request.target) \(String(buffer: request.body))"))
}

extension HTTPClient {
    func get(_ target: String, timeout: Duration = .seconds(10), limit: Int = 1 << 20) async throws -> HTTPClientReply {
        let builder = try HTTPRequestBuilder(.GET, target, to: endpoint)
        return try await send(builder.finish(timeout: timeout, replyBody: .whole(limit: limit)))
    }

    func post(
        _ target: String, _ body: [UInt8] = [], timeout: Duration = .seconds(120),
        replyBody: ReplyBody = .whole(limit: 1 << 20)
    ) async throws -> HTTPClientReply {
        let builder = try HTTPRequestBuilder(.POST, target, to: endpoint, bodyBytes: body.count)
        return try unsafe await send(builder.finish(body: body.span.bytes, timeout: timeout, replyBody: replyBody))
    }
}
