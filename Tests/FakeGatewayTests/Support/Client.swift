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
    private var now = Client.start
    private static let start = GatewayTime(unixNanoseconds: 1_764_000_000_000_000_000)

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
        now = now.advanced(by: .milliseconds(1))
        let number = state!.receive(request, from: "127.0.0.1:1", now: now)
        return try #require(await answer(to: number), "the connection ends without a reply")
    }

    /// Carries out effects, and lets time pass, until the request has its answer.
    private func answer(to number: Int) async -> Answer? {
        var pieces: (status: Int, headers: [(String, String)], body: ByteBuffer)?
        while true {
            while let effect = state!.nextEffect() {
                switch effect {
                case .reply(number, let reply):
                    let headers = reply.headers.map { ($0.name, $0.value) }
                    return Answer(status: reply.status, headers: headers, body: String(buffer: reply.body))
                case .begin(number, let status, let headers, _):
                    pieces = (status, headers.map { ($0.name, $0.value) }, ByteBuffer())
                case .send(number, let bytes): pieces?.body.writeImmutableBuffer(bytes)
                case .end(number):
                    return pieces.map { Answer(status: $0.status, headers: $0.headers, body: String(buffer: $0.body)) }
                case .abort(number, _): return nil
                case .run(let id, let request, let body):
                    let outcome: CallOutcome
                    do { outcome = .replied(try await body(request)) } catch { outcome = .failed("\(error)") }
                    state!.finish(id, outcome, now: now)
                case .post(let callback): state!.callbackEnded(callback.number, status: 200)
                case .cancel, .reply, .begin, .send, .end, .abort: break
                }
            }
            now = state!.nextDeadline ?? now
            state!.advance(to: now)
        }
    }

    static func overTCP(
        _ gateway: FakeGateway, _ method: HTTPMethod, _ target: String, _ headers: [(String, String)], _ body: String
    ) async throws -> Answer {
        try await overTCP(gateway.url, method, target, headers, body)
    }

    static func overTCP(
        _ url: String, _ method: HTTPMethod, _ target: String, _ headers: [(String, String)], _ body: String
    ) async throws -> Answer {
        let client = try HTTPClient(HTTPEndpoint(url), on: MultiThreadedEventLoopGroup.singleton.next())
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
