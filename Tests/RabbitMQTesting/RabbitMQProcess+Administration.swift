import Dispatch
package import RabbitMQSource
package import TestSupport
import Testing

extension RabbitMQProcess {
    /// A server that takes connections.
    package static func running(certificate: SelfSignedCertificate? = nil) async throws -> RabbitMQProcess {
        let process = try RabbitMQProcess(certificate: certificate)
        try process.start()
        try await process.waitUntilUp()
        return process
    }

    /// Patient: after a start it takes a while until a quorum queue has a leader and confirms.
    package var server: RabbitMQServer {
        var server = RabbitMQServer(host: "127.0.0.1", port: port)
        server.timeout = .seconds(60)
        return server
    }

    /// Asks something on a connection of its own, with channel 1 open; on a thread of its own, for it blocks.
    package func administer<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        let server = server
        return try await withCheckedThrowingContinuation { reply in
            DispatchQueue.global().async {
                reply.resume(
                    with: Result {
                        let connection = try Connection(server)
                        try connection.openChannel(1)
                        defer { connection.close() }
                        return try body(connection)
                    })
            }
        }
    }

    package func waitUntilUp() async throws {
        try await eventually("RabbitMQ takes connections", within: .seconds(120)) {
            (try? await administer { _ in true }) ?? false
        }
    }

    /// Persistent messages whose ids are these numbers; returns once the server has them for good.
    package func publish(_ numbers: Range<Int>, to queue: String) async throws {
        try await administer { connection in
            try connection.confirm(on: 1)
            for number in numbers {
                try connection.publish(Array("\(number)".utf8), to: queue, id: "\(number)", on: 1)
            }
            try connection.waitForConfirms(upTo: UInt64(numbers.count))
        }
    }
}
