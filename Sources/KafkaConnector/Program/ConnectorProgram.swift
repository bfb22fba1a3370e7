// The program around a connector of any source: its command line, its log, its probes and metrics, and its end. What is
// Kafka's own stands in kafka-connector.

package import Connector
import Foundation
import HTTP
package import Logging
package import NIOCore
import NIOPosix
import OpenFaaSGateway

/// A source, made for one run of a program.
package struct ProgramSource: Sendable {
    let source: any EventSource
    let metrics: @Sendable () -> String

    /// - Parameter metrics: What it counts beside the connector, in Prometheus's text format.
    package init(_ source: any EventSource, metrics: @escaping @Sendable () -> String = { "" }) {
        self.source = source
        self.metrics = metrics
    }
}

/// What there is to say of a connector's program beside its source.
package struct ConnectorProgram: Sendable {
    /// Makes the source that the settings describe.
    package typealias MakeSource = @Sendable (any EventLoop, Logger) throws -> ProgramSource

    private let name: String
    private let about: String
    private let list: SettingList
    private let defaults: [String: String]
    private let words: Metrics.Words
    private let read: @Sendable (Settings, ConnectorConfiguration) throws(SettingError) -> MakeSource

    /// - Parameters:
    ///   - about: What it does, for `--help`.
    ///   - settings: Of its source; those of gateway, events, retries and log are shared.
    ///   - defaults: Of shared settings, where they are others than kafka-connector's.
    ///   - words: For `/readyz`.
    ///   - read: Reads what concerns the source, and complains before anything is begun.
    package init(
        _ name: String, about: String, settings: [SettingDescription], defaults: [String: String], words: Metrics.Words,
        read: @escaping @Sendable (Settings, ConnectorConfiguration) throws(SettingError) -> MakeSource
    ) {
        self.name = name
        self.about = about
        self.defaults = defaults
        self.words = words
        self.read = read
        list = SettingList(settings + SettingCatalog.shared(defaults: defaults))
    }

    /// Does what the command line asks for, and ends the process: with status 2 for settings that cannot be used.
    package func main() async -> Never {
        do {
            try await run(Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)
            exit(0)
        } catch {
            ProgramEnd.of(name, by: error)
        }
    }

    private func run(_ arguments: [String], _ environment: [String: String]) async throws {
        let invocation = try Invocation(arguments, list, commands: [:])
        if invocation.action == .help { return try StandardOutput.write("\(help)\n") }
        if invocation.action == .version {
            return try StandardOutput.write("\(name) \(ProgramVersion.current)\n")
        }
        let settings = try invocation.settings(environment: environment, defaults: defaults)
        let valid = try ProgramSettings(settings)
        let makeSource = try read(settings, valid.connector)
        if invocation.action == .printConfiguration { return try StandardOutput.write(list.effective(settings)) }
        try await serve(valid, makeSource)
    }

    /// Until a signal, or until the source refuses for good.
    private func serve(_ settings: ProgramSettings, _ makeSource: MakeSource) async throws {
        LoggingSystem.bootstrap(settings.log.handler)
        var logger = Logger(label: name)
        logger.logLevel = settings.log.level
        try await settings.log.run(logger) { try await serve(settings, makeSource, logger) }
    }

    private func serve(_ settings: ProgramSettings, _ makeSource: MakeSource, _ logger: Logger) async throws {
        OpenFiles.allow()
        let signals = await StopSignals(logger: logger)
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = loops.next()
        let gateway = try OpenFaaSGateway(settings.gateway, on: loop)
        let made = try makeSource(loop, logger)
        let metrics = Metrics(
            words, maxInFlight: settings.connector.maxInFlight,
            followsAnnotations: settings.connector.topics == .annotated)
        let connector = Connector(
            configuration: settings.connector, source: made.source, gateway: gateway,
            observer: Observers([LogObserver(logger, options: settings.log.options), metrics]),
            time: TimeSource(ContinuousClock()), generator: SystemRandomNumberGenerator())
        if case .named(let topics) = settings.connector.topics {
            logger.info("Binding to topics: [\(topics.joined(separator: ","))]")
        }
        var status: StatusServer?
        if let address = settings.status {
            let answers = StatusAnswers(
                missing: { metrics.missing },
                metrics: { metrics.text(detail: settings.metricsDetail) + made.metrics() },
                explain: { try await connector.explain(function: $0, topic: $1, by: gateway) })
            let server = try await StatusServer(address, answers, on: loop)
            logger.info("Status: \(address.metricsURL(listening: server.port))")
            status = server
        }
        let executor = EventLoopTaskExecutor(loop)
        let result = await Result {
            try await signals.run(connector) {
                try await withTaskExecutorPreference(executor) { try await connector.consume() }
            }
        }
        await gateway.shutDown()
        await status?.shutDown()
        try await loops.shutdownGracefully()
        try result.get()
    }

    private var help: String {
        """
        \(about)

        Usage: \(name) [--config FILE] [--print-config] [--SETTING VALUE ...]
               \(name) --version

        A setting is a flag, an environment variable (with underscores) or a key of the YAML file; the first wins.

        \(list.flags)
        """
    }
}

extension SettingCatalog {
    /// What does not concern Kafka.
    fileprivate static func shared(defaults: [String: String]) -> [SettingDescription] {
        (gateway + events + retries + logs).filter { $0.name != "dead_letter_topic" }.map { setting in
            SettingDescription(setting.name, defaults[setting.name] ?? setting.standard, setting.meaning)
        }
    }
}

extension Metrics {
    /// Of a source other than Kafka, now.
    fileprivate func text(detail: Detail) -> String {
        text(
            group: nil, detail: detail, progress: [], now: .now,
            nowMilliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }
}
