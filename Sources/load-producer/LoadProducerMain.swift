// Puts load on topics and says what came of it; reads it back and says whether it is all there. Settings come from
// flags, the environment and a workload. Exit codes: 0 as it should be, 1 not, 2 bad flags, no broker or no topic.

import Connector
import Foundation
import KafkaConnector
import LoadProducer
import Logging
import UnixSignals

@main
enum LoadProducerMain {
    static func main() async {
        ProduceCommand.prepareProcess()
        do {
            exit(try await run())
        } catch {
            Terminal.error("load-producer: \(error)\n")
            exit(2)
        }
    }

    private static func run() async throws -> Int32 {
        let environment = ProcessInfo.processInfo.environment
        let invocation = try LoadInvocation(Array(CommandLine.arguments.dropFirst()))
        switch invocation.action {
        case .help:
            Terminal.output(LoadCatalog.help(invocation.command))
            return 0
        case .version:
            Terminal.output("load-producer \(ProgramVersion.current)\n")
            return 0
        case .listWorkloads:
            for workload in Workload.readyMade {
                Terminal.output("# \(workload.name): \(workload.meaning)\n\(workload.text)\n\n")
            }
            return 0
        case .run, .printConfiguration: break
        }
        let settings = try invocation.settings(environment: environment)
        var logger = Logger(label: "load-producer") { StreamLogHandler.standardError(label: $0) }
        // Failures are told by the report and the exit code.
        logger.logLevel = .critical
        switch invocation.command {
        case .produce:
            let run = "run-\(String(UInt64(Date().timeIntervalSince1970 * 1_000), radix: 36))"
            let producer = environment["JOB_COMPLETION_INDEX"].flatMap { $0.isEmpty ? nil : $0 }
            let valid = try ProduceSettings(settings, run: run, producer: producer)
            if invocation.action == .printConfiguration {
                Terminal.output(LoadCatalog.effective(settings, .produce))
                return 0
            }
            // Before the first message, so that none is sent that a signal would leave unreported.
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            return try await ProduceCommand(valid, logger: logger).run(signals: signals.map { _ in })
        case .verify:
            let valid = try VerifySettings(settings)
            if invocation.action == .printConfiguration {
                Terminal.output(LoadCatalog.effective(settings, .verify))
                return 0
            }
            return try await VerifyCommand(valid, logger: logger).run()
        }
    }
}
