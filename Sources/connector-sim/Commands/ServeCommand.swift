import ArgumentParser
import FakeBroker
import FakeGateway
import Scenarios

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Keeps broker, gateway and connector up for clients of your own, until it is interrupted.",
        discussion: "Prints one line, ready bootstrap=HOST:PORT url=URL, when it accepts connections.")

    @Option(help: "Where Kafka listens.")
    var broker = ListenAddress(host: "127.0.0.1", port: 9092)

    @Option(help: "Where the gateway listens.")
    var gateway = ListenAddress(host: "127.0.0.1", port: 8080)

    @Option(help: "Topic that the connector binds to.")
    var topic = "faas-request"

    @Option(help: "Partitions of the topic.")
    var partitions = 1

    @Option(help: "A built-in function and its topics, NAME=TOPIC[,TOPIC]. May be repeated.")
    var function: [FunctionArgument] = []

    @Option(help: "A YAML file that says what goes wrong; docs/scenarios.md describes it.")
    var scenario: String?

    func run() async throws {
        try await Processes.run { lifetime in
            var settings = LocalSystemSettings()
            settings.topic = topic
            settings.partitions = partitions
            settings.brokerAddress = broker
            settings.gatewayAddress = gateway
            settings.functions =
                function.isEmpty ? [FunctionArgument(name: "figlet", builtIn: "figlet", topics: topic)] : function
            if let scenario { settings.scenario = try SimulationArguments.scenarioOfARun(scenario, settings) }
            settings.environment = ["print_response": "true", "print_request_body": "true"]
            try await LocalSystem.run(settings) { system in
                Processes.announce("ready bootstrap=\(system.broker.bootstrapServers) url=\(system.gateway.url)")
                let timed = TimedFaults(system, settings)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await timed.run { Processes.warn($0) } }
                    await lifetime.end()
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
        }
    }
}
