package import HTTP
package import NIOCore
import NIOHTTP1

/// The only way by which this source asks anything of anybody: certificates and confirmations.
package protocol SNSFetcher: Sendable {
    /// - Throws: If there is no answer within the timeout, or if it is longer than `limit` bytes.
    func get(_ url: AllowedURL, limit: Int, timeout: Duration) async throws -> (status: Int, body: [UInt8])
}

/// By HTTP or HTTPS, with a connection for each request, for they are rare. Redirects are not followed.
package struct HTTPFetcher: SNSFetcher {
    private let eventLoop: any EventLoop
    private let tls: HTTPClientTLS
    private let standIn: HTTPEndpoint?

    /// - Parameter standIn: Asked in place of the hosts of the URLs, under their names: a service that stands in for
    ///   SNS.
    package init(
        on eventLoop: any EventLoop, tls: HTTPClientTLS = HTTPClientTLS(), standIn: HTTPEndpoint? = nil
    ) {
        self.eventLoop = eventLoop
        self.tls = tls
        self.standIn = standIn
    }

    package func get(
        _ url: AllowedURL, limit: Int, timeout: Duration
    ) async throws -> (status: Int, body: [UInt8]) {
        var configuration = HTTPClientConfiguration()
        configuration.tls = tls
        let client = try HTTPClient(standIn ?? url.endpoint, on: eventLoop, configuration: configuration)
        do {
            let request = try HTTPRequestBuilder(.GET, url.target, to: url.endpoint)
            let reply = try await client.send(request.finish(timeout: timeout, replyBody: .whole(limit: limit)))
            await client.shutDown()
            return (reply.status, Array(reply.body.readableBytesView))
        } catch {
            await client.shutDown()
            throw error
        }
    }
}
