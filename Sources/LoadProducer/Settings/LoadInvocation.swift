// The command line of load-producer: which command, and the settings among its flags.

package import Connector

package struct LoadInvocation: Sendable {
    package enum Action: Equatable, Sendable {
        case run
        case help
        case printConfiguration
        case listWorkloads
    }

    package var command = LoadSetting.Command.produce
    package var action = Action.run
    /// A ready-made workload's name, or a file.
    package var workload: String?
    package var flags: [String: Settings.Entry] = [:]

    /// Takes `--name value`, `--name=value`, `--name` alone for what is true or false, and `-messages N`.
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
            switch argument {
            case "--help", "-h": action = .help
            case "--print-config": action = .printConfiguration
            case "--list-workloads": action = .listWorkloads
            default:
                let isOld = argument == "-messages" || argument.hasPrefix("-messages=")
                try take(isOld ? "-\(argument)" : argument, &rest)
            }
        }
    }

    private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>) throws(SettingError) {
        guard argument.hasPrefix("--"), argument.count > 2 else {
            throw SettingError(
                name: "argument", value: argument, accepted: "the commands produce and verify, and flags; see --help")
        }
        let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let flag = String(parts[0])
        let isProperty = flag.hasPrefix(LoadCatalog.propertyPrefix)
        let name = isProperty ? flag : flag.replacing("-", with: "_")
        guard flag == "workload" || LoadCatalog.contains(name, in: command) else {
            throw SettingError(
                name: "flag", value: "--\(flag)", accepted: "one of those that load-producer \(command) --help lists")
        }
        let value = try value(of: flag, name, inline: parts.count > 1 ? String(parts[1]) : nil, &rest)
        if flag == "workload" {
            guard workload == nil else { throw SettingError(name: "--workload", value: value, accepted: "once") }
            workload = value
        } else if flags.updateValue(.init(value, .flag), forKey: name) != nil {
            throw SettingError(name: "--\(flag)", value: value, accepted: "once")
        }
    }

    private func value(
        of flag: String, _ name: String, inline: String?, _ rest: inout ArraySlice<String>
    ) throws(SettingError) -> String {
        if let inline { return inline }
        if let next = rest.first, !next.hasPrefix("--") {
            rest.removeFirst()
            return next
        }
        guard LoadCatalog.isTruthValue(name) else {
            throw SettingError(name: "--\(flag)", value: nil, accepted: "--\(flag) VALUE")
        }
        return "true"
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
