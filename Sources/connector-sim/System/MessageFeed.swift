import Kafka
import Logging
import Synchronization

/// Produces numbered messages at a steady rate, or as fast as Kafka takes them, and counts what became of each.
final class MessageFeed: Sendable {
    struct Counts: Equatable {
        /// Those that were given to Kafka, or are about to be.
        var sent = 0
        var acknowledged = 0
        var failed = 0
        var isStopped = false

        /// How many there will be in the end, where `messages` were asked for.
        func expected(of messages: Int) -> Int { isStopped ? sent : messages }
    }

    /// How many different keys there are.
    private static let keys = 1000

    private let counter = Mutex(Counts())

    var counts: Counts { counter.withLock { $0 } }

    /// Has `send` give Kafka no further message.
    func stop() { counter.withLock { $0.isStopped = true } }

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
        let handle = try producer.topic(topic)
        var schedule = RunSchedule()
        for number in 0..<messages {
            if let rate {
                try await schedule.wait(until: .seconds(Double(number) / rate), unless: { counts.isStopped })
            }
            guard takesNext() else { break }
            let key = Array("\(number % Self.keys)".utf8)
            try await Self.produce(Self.payload(number, size: size), key: key, to: handle)
        }
        try await producer.flush(timeout: Duration.seconds(60))
        await producer.close()
    }

    /// Counts it before it is given away, so that nobody who looks takes the rest for all.
    private func takesNext() -> Bool {
        counter.withLock { counts in
            if !counts.isStopped { counts.sent += 1 }
            return !counts.isStopped
        }
    }

    private static func produce(_ value: [UInt8], key: [UInt8], to topic: ProducerTopic) async throws {
        while case .full(let mark) = try topic.tryProduce(key: key, value: value, token: 0) {
            await topic.waitForRoom(since: mark)
        }
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
