import FakeGateway
import Foundation
import HTTP
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

/// One request and its answer, through either shell: the same test body holds for both.
enum Driver: CaseIterable, Sendable {
    case inMemory
    case tcp
}

/// A gateway behind a driver.
final class Client {
    private var state: GatewayState?
    private let gateway: FakeGateway?

    private init(state: GatewayState?, gateway: FakeGateway?) {
        self.state = state
        self.gateway = gateway
    }

    /// Runs `body` with a client of a gateway that has this configuration.
    static func with(
        _ driver: Driver, _ configuration: FakeGateway.Configuration, _ body: (Client) async throws -> Void
    ) async throws {
        switch driver {
        case .inMemory:
            let start = GatewayTime(unixNanoseconds: 1_764_000_000_000_000_000)
            try await body(Client(state: GatewayState(configuration, now: start), gateway: nil))
        case .tcp:
            let gateway = try await FakeGateway.start(configuration)
            do { try await body(Client(state: nil, gateway: gateway)) } catch {
                await gateway.shutdown()
                throw error
            }
            await gateway.shutdown()
        }
    }

    func send(
        _ method: HTTPMethod, _ target: String, headers: [(String, String)] = [], body: String = ""
    ) async throws -> Answer {
        if let gateway { return try await Self.overTCP(gateway, method, target, headers, body) }
        let request = HTTPServerRequest(
            method: method, target: target, headers: HTTPHeaders(headers), body: ByteBuffer(string: body))
        let now = GatewayTime(unixNanoseconds: 1_764_000_001_000_000_000)
        let reply: HTTPServerReply
        switch state!.handle(request, now: now) {
        case .reply(let immediate): reply = immediate
        case .invoke(let call): reply = state!.finish(call, await call.outcome())
        }
        return Answer(
            status: reply.status, headers: reply.headers.map { ($0.name, $0.value) }, body: String(buffer: reply.body))
    }

    private static func overTCP(
        _ gateway: FakeGateway, _ method: HTTPMethod, _ target: String, _ headers: [(String, String)], _ body: String
    ) async throws -> Answer {
        let client = try HTTPClient(HTTPEndpoint(gateway.url), on: MultiThreadedEventLoopGroup.singleton.next())
        var builder = try HTTPRequestBuilder(method, target, to: client.endpoint)
        for (name, value) in headers { try builder.addHeader(name, value) }
        let request = builder.finish(
            body: unsafe Array(body.utf8).span.bytes, timeout: .seconds(30), replyBody: .whole(limit: 1 << 20))
        let reply = try await client.send(request)
        await client.shutDown()
        return Answer(
            status: reply.status, headers: reply.headers.map { ($0.name, $0.value) }, body: String(buffer: reply.body))
    }
}

struct Answer {
    let status: Int
    let headers: [(String, String)]
    let body: String

    func header(_ name: String) -> String? { headers.first { $0.0.lowercased() == name.lowercased() }?.1 }

    /// The body as JSON.
    func json() throws -> Any { try JSONSerialization.jsonObject(with: Data(body.utf8), options: .fragmentsAllowed) }
}
