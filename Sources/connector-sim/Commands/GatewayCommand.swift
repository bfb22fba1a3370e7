import ArgumentParser
import FakeGateway
import Scenarios

struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Runs an OpenFaaS gateway with built-in functions until it is interrupted.",
        discussion: "Prints one line, ready url=URL, when it accepts connections.")

    @Option(help: "Where it listens; port 0 takes any free one.")
    var listen = ListenAddress.loopback

    @Option(help: "A built-in function and its topics, NAME=TOPIC[,TOPIC]. May be repeated. Without any: all of them.")
    var function: [FunctionArgument] = []

    @Option(help: "Seed of what functions draw by chance.")
    var seed: UInt64 = 1

    @Option(help: "A YAML file with a list of faults; docs/scenarios.md describes it.")
    var faults: String?

    func run() async throws {
        try await Processes.run { lifetime in
            let functions = function.isEmpty ? FunctionArgument.defaults.compactMap(FunctionArgument.init) : function
            let faults = try faults.map { try Scenario.gatewayFaults($0) } ?? []
            let gateway = try await FakeGateway.start(listen, functions: functions, seed: seed, faults: faults)
            Processes.announce("ready url=\(gateway.url)")
            await lifetime.end()
            await gateway.shutdown()
        }
    }
}
