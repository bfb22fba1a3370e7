import Connector
import Logging
import RabbitMQSource
import RabbitMQTesting
import SourceConformance
import Synchronization
import TestSupport
import Testing

/// RabbitMQSource on Debian's server, by a proxy that can be cut. One server serves all clauses; each has queues of its
/// own.
final class RabbitMQHarness: SourceHarness {
    private static let credit = 16
    static let profile = SourceProfile(
        name: "RabbitMQSource",
        capabilities: SourceCapabilities(settlement: .individual, canPause: true, hasDeadLetters: true, canDelay: true),
        traits: [
            .emptyPayloads, .binaryPayloads, .headers, .emptyHeaders, .binaryHeaders, .redelivery, .order, .connection,
        ],
        credit: credit)

    /// Started by who comes first.
    private static let server = Task {
        let process = try RabbitMQProcess()
        try process.start()
        try await process.waitUntilUp()
        return process
    }
    private static let lastNumber = Mutex(0)
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    var profile: SourceProfile { Self.profile }
    let topics: [String]
    private let letters: String
    private let exchange: String
    private let process: RabbitMQProcess
    private let fed = Mutex<[String: Int]>([:])
    private let lives = Mutex<[(source: RabbitMQSource, proxy: TCPProxy)]>([])
    private let isCut = Mutex(false)

    init() async throws {
        process = try await Self.server.value
        let number = Self.lastNumber.withLock { last in
            last += 1
            return last
        }
        topics = ["one-\(number)", "two-\(number)"]
        letters = "letters-\(number)"
        exchange = "dead-\(number)"
        try await process.administer { [letters, exchange, topics] server in
            try server.declare(queue: letters, isPassive: false, on: 1)
            try server.bind(queue: letters, toNewExchange: exchange, on: 1)
            for topic in topics {
                try server.declare(queue: topic, isPassive: false, deadLetterExchange: exchange, on: 1)
            }
        }
    }

    func makeSource(_ delivery: Delivery) async throws -> any EventSource {
        let proxy = try await TCPProxy.start(to: process.port)
        if isCut.withLock({ $0 }) { proxy.cut() }
        var configuration = RabbitMQSourceConfiguration(
            server: RabbitMQServer(host: "127.0.0.1", port: proxy.port), maxInFlight: Self.credit,
            deadLetterExchange: exchange)
        configuration.longestBackoff = .milliseconds(500)
        let source = try RabbitMQSource(configuration, logger: Self.quiet)
        lives.withLock { $0.append((source, proxy)) }
        return source
    }

    func feed(_ messages: [FedMessage], to topic: String) async throws {
        try await process.administer { server in
            try server.confirm(on: 1)
            for message in messages {
                try server.publish(
                    message.payload ?? [], to: topic,
                    headers: message.headers.map { ($0.name, $0.value?.array ?? []) }, on: 1)
            }
            try server.waitForConfirms(upTo: UInt64(messages.count))
        }
        fed.withLock { $0[topic, default: 0] += messages.count }
    }

    func waitUntilAcknowledged(_ count: Int, of topic: String) async throws {
        let fed = fed.withLock { $0[topic] ?? 0 }
        try await eventually("\(count) of \(topic) are acknowledged") {
            // A busy server may not answer in time; it is asked again.
            (try? await process.messages())?[topic] == fed - count
        }
    }

    func crash(_ source: any EventSource) async throws {
        let proxy = lives.withLock { $0.first { $0.source === source as? RabbitMQSource }?.proxy }
        proxy?.cut()
        try await waitUntilGone()
        await source.close()
    }

    func cutConnection() async throws {
        isCut.withLock { $0 = true }
        for life in lives.withLock({ $0 }) { life.proxy.cut() }
        try await waitUntilGone()
    }

    func restoreConnection() async throws {
        isCut.withLock { $0 = false }
        for life in lives.withLock({ $0 }) { life.proxy.restore() }
    }

    /// The server takes a consumer out and puts back what it had in one step.
    private func waitUntilGone() async throws {
        for topic in topics {
            try await eventually("nobody consumes \(topic)") {
                try await process.administer { try $0.declare(queue: topic, isPassive: true, on: 1).consumers } == 0
            }
        }
    }

    func deadLetters() async throws -> [[UInt8]] {
        let queue = letters
        let count = try await process.administer { try $0.declare(queue: queue, isPassive: true, on: 1).ready }
        guard count > 0 else { return [] }
        let server = RabbitMQServer(host: "127.0.0.1", port: process.port)
        let source = try RabbitMQSource(
            RabbitMQSourceConfiguration(server: server, maxInFlight: count), logger: Self.quiet)
        try await source.start(topics: [queue]) { _ in }
        var letters: [[UInt8]] = []
        while letters.count < count, let batch = try await source.next(limit: count) {
            letters += batch.map { $0.payload?.array ?? [] }
        }
        await source.close()
        return letters
    }

    func shutDown() async {
        for life in lives.withLock({ $0 }) {
            await life.proxy.shutDown()
            await life.source.close()
        }
    }
}
