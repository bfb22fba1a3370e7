// The connector of RabbitMQ: settings from the environment, logs on standard error, ends on SIGTERM and SIGINT once the
// events in hand are handled.

import Connector
import Foundation
import HTTP
import KafkaConnector
import Logging
import NIOCore
import NIOPosix
import OpenFaaSGateway
import RabbitMQSource
import ServiceLifecycle
import UnixSignals

@main
struct RabbitMQConnectorMain {
    static func main() async {
        do {
            if CommandLine.arguments.count > 1 { return print(RabbitMQConnectorSettings.help) }
            let environment = ProcessInfo.processInfo.environment.mapValues { Settings.Entry($0, .environment) }
            try await run(RabbitMQConnectorSettings(Settings(layers: [environment])))
        } catch {
            try? FileHandle.standardError.write(contentsOf: Data("rabbitmq-connector: \(error)\n".utf8))
            exit(error is SettingError ? 2 : 1)
        }
    }

    private static func run(_ settings: RabbitMQConnectorSettings) async throws {
        LoggingSystem.bootstrap(settings.log.handler)
        var logger = Logger(label: "rabbitmq-connector")
        logger.logLevel = settings.log.level
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = loops.next()
        let metrics = Metrics()
        let service = RabbitMQConnectorService(
            settings, gateway: try OpenFaaSGateway(settings.gateway, on: loop),
            source: try RabbitMQSource(settings.rabbitMQ, logger: logger), metrics: metrics, on: loop, logger: logger)
        var status: HTTPServer?
        if let address = settings.status {
            let server = try await HTTPServer.start(
                host: address.host, port: address.port, on: loop, handler: StatusHandler(metrics: metrics))
            logger.info("Status: http://\(address.host):\(server.port)/metrics")
            status = server
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        await status?.shutDown()
        try await loops.shutdownGracefully()
    }
}

/// Source, gateway and core on one event loop.
struct RabbitMQConnectorService: Service {
    private let connector: Connector
    private let gateway: OpenFaaSGateway
    private let executor: EventLoopTaskExecutor

    init(
        _ settings: RabbitMQConnectorSettings, gateway: OpenFaaSGateway, source: RabbitMQSource, metrics: Metrics,
        on loop: any EventLoop, logger: Logger
    ) {
        executor = EventLoopTaskExecutor(loop)
        self.gateway = gateway
        connector = Connector(
            configuration: settings.connector, source: source, gateway: gateway,
            observer: Observers([LogObserver(logger, options: settings.log.options), metrics]),
            time: TimeSource(ContinuousClock()), generator: SystemRandomNumberGenerator())
    }

    func run() async throws {
        do {
            try await withTaskExecutorPreference(executor) { try await connector.run() }
        } catch {
            await gateway.shutDown()
            throw error
        }
        await gateway.shutDown()
    }
}
