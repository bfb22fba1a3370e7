package import HTTP
package import NIOCore
package import NIOHTTP1

/// Posts to an endpoint as SNS does.
package struct SNSSender: Sendable {
    package let client: HTTPClient

    package init(port: Int, on eventLoop: any EventLoop) throws {
        client = try HTTPClient(HTTPEndpoint("http://127.0.0.1:\(port)"), on: eventLoop)
    }

    /// - Parameter tls: For an endpoint that speaks TLS.
    package init(url: String, tls: HTTPClientTLS = HTTPClientTLS(), on eventLoop: any EventLoop) throws {
        var configuration = HTTPClientConfiguration()
        configuration.tls = tls
        client = try HTTPClient(HTTPEndpoint(url), on: eventLoop, configuration: configuration)
    }

    package func post(
        _ body: [UInt8], to path: String = "/", headers: [(String, String)] = [], method: HTTPMethod = .POST
    ) async throws -> HTTPClientReply {
        var builder = try HTTPRequestBuilder(method, path, to: client.endpoint, bodyBytes: body.count)
        for (name, value) in headers { try builder.addHeader(name, value) }
        let request = unsafe builder.finish(
            body: body.span.bytes, timeout: .seconds(60), replyBody: .keepFirst(1024))
        return try await client.send(request)
    }

    /// With the headers that SNS adds to a message.
    package func post(
        message fields: [String: String], to path: String = "/", headers more: [(String, String)] = []
    ) async throws -> Int {
        let headers = [
            ("x-amz-sns-message-type", fields["Type"] ?? ""), ("x-amz-sns-message-id", fields["MessageId"] ?? ""),
            ("x-amz-sns-topic-arn", fields["TopicArn"] ?? ""), ("Content-Type", "text/plain; charset=UTF-8"),
        ]
        return try await post(SNSFixture.json(fields), to: path, headers: headers + more).status
    }

    package func post(
        raw body: [UInt8], id: String, topic: String = SNSFixture.topic, to path: String = "/",
        headers: [(String, String)] = []
    ) async throws -> Int {
        let own = [
            ("x-amz-sns-message-type", "Notification"), ("x-amz-sns-message-id", id), ("x-amz-sns-topic-arn", topic),
            ("x-amz-sns-rawdelivery", "true"),
        ]
        return try await post(body, to: path, headers: own + headers).status
    }
}
