import Connector
import Foundation
import HTTP
import NIOCore
import NIOPosix
import SNSSource
import SNSTesting
import TestSupport
import Testing

/// What the endpoint asks of others, over sockets.
@Suite struct FetcherTests {
    private static let loop = MultiThreadedEventLoopGroup.singleton.any()

    /// A URL that the configuration allows.
    private func url(_ text: String, hosts: [String]) throws -> AllowedURL {
        try AllowedHosts(hosts).allow(text, "URL", for: #require(TopicARN(SNSFixture.topic)))
    }

    /// - Parameter tls: With a certificate the service speaks TLS.
    private func with(
        tls: HTTPServerTLS? = nil, _ body: (_ service: StandInService, _ base: String) async throws -> Void
    ) async throws {
        let service = StandInService()
        var configuration = HTTPServerConfiguration()
        configuration.tls = tls
        let server = try await HTTPServer.start(
            host: "127.0.0.1", port: 0, on: Self.loop, configuration: configuration, handler: service)
        let base = "\(tls == nil ? "http" : "https")://127.0.0.1:\(server.port)"
        let result = await Result { try await body(service, base) }
        await server.shutDown()
        try result.get()
    }

    private func get(
        _ text: String, hosts: [String], _ fetcher: HTTPFetcher = HTTPFetcher(on: loop), limit: Int = 1000,
        timeout: Duration = .seconds(20)
    ) async throws -> (status: Int, body: [UInt8]) {
        try await fetcher.get(try url(text, hosts: hosts), limit: limit, timeout: timeout)
    }

    @Test func `a redirect is an answer, and is not followed`() async throws {
        try await with { (service, base) async throws -> Void in
            try await with { (elsewhere, other) async throws -> Void in
                service.answer("/a", HTTPServerReply(status: 302, headers: [("Location", "\(other)/metadata")]))
                #expect(try await get("\(base)/a", hosts: [base, other]).status == 302)
                #expect(elsewhere.visited == [])
            }
        }
    }

    @Test func `an answer is taken up to its bound, and refused beyond`() async throws {
        try await with { (service, base) async throws -> Void in
            service.answer("/fits", HTTPServerReply(status: 200, text: String(repeating: "x", count: 1000)))
            service.answer("/exceeds", HTTPServerReply(status: 200, text: String(repeating: "x", count: 1001)))
            #expect(try await get("\(base)/fits", hosts: [base]).body.count == 1000)
            let error = await #expect(throws: HTTPClientError.self) { try await get("\(base)/exceeds", hosts: [base]) }
            #expect(error?.code == .replyTooLarge)
        }
    }

    @Test func `who does not answer in time is given up, with the connection`() async throws {
        let silent = try await ServerBootstrap(group: Self.loop).bind(host: "127.0.0.1", port: 0).get()
        let base = "http://127.0.0.1:\(try #require(silent.localAddress?.port))"
        let error = await #expect(throws: HTTPClientError.self) {
            try await get("\(base)/a", hosts: [base], timeout: .milliseconds(200))
        }
        #expect(error?.code == .timedOut)
        try await silent.close()
        await #expect(throws: HTTPClientError.self, "nobody listens") { try await get("\(base)/a", hosts: [base]) }
    }

    @Test func `by HTTPS only from who shows a trusted certificate of the URL's own host`() async throws {
        try await SelfSignedCertificate.with { certificate in
            try await SelfSignedCertificate.with(names: "DNS:sns.eu-west-1.amazonaws.com") { other in
                func identity(_ certificate: SelfSignedCertificate) -> HTTPServerTLS {
                    HTTPServerTLS(
                        identity: HTTPIdentity(
                            certificateChain: .file(certificate.certificate.path()),
                            privateKey: .file(certificate.key.path())))
                }
                func fetcher(trusting certificate: SelfSignedCertificate) -> HTTPFetcher {
                    let tls = HTTPClientTLS(authorities: .file(certificate.certificate.path()))
                    return HTTPFetcher(on: Self.loop, tls: tls)
                }
                try await with(tls: identity(certificate)) { (service, base) async throws -> Void in
                    service.answer("/a", HTTPServerReply(status: 200, text: "x"))
                    #expect(try await get("\(base)/a", hosts: [base], fetcher(trusting: certificate)).status == 200)
                    await #expect(throws: HTTPClientError.self, "another authority") {
                        try await get("\(base)/a", hosts: [base], fetcher(trusting: other))
                    }
                    await #expect(throws: HTTPClientError.self, "the system's authorities") {
                        try await get("\(base)/a", hosts: [base])
                    }
                    let plain = base.replacing("https:", with: "http:")
                    await #expect(throws: HTTPClientError.self, "it speaks TLS only") {
                        try await get("\(plain)/a", hosts: [plain])
                    }
                }
                try await with(tls: identity(other)) { (service, base) async throws -> Void in
                    service.answer("/a", HTTPServerReply(status: 200, text: "x"))
                    await #expect(throws: HTTPClientError.self, "of another host") {
                        try await get("\(base)/a", hosts: [base], fetcher(trusting: other))
                    }
                    #expect(service.visited == [])
                }
            }
        }
    }

    @Test func `who stands in for SNS is asked under the name of the URL's host`() async throws {
        try await with { (service, base) async throws -> Void in
            service.answer("/a.pem?b=c", HTTPServerReply(status: 200, text: "x"))
            let fetcher = HTTPFetcher(on: Self.loop, standIn: try HTTPEndpoint(base))
            let text = "https://sns.eu-west-1.amazonaws.com/a.pem?b=c"
            #expect(try await get(text, hosts: AllowedHosts.amazon, fetcher).status == 200)
            #expect(service.visited == ["sns.eu-west-1.amazonaws.com/a.pem?b=c"])
            #expect(throws: Refusal.self, "its own host is no more allowed than before") {
                try url("\(base)/a.pem", hosts: AllowedHosts.amazon)
            }
        }
    }
}
