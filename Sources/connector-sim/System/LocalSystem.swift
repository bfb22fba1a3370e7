// Broker, gateway and connector in one process, over real sockets on loopback.

import Connector
import FakeBroker
import FakeGateway
import KafkaConnector
import Logging
import NIOCore
import NIOPosix
import Scenarios

/// How the system is set up.
struct LocalSystemSettings {
    var topic = "faas-request"
    var partitions = 8
    var brokers = 1
    var brokerAddress = ListenAddress.loopback
    var gatewayAddress = ListenAddress.loopback
    var functions: [FunctionArgument] = []
    var maxInFlight = 64
    var ordering = Ordering.partition
    /// What the connector would be told by environment variables beside what is set here.
    var environment: [String: String] = [:]
    var logLevel = Logger.Level.info
    var seed: UInt64 = 0
    var scenario = Scenario()
    /// Told what the connector does, beside those of the system's own.
    var observers: [any ConnectorObserver] = []
}

/// A running system; `run` returns once `body` has and everything has drained.
struct LocalSystem {
    let broker: FakeBroker
    let gateway: FakeGateway
    let ledger: Ledger
    let latencies: LatencyObserver
    let connector: LocalConnector
    /// By which the brokers know the connector.
    static let clientID = "openfaas-kafka-connector"

    static func run<Result: Sendable>(
        _ settings: LocalSystemSettings, _ body: (LocalSystem) async throws -> Result
    ) async throws -> Result {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let system: LocalSystem
        do { system = try await start(settings, on: loops.next()) } catch {
            try? await loops.shutdownGracefully()
            throw error
        }
        do {
            let result = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await system.connector.run() }
                let result = try await body(system)
                await system.connector.drain()
                try await group.waitForAll()
                return result
            }
            await system.stop(loops)
            return result
        } catch {
            await system.stop(loops)
            throw error
        }
    }

    private static func start(
        _ settings: LocalSystemSettings, on loop: any EventLoop
    ) async throws -> LocalSystem {
        var configuration = FakeBroker.Configuration()
        configuration.host = settings.brokerAddress.host
        configuration.ports = [settings.brokerAddress.port]
        configuration.brokers = settings.brokers
        configuration.topics = [.init(settings.topic, partitions: settings.partitions)]
        configuration.seed = settings.seed
        configuration.faults = settings.scenario.brokerFaults
        let broker = try await FakeBroker.start(configuration, logger: Processes.logger("broker"))
        do {
            let gateway = try await FakeGateway.start(
                settings.gatewayAddress, functions: settings.functions, seed: settings.seed,
                faults: settings.scenario.gatewayFaults)
            let (ledger, latencies) = (Ledger(), LatencyObserver())
            let environment = variables(settings, broker, gateway)
            let connector = LocalConnector {
                let connectorSettings = try KafkaConnectorSettings(Settings(environment: environment))
                return try KafkaConnectorService(
                    connectorSettings, on: loop, observers: [ledger, latencies] + settings.observers,
                    logger: Processes.logger("connector", level: settings.logLevel),
                    settingsAnew: { connectorSettings })
            }
            return LocalSystem(
                broker: broker, gateway: gateway, ledger: ledger, latencies: latencies, connector: connector)
        } catch {
            await broker.shutdown()
            throw error
        }
    }

    private func stop(_ loops: MultiThreadedEventLoopGroup) async {
        await gateway.shutdown()
        await broker.shutdown()
        try? await loops.shutdownGracefully()
    }

    private static func variables(
        _ settings: LocalSystemSettings, _ broker: FakeBroker, _ gateway: FakeGateway
    ) -> [String: String] {
        let own = [
            "broker_host": broker.bootstrapServers, "gateway_url": gateway.url, "topics": settings.topic,
            "max_in_flight": "\(settings.maxInFlight)", "ordering": settings.ordering.rawValue,
            "initial_offset": "oldest",
            // A laptop that slept, or a machine that stood still, breaks no call of a run, and puts no member out.
            "upstream_timeout": "5m", "kafka.session.timeout.ms": "300000",
        ]
        return settings.environment.merging(own) { $1 }
    }
}
