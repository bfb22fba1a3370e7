import Connector
import FakeBroker
import Kafka
import KafkaSource
import Logging
import SourceConformance
import TestSupport
import Testing
import Synchronization

import enum Connector.Delivery

/// KafkaSource on a FakeBroker, by TCP.
///
/// Each life of the source is the same static member, so that the next one gets the partitions at once.
final class KafkaHarness: SourceHarness {
    static let profile = SourceProfile(
        name: "KafkaSource", capabilities: SourceCapabilities(settlement: .cumulative, canPause: true),
        traits: Set(SourceTrait.allCases))

    private static let group = "group"
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    var profile: SourceProfile { Self.profile }
    let topics = ["one", "two"]
    private let broker: FakeBroker
    /// Requests of these clients, or of all, do not get through.
    private let cut = Mutex<(clients: Set<String>, isAll: Bool)>(([], false))
    private let lives = Mutex<[(client: String, source: KafkaSource)]>([])

    init() async throws {
        var configuration = FakeBroker.Configuration()
        configuration.topics = topics.map { .init($0, partitions: 1) }
        broker = try await FakeBroker.start(configuration, logger: Self.quiet)
        try await broker.intercept { [weak self] request in
            guard let self else { return .handle }
            return cut.withLock { $0.isAll || $0.clients.contains(request.clientID ?? "") } ? .close : .handle
        }
    }

    func makeSource(_ delivery: Delivery) async throws -> any EventSource {
        let client = "life-\(lives.withLock { $0.count + 1 })"
        var configuration = KafkaSourceConfiguration(brokers: [broker.bootstrapServers], group: Self.group)
        configuration.delivery = delivery
        configuration.clientID = client
        configuration.initialOffset = .earliest
        configuration.properties = [
            .init(name: "group.instance.id", value: "one"), .init(name: "heartbeat.interval.ms", value: "50"),
            .init(name: "reconnect.backoff.ms", value: "10"), .init(name: "reconnect.backoff.max.ms", value: "100"),
            .init(name: "session.timeout.ms", value: "120000"), .init(name: "auto.commit.interval.ms", value: "50"),
        ]
        let source = try KafkaSource(configuration, logger: Self.quiet)
        lives.withLock { $0.append((client, source)) }
        return source
    }

    func feed(_ messages: [FedMessage], to topic: String) async throws {
        let records = messages.map { message in
            FakeBroker.Record(
                key: message.key, value: message.payload,
                headers: message.headers.map { .init($0.name, $0.value?.array) })
        }
        try await broker.append(records, to: topic)
    }

    func waitUntilAcknowledged(_ count: Int, of topic: String) async throws {
        try await eventually("\(count) of \(topic) are acknowledged") {
            try await broker.committedOffset(group: Self.group, topic: topic) == Int64(count)
        }
    }

    func crash(_ source: any EventSource) async throws {
        let client = lives.withLock { $0.first { $0.source === source as? KafkaSource }?.client } ?? ""
        _ = cut.withLock { $0.clients.insert(client) }
        _ = try await broker.closeConnections(ofClient: client)
        // It would wait for answers that do not come.
        Task { await source.close() }
    }

    func cutConnection() async throws {
        cut.withLock { $0.isAll = true }
        _ = try await broker.closeConnections()
    }

    func restoreConnection() async throws { cut.withLock { $0.isAll = false } }
    func deadLetters() async throws -> [[UInt8]] { [] }
    func shutDown() async { await broker.shutdown() }
}
