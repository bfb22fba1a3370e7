import ArgumentParser
import FakeBroker
import Logging
import Scenarios

struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Runs a Kafka cluster until it is interrupted; in memory unless a folder is named.",
        discussion: "Prints one line, ready bootstrap=HOST:PORT, when it accepts connections.")

    @Option(help: "Where the first broker listens; port 0 takes any free one.")
    var listen = ListenAddress.loopback

    @Option(help: "How many brokers. All but the first take free ports.")
    var brokers = 1

    @Option(help: "A topic that exists from the start, NAME or NAME:PARTITIONS. May be repeated.")
    var topic: [TopicArgument] = []

    @Option(help: "Partitions of a topic that is created on demand.")
    var partitions = 1

    @Option(help: "A folder that keeps topics, records, offsets and transactional ids for the next process.")
    var logDirectory: String?

    @Option(
        help: "When what is in that folder is forced to the disk: never, shutdown or always.", transform: Self.flush)
    var logFlush = FakeBroker.LogFlush.never

    @Option(help: "A YAML file with a list of faults; docs/scenarios.md describes it.")
    var faults: String?

    private static func flush(_ text: String) throws -> FakeBroker.LogFlush {
        guard let flush = FakeBroker.LogFlush(rawValue: text) else {
            throw ValidationError("\(text): never, shutdown or always")
        }
        return flush
    }

    func run() async throws {
        try await Processes.run { lifetime in
            var configuration = FakeBroker.Configuration()
            configuration.host = listen.host
            configuration.ports = [listen.port]
            configuration.brokers = brokers
            configuration.topics = topic.map { .init($0.name, partitions: $0.partitions) }
            configuration.defaultPartitions = partitions
            configuration.logDirectory = logDirectory
            configuration.logFlush = logFlush
            if let faults { configuration.faults = try Scenario.brokerFaults(faults) }
            let broker = try await FakeBroker.start(configuration, logger: Processes.logger("broker"))
            Processes.announce("ready bootstrap=\(broker.bootstrapServers)")
            await lifetime.end()
            await broker.shutdown()
        }
    }
}
