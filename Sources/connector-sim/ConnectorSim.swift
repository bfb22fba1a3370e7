import ArgumentParser
import KafkaConnector

@main
struct ConnectorSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connector-sim",
        abstract: "Runs the Kafka connector, and what stands around it, on this machine.",
        version: "connector-sim \(ProgramVersion.current)",
        subcommands: [
            RunCommand.self, ExploreCommand.self, ReplayCommand.self, ServeCommand.self, BrokerCommand.self,
            GatewayCommand.self,
        ])
}
