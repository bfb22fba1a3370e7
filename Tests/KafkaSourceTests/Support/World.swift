import Connector
import FakeBroker
import Kafka
import KafkaSource
import Logging
import Synchronization

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A broker and the sources that read from it.
final class World: Sendable {
    static let topic = "faas-request"

    let broker: FakeBroker

    init(
        topics: [String] = [topic], partitions: Int = 1, _ change: (inout FakeBroker.Configuration) -> Void = { _ in }
    ) async throws {
        var configuration = FakeBroker.Configuration()
        configuration.topics = topics.map { .init($0, partitions: partitions) }
        change(&configuration)
        broker = try await FakeBroker.start(configuration, logger: quiet)
    }

    /// To who has not logged in, as sources here, until something is denied.
    static func allowsEverything(_ configuration: inout FakeBroker.Configuration) {
        configuration.security.authorization = .init(acls: [
            .allow("User:ANONYMOUS", .all, .topic("*")), .allow("User:ANONYMOUS", .all, .group("*")),
        ])
    }

    func denyReading(_ topic: String) async throws {
        try await broker.createACLs([.deny("User:ANONYMOUS", .read, .topic(topic))])
    }

    deinit {
        let broker = broker
        Task { await broker.shutdown() }
    }

    /// Time that does not pass: an answer comes at once however busy the machine is, so it is never one to a commit
    /// that librdkafka repeated by itself.
    static let standing = TimeSource(elapsed: { .zero }, wait: { try await passing.sleep(for: $0) })
    private static let passing = TimeSource(ContinuousClock())

    func source(
        of topics: [String] = [topic], time: TimeSource = passing,
        _ change: (inout KafkaSourceConfiguration) -> Void = { _ in }
    ) async throws -> (KafkaSource, Notices) {
        var configuration = KafkaSourceConfiguration(brokers: [broker.bootstrapServers], group: "group")
        configuration.initialOffset = .earliest
        configuration.properties = [
            .init(name: "heartbeat.interval.ms", value: "50"), .init(name: "reconnect.backoff.max.ms", value: "100"),
            .init(name: "session.timeout.ms", value: "120000"),
        ]
        change(&configuration)
        let source = try KafkaSource(configuration, logger: quiet, time: time)
        let notices = Notices()
        try await source.start(topics: topics, notices: notices.take)
        return (source, notices)
    }

    func append(_ texts: [String], partition: Int = 0) async throws {
        try await broker.append(texts.map { FakeBroker.Record($0) }, to: Self.topic, partition: partition)
    }

    func committed(partition: Int = 0) async throws -> Int64? {
        try await broker.committedOffset(group: "group", topic: Self.topic, partition: partition)
    }

    /// Lets the next commits fail with these errors, one each.
    func failCommits(_ errors: [ErrorCode]) async throws {
        let left = Queue(errors)
        try await broker.intercept { request in
            guard request.api == "OffsetCommit", let error = left.next() else { return .handle }
            return .fail(.init(rawValue: Int16(error.rawValue)))
        }
    }

    /// How many requests of a kind the broker got.
    func count(of api: String) async throws -> Int { try await broker.journal().count { $0.api == api } }
}

/// Hands out one element after the other.
final class Queue<Element: Sendable>: Sendable {
    private let elements: Mutex<ArraySlice<Element>>

    init(_ elements: [Element]) { self.elements = Mutex(elements[...]) }

    func next() -> Element? { elements.withLock { $0.popFirst() } }
}

/// Keeps what a source told.
final class Notices: Sendable {
    private let notices = Mutex<[SourceNotice]>([])

    func take(_ notice: SourceNotice) { notices.withLock { $0.append(notice) } }

    var all: [SourceNotice] { notices.withLock { $0 } }

    /// The partitions held now.
    var held: [Int32] {
        for notice in all.reversed() {
            if case .rebalanced(let assigned, _) = notice { return assigned.map(\.partition) }
        }
        return []
    }
}

extension KafkaSource {
    /// The next `count` events, in as many batches as it takes.
    func events(_ count: Int, limit: Int = 64) async throws -> [Event] {
        var events: [Event] = []
        while events.count < count, let batch = try await next(limit: min(limit, count - events.count)) {
            events += batch
        }
        return events
    }
}

extension Event {
    var text: String? { payload?.text }
}
