// The command line of load-producer: which command, and the settings among its flags.

package import Connector
import KafkaConnector

package struct LoadInvocation: Sendable {
    package enum Action: Equatable, Sendable {
        case run
        case help
        case version
        case printConfiguration
        case listWorkloads
    }

    package var command = LoadSetting.Command.produce
    package var action = Action.run
    /// A ready-made workload's name, or a file.
    package var workload: String?
    package var flags: [String: Settings.Entry] = [:]

    /// Takes `--name value`, `--name=value`, or `--name` alone for what is true or false.
    ///
    /// - Parameter arguments: Without the program's name.
    /// - Throws: For a flag that is not known, lacks its value, or is given twice.
    package init(_ arguments: [String]) throws(SettingError) {
        var rest = arguments[...]
        if let first = rest.first, let command = LoadSetting.Command(rawValue: first) {
            self.command = command
            rest.removeFirst()
        }
        while let argument = rest.popFirst() {
            switch FlagReader.withTwoDashes(argument) {
            case "--help", "-h": action = .help
            case "--version": action = .version
            case "--print-config": action = .printConfiguration
            case "--list-workloads": action = .listWorkloads
            default: try take(argument, &rest)
            }
        }
    }

    private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>) throws(SettingError) {
        let command = command
        let reader = FlagReader(
            argumentsAccepted: "the commands produce and verify, and flags; see --help",
            flagsAccepted: "one of those that load-producer \(command) --help lists",
            isKnown: { $0 == "workload" || LoadCatalog.contains($1, in: command) },
            isTruthValue: LoadCatalog.isTruthValue)
        let flag = try reader.read(argument, &rest)
        if flag.name == "workload" {
            guard workload == nil else { throw FlagReader.twice(flag) }
            workload = flag.value
        } else if flags.updateValue(.init(flag.value, .flag), forKey: flag.setting) != nil {
            throw FlagReader.twice(flag)
        }
    }

    /// The settings in force: flags, then the environment, then the workload.
    package func settings(environment: [String: String]) throws(SettingError) -> Settings {
        var layers = [flags, environment.mapValues { Settings.Entry($0, .environment) }]
        let named = workload ?? environment["workload"].flatMap { $0.isEmpty ? nil : $0 }
        if let named {
            guard command == .produce else {
                throw SettingError(name: "--workload", value: named, accepted: "with the command produce")
            }
            layers.append(try Workload.entries(named))
        }
        return Settings(layers: layers)
    }
}
