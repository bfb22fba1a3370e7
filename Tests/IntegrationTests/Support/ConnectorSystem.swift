import Connector
import FakeBroker
import FakeGateway
import KafkaConnector
import Logging
import NIOPosix
import Synchronization
import TestSupport
import Testing

/// The connector as a service in this process, between a broker and a gateway of its own, over real sockets.
struct ConnectorSystem: Sendable {
    static let group = "group"

    let broker: FakeBroker
    let gateway: FakeGateway
    let service: KafkaConnectorService
    let ledger: Ledger
    let log: LogBook

    /// What a test must not wait for, and what every test needs.
    private static let standard = [
        "topics": "t", "group": group, "rebuild_interval": "50ms", "retry_min_wait": "10ms", "retry_max_wait": "50ms",
        "drain_timeout": "5s", "log_level": "debug", "kafka.heartbeat.interval.ms": "50",
        "kafka.reconnect.backoff.max.ms": "100", "kafka.auto.commit.interval.ms": "50",
        "kafka.topic.metadata.refresh.interval.ms": "200",
        // A machine may stand still for minutes, which must end neither calls nor sessions.
        "upstream_timeout": "10m", "kafka.session.timeout.ms": "300000",
    ]

    /// Runs `body` beside the connector, then drains it.
    ///
    /// - Parameters:
    ///   - settings: In the place of the standard ones; nothing set for an empty value.
    ///   - prepare: Runs before the connector starts.
    static func run(
        _ settings: [String: String] = [:], functions: [Function],
        broker changeBroker: (inout FakeBroker.Configuration) -> Void = { _ in },
        gateway changeGateway: (inout FakeGateway.Configuration) -> Void = { _ in },
        before prepare: (FakeBroker) async throws -> Void = { _ in },
        _ body: @escaping @Sendable (ConnectorSystem) async throws -> Void
    ) async throws {
        var brokers = FakeBroker.Configuration()
        brokers.topics = [.init("t")]
        changeBroker(&brokers)
        let broker = try await FakeBroker.start(brokers)
        var gateways = FakeGateway.Configuration()
        gateways.functions = functions
        gateways.upstreamTimeout = .seconds(600)
        changeGateway(&gateways)
        let gateway = try await FakeGateway.start(gateways)
        let own = ["broker_hosts": broker.bootstrapServers, "gateway_url": gateway.url]
        let all = standard.merging(own) { $1 }.merging(settings) { $1 }
        let outcome = await Result {
            try await prepare(broker)
            try await run(all, broker, gateway, body)
        }
        await gateway.shutdown()
        await broker.shutdown()
        try outcome.get()
    }

    private static func run(
        _ settings: [String: String], _ broker: FakeBroker, _ gateway: FakeGateway,
        _ body: @escaping @Sendable (ConnectorSystem) async throws -> Void
    ) async throws {
        let log = LogBook()
        let ledger = Ledger()
        let settings = try KafkaConnectorSettings(Settings(environment: settings))
        let service = try KafkaConnectorService(
            settings, on: MultiThreadedEventLoopGroup.singleton.next(), observers: [ledger], logger: log.logger,
            settingsAnew: { settings })
        let system = ConnectorSystem(broker: broker, gateway: gateway, service: service, ledger: ledger, log: log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            group.addTask {
                do {
                    try await body(system)
                } catch {
                    print("The log of the connector that failed its test:\n\(log.text.suffix(8000))")
                    await service.connector.drain()
                    throw error
                }
                await service.connector.drain()
            }
            // The first that fails ends the other: a test must not wait for a connector that did not start.
            while try await group.next() != nil {}
        }
    }

    /// Waits until the ledger says so.
    func until(_ what: String, _ condition: (Ledger.Account) -> Bool) async throws {
        try await eventually(what) { condition(ledger.account) }
    }

    func committed(_ topic: String = "t", partition: Int = 0) async throws -> Int64? {
        try await broker.committedOffset(group: Self.group, topic: topic, partition: partition)
    }

    func append(_ texts: String..., to topic: String = "t", partition: Int = 0) async throws {
        try await broker.append(texts.map { FakeBroker.Record($0) }, to: topic, partition: partition)
    }

    /// The values of one metric's line in `/metrics`, labels included in `name`; `nil` if it is not there.
    func metric(_ name: String) -> Double? {
        let line = service.metricsText.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return line?.split(separator: " ").last.flatMap { Double($0) }
    }
}

/// Keeps what was logged.
final class LogBook: Sendable {
    private let content = Mutex<[String]>([])

    var text: String { content.withLock { $0.joined(separator: "\n") } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(book: self) }
        logger.logLevel = .debug
        return logger
    }

    private struct Handler: LogHandler {
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            // Twenty a second.
            guard event.message != "Syncing topic map: unchanged" else { return }
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            book.content.withLock { $0.append("\(event.level) \(event.message)\(fields)") }
        }
    }
}
