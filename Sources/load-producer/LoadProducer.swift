// Puts load on a topic and says what came of it. Exit codes: 0 all delivered, 1 something was not, 2 bad flags, no
// broker or no topic.

import ArgumentParser
import Foundation
import Kafka
import Logging
import UnixSignals

struct LoadProducer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-producer",
        abstract: "Produces messages to a Kafka topic at a rate, and reports rates and latencies.",
        discussion: """
            Latency is measured from when a message was meant to be sent to when the brokers acknowledged it, so a \
            full queue counts.

            Exit codes: 0 all messages were delivered; 1 some were not; 2 bad flags, no broker reached or no such topic.
            """)

    @Option(help: "Brokers to start from, as a comma list of host:port; the port is 9092 unless given.")
    var brokers: String

    @Option(help: "The topic to produce to.")
    var topic: String

    @Option(
        name: [.long, .customLong("messages", withSingleDash: true)],
        help: "How many messages to produce; 0 goes on until it is stopped.")
    var messages = 1_000

    @Option(help: "Messages a second; 0 is as fast as possible.")
    var rate = 0.0

    @Option(help: "Bytes of each message.")
    var size = 100

    func validate() throws {
        guard !brokerList.isEmpty else { throw ValidationError("--brokers \(brokers): at least one host is needed") }
        guard !topic.isEmpty else { throw ValidationError("--topic must not be empty") }
        guard messages >= 0 else { throw ValidationError("--messages \(messages): 0 or more is accepted") }
        guard rate >= 0, rate <= 1e9 else { throw ValidationError("--rate \(rate): 0 to 1000000000 is accepted") }
        guard (0...Self.largestMessage).contains(size) else {
            throw ValidationError("--size \(size): 0 to \(Self.largestMessage) is accepted")
        }
    }

    /// What librdkafka takes at most, with room for the record around it.
    private static let largestMessage = 999_999_000

    var brokerList: [String] {
        brokers.split(separator: ",").map { $0.trimmingPrefix(while: \.isWhitespace) }.map { host in
            host.contains(":") ? String(host) : "\(host):9092"
        }
    }

    var clientConfiguration: Configuration {
        var configuration = Configuration()
        configuration.bootstrapServers = brokerList
        configuration.clientID = "load-producer"
        configuration.acknowledgements = .all
        // Long enough for a broker's restart, short enough that nothing hangs.
        configuration.messageTimeout = .seconds(30)
        configuration["message.max.bytes"] = String(max(1_000_000, size + 1_000))
        return configuration
    }

    func run() async throws {
        try await Run(self).run()
    }
}

/// Ends the process with a line that says why.
struct Failure: Error, CustomStringConvertible {
    static let exitCode: Int32 = 2

    let description: String
}

@main
enum Main {
    static func main() async {
        do {
            let command = try LoadProducer.parse()
            try await command.run()
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch let failure as Failure {
            Terminal.error("load-producer: \(failure)\n")
            exit(Failure.exitCode)
        } catch {
            if LoadProducer.exitCode(for: error).isSuccess {
                Terminal.output("\(LoadProducer.fullMessage(for: error))\n")
                exit(0)
            }
            Terminal.error("load-producer: \(LoadProducer.message(for: error)); see --help\n")
            exit(Failure.exitCode)
        }
    }
}
