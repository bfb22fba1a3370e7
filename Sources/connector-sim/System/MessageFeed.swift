import Kafka
import Logging
import Synchronization

/// Produces numbered messages at a steady rate, or as fast as Kafka takes them, and counts what became of each.
final class MessageFeed: Sendable {
    struct Counts: Equatable {
        var acknowledged = 0
        var failed = 0
    }

    /// How many different keys there are.
    private static let keys = 1000

    private let counter = Mutex(Counts())

    var counts: Counts { counter.withLock { $0 } }

    /// - Parameters:
    ///   - size: Bytes of each message; the number comes first, as text.
    ///   - rate: Messages a second; `nil` sends as fast as the queue takes them.
    func send(
        _ messages: Int, of size: Int, to topic: String, at brokers: String, rate: Double?, logger: Logger
    ) async throws {
        var configuration = Configuration()
        configuration.bootstrapServers = [brokers]
        configuration.isIdempotent = true
        configuration.linger = .milliseconds(5)
        let producer = try Producer(
            configuration: configuration, logger: logger,
            onDelivery: { reports in
                var failures = 0
                for index in reports.indices where reports[index].error != nil { failures += 1 }
                self.count(acknowledged: reports.count - failures, failed: failures)
            })
        let loop = ProducingLoop(
            try producer.topic(topic), schedule: rate.map { .constant(perSecond: $0) } ?? .asFastAsPossible,
            count: messages)
        try await loop.run(
            key: { Array("\($0 % Self.keys)".utf8) }, payload: { Self.payload($0, size: size) })
        try await producer.flush(timeout: Duration.seconds(60))
        await producer.close()
    }

    private func count(acknowledged: Int, failed: Int) {
        counter.withLock { counts in
            counts.acknowledged += acknowledged
            counts.failed += failed
        }
    }

    private static func payload(_ number: Int, size: Int) -> [UInt8] {
        let text = Array("message \(number) ".utf8)
        return Array(text.prefix(size)) + [UInt8](repeating: UInt8(ascii: "."), count: max(0, size - text.count))
    }
}
