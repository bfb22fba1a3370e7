import Connector
import Foundation
import Logging
import RabbitMQSource
import RabbitMQTesting
import Synchronization
import TestSupport
import Testing

/// What the conformance suite does not ask of RabbitMQ, on Debian's server.
@Suite struct ServerTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private final class Notices: Sendable {
        private let notices = Mutex<[SourceNotice]>([])
        func take(_ notice: SourceNotice) { notices.withLock { $0.append(notice) } }
        var all: [SourceNotice] { notices.withLock { $0 } }

        /// What is published before the source has made its queue is dropped by the server.
        func waitUntilConsuming() async throws {
            try await eventually("the queue is consumed") {
                all.contains { if case .rebalanced(let held, _) = $0 { !held.isEmpty } else { false } }
            }
        }
    }

    private func source(_ server: RabbitMQServer, _ queue: String) async throws -> (RabbitMQSource, Notices) {
        var configuration = RabbitMQSourceConfiguration(server: server, maxInFlight: 8)
        configuration.longestBackoff = .milliseconds(500)
        let source = try RabbitMQSource(configuration, logger: Self.quiet)
        let notices = Notices()
        try await source.start(topics: [queue], notices: notices.take)
        return (source, notices)
    }

    @Test func `a life with a server: attributes, refused credentials, a deleted queue, a silent server`() async throws
    {
        let process = try await RabbitMQProcess.running()
        try await checkAttributes(process)
        try await checkCredentials(process)
        try await checkCancelledConsumer(process)
        try await checkHeartbeats(process)
    }

    private func checkAttributes(_ process: RabbitMQProcess) async throws {
        // The source makes the queue that is not there.
        let (source, notices) = try await source(process.server, "attributes")
        try await notices.waitUntilConsuming()
        try await process.publish(7..<8, to: "attributes")
        let event = try #require(try await source.next(limit: 1)?.first)
        #expect(
            event.attributes == [
                EventAttribute(name: "X-Rabbitmq-Msg-Id", value: "7"),
                EventAttribute(name: "X-Rabbitmq-Routing-Key", value: "attributes"),
            ])
        #expect(event.topic == "attributes")
        await source.close()
    }

    private func checkCredentials(_ process: RabbitMQProcess) async throws {
        var server = process.server
        server.password = "wrong"
        let (source, _) = try await source(server, "queue")
        let error = await #expect(throws: RabbitMQError.self) { try await source.next(limit: 1) }
        #expect(error?.reach == .access)
        await source.close()
    }

    private func checkCancelledConsumer(_ process: RabbitMQProcess) async throws {
        let (source, notices) = try await source(process.server, "cancelled")
        try await notices.waitUntilConsuming()
        try await process.publish(0..<1, to: "cancelled")
        let first = try #require(try await source.next(limit: 1)?.first)
        #expect(await source.acknowledge([first]).acknowledged.count == 1)
        try await process.administer { try $0.delete(queue: "cancelled", on: 1) }
        try await eventually("the end of the consumer is told") {
            notices.all.contains(.transientFailure("the server ended the consumer of queue cancelled"))
        }
        #expect(!source.holds(first))
        try await eventually("the queue is there again, and consumed") {
            (try? await process.administer { try $0.declare(queue: "cancelled", isPassive: true, on: 1).consumers })
                == 1
        }
        try await process.publish(1..<2, to: "cancelled")
        #expect(try await source.next(limit: 1)?.map { $0.payload?.text } == ["1"])
        await source.close()
    }

    private func checkHeartbeats(_ process: RabbitMQProcess) async throws {
        var server = process.server
        server.heartbeat = .seconds(1)
        let (source, notices) = try await source(server, "silent")
        try await notices.waitUntilConsuming()
        try await process.publish(0..<1, to: "silent")
        _ = try await source.next(limit: 1)
        try process.stall()
        try await eventually("a silent server is given up") {
            notices.all.contains { if case .disconnected = $0 { true } else { false } }
        }
        try process.resume()
        #expect(try await source.next(limit: 1)?.map { $0.payload?.text } == ["0"])
        await source.close()
    }

    @Test func `by TLS, from a server whose certificate is trusted and from no other`() async throws {
        try await SelfSignedCertificate.with(names: "DNS:localhost") { certificate in
            let process = try await RabbitMQProcess.running(certificate: certificate)
            _ = try await process.administer { try $0.declare(queue: "tls", isPassive: false, on: 1) }
            try await process.publish(0..<1, to: "tls")
            try await SelfSignedCertificate.with(names: "DNS:localhost") { other in
                // librabbitmq compares names only, no addresses.
                var server = RabbitMQServer(host: "localhost", port: process.tlsPort)
                server.tls = .init(authorities: other.certificate.path())
                let (distrusting, notices) = try await source(server, "tls")
                try await eventually("the certificate is refused") { notices.all.count > 0 }
                #expect(!notices.all.contains { if case .connected = $0 { true } else { false } })
                await distrusting.close()

                server.tls = .init(authorities: certificate.certificate.path())
                let (trusting, _) = try await source(server, "tls")
                #expect(try await trusting.next(limit: 1)?.map { $0.payload?.text } == ["0"])
                await trusting.close()
            }
        }
    }
}
