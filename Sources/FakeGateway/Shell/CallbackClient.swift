import HTTP
import NIOCore
import NIOHTTP1

/// Brings the results of queued calls to their callbacks.
enum CallbackClient {
    private static let timeout = Duration.seconds(60)

    /// - Returns: The callback's status, or `nil` if it cannot be reached.
    static func post(_ callback: CallbackRequest, on eventLoop: any EventLoop) async -> Int? {
        let start = callback.url.firstRange(of: "://")?.upperBound ?? callback.url.startIndex
        let split = callback.url[start...].firstIndex { "/?#".contains($0) } ?? callback.url.endIndex
        let tail = callback.url[split...].prefix { $0 != "#" }
        let target = tail.hasPrefix("/") ? String(tail) : "/\(tail)"
        guard let endpoint = try? HTTPEndpoint(String(callback.url[..<split])),
            let client = try? HTTPClient(endpoint, on: eventLoop)
        else { return nil }
        let status = await send(callback, target, client)
        await client.shutDown()
        return status
    }

    private static func send(_ callback: CallbackRequest, _ target: String, _ client: HTTPClient) async -> Int? {
        do {
            var builder = try HTTPRequestBuilder(.POST, target, to: client.endpoint)
            // A header that frames a message or cannot be sent is left out.
            for (name, value) in callback.headers { try? builder.addHeader(name, value) }
            let request = builder.finish(
                body: callback.body.readableBytesSpan, timeout: timeout, replyBody: .keepFirst(0))
            return try await client.send(request).status
        } catch {
            return nil
        }
    }
}
