// The deployable connector: settings from flags, the environment and a file, logs on standard error, ends on SIGTERM,
// SIGINT and SIGHUP once the events in hand are handled.

import Connector
import Foundation
import HTTP
import KafkaConnector
import Logging
import NIOCore
import NIOPosix

@main
struct KafkaConnectorMain {
    static func main() async {
        do {
            exit(try await run(try Invocation(Array(CommandLine.arguments.dropFirst()))))
        } catch {
            ProgramEnd.of("kafka-connector", by: error)
        }
    }

    /// The exit status.
    private static func run(_ invocation: KafkaConnector.Invocation) async throws -> Int32 {
        switch invocation.action {
        case .help:
            try StandardOutput.write("\(SettingCatalog.help)\n")
            return 0
        case .version:
            try StandardOutput.write("kafka-connector \(ProgramVersion.current)\n")
            return 0
        default: break
        }
        let settings = try invocation.settings(environment: ProcessInfo.processInfo.environment)
        let valid = try KafkaConnectorSettings(settings)
        if invocation.action == .printConfiguration {
            try StandardOutput.write(SettingCatalog.effective(settings))
            return 0
        }
        LoggingSystem.bootstrap(valid.log.handler)
        var logger = Logger(label: "kafka-connector")
        logger.logLevel = valid.log.level
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let status: Int32
        switch invocation.action {
        case .explain(let function, let topic):
            let explanation = try await Questions(valid, on: loops.next()).explain(function: function, topic: topic)
            try StandardOutput.write(explanation.text)
            status = explanation.isBound ? 0 : 3
        case .dryRun(let from, let to):
            try await Questions(valid, on: loops.next()).dryRun(from: from, to: to, logger: logger) {
                try StandardOutput.write("\($0)\n")
            }
            status = 0
        case .run, .printConfiguration, .help, .version:
            try await valid.log.run(logger) { try await serve(invocation, valid, on: loops.next(), logger) }
            status = 0
        }
        try await loops.shutdownGracefully()
        return status
    }

    /// Until a signal; again and again if certificates change.
    private static func serve(
        _ invocation: KafkaConnector.Invocation, _ settings: KafkaConnectorSettings, on loop: any EventLoop,
        _ logger: Logger
    ) async throws {
        OpenFiles.allow()
        let signals = await StopSignals(logger: logger)
        var service = try service(settings, of: invocation, on: loop, logger)
        while true {
            try await serve(service, settings.status, on: loop, signals, logger)
            guard let next = service.settingsOfNext else { return }
            guard let other = await restart(service, next, invocation, on: loop, signals, logger) else { return }
            service = other
        }
    }

    private static func settings(of invocation: KafkaConnector.Invocation) throws -> KafkaConnectorSettings {
        try KafkaConnectorSettings(invocation.settings(environment: ProcessInfo.processInfo.environment))
    }

    private static func service(
        _ valid: KafkaConnectorSettings, of invocation: KafkaConnector.Invocation, on loop: any EventLoop,
        _ logger: Logger, after earlier: KafkaConnectorService? = nil
    ) throws -> KafkaConnectorService {
        try KafkaConnectorService(valid, on: loop, logger: logger, after: earlier) { try settings(of: invocation) }
    }

    private static func serve(
        _ service: KafkaConnectorService, _ address: StatusAddress?, on loop: any EventLoop, _ signals: StopSignals,
        _ logger: Logger
    ) async throws {
        var status: StatusServer?
        if let address {
            let server = try await StatusServer(address, service.statusAnswers, on: loop)
            logger.info("Status: \(address.metricsURL(listening: server.port))")
            status = server
        }
        let result = await Result { try await signals.run(service.connector, service.run) }
        await status?.shutDown()
        try result.get()
    }

    /// A service of the settings as they are now, or if those are of no use any more, of those that were found good;
    /// tried until all files fit together. `nil` once a signal came.
    private static func restart(
        _ earlier: KafkaConnectorService, _ settings: KafkaConnectorSettings,
        _ invocation: KafkaConnector.Invocation, on loop: any EventLoop, _ signals: StopSignals, _ logger: Logger
    ) async -> KafkaConnectorService? {
        while !signals.hasStopped {
            do {
                let settings = (try? self.settings(of: invocation)) ?? settings
                return try service(settings, of: invocation, on: loop, logger, after: earlier)
            } catch {
                logger.error("Not yet: \(error)")
                try? await Task.sleep(for: .seconds(1))
            }
        }
        return nil
    }
}
