// The deployable connector: settings from flags, the environment and a file, logs on standard error, ends on SIGTERM
// and SIGINT once the events in hand are handled.

import Connector
import Foundation
import KafkaConnector
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

@main
struct KafkaConnectorMain {
    static func main() async {
        do {
            let invocation = try Invocation(Array(CommandLine.arguments.dropFirst()))
            if invocation.action == .help { return print(SettingCatalog.help) }
            let settings = try invocation.settings(environment: ProcessInfo.processInfo.environment)
            let valid = try KafkaConnectorSettings(settings)
            if invocation.action == .printConfiguration {
                print(SettingCatalog.effective(settings), terminator: "")
            } else {
                try await run(valid)
            }
        } catch {
            try? FileHandle.standardError.write(contentsOf: Data("kafka-connector: \(error)\n".utf8))
            exit(error is SettingError ? 2 : 1)
        }
    }

    private static func run(_ settings: KafkaConnectorSettings) async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "kafka-connector")
        logger.logLevel = settings.logLevel
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = loops.next()
        let service = try KafkaConnectorService(settings, on: loop, logger: logger)
        var status: StatusServer?
        if let address = settings.status {
            let server = try await StatusServer(address, for: service, on: loop)
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
