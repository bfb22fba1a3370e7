import HTTP
import NIOCore
import NIOHTTP1
import SeededRandom
import Testing

/// Requests that are written into the memory of earlier ones.
@Suite struct SpareMemoryTests {
    @Test(arguments: 1...4)
    func `a request is whole, whatever was in its memory before`(_ seed: Int) async throws {
        try await withServer({ request, exchange in
            exchange.reply(HTTPServerReply(status: 200, body: request.body))
        }) { server async throws in
            try await withClient(of: server.port) { client async throws in
                let start = try HTTPRequestBuilder(.POST, "/function/echo", to: client.endpoint).start()
                var random = SeededGenerator(seed: UInt64(seed))
                // Some are too long to be kept, and some of those that are kept are too short for the next.
                let bodies = (0..<150).map { number in
                    Array(repeating: UInt8(number), count: Int.random(in: 0...12_000, using: &random))
                }
                // In the first round nothing has left yet.
                for round in 0..<3 {
                    let spares = try await client.eventLoop.submit { client.spareMemory().capacity > 0 }.get()
                    #expect(spares == (round > 0))
                    #expect(try await wrongEchoes(of: bodies, client, start) == 0)
                }
            }
        }
    }

    private func wrongEchoes(
        of bodies: [[UInt8]], _ client: HTTPClient, _ start: HTTPRequestStart
    ) async throws -> Int {
        try await client.eventLoop.flatSubmit {
            let replies = bodies.map { body in
                let promise = client.eventLoop.makePromise(of: Bool.self)
                let builder = HTTPRequestBuilder(start, room: body.count, in: client.spareMemory())
                let request = unsafe builder.finish(
                    body: body.span.bytes, timeout: .seconds(60), replyBody: .whole(limit: body.count))
                client.begin(request, for: start) { end in
                    promise.succeed((try? end.get().body) == ByteBuffer(bytes: body))
                }
                return promise.futureResult
            }
            return EventLoopFuture.whenAllSucceed(replies, on: client.eventLoop)
        }.get().filter { !$0 }.count
    }
}
