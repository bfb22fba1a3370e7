// The command line of a connector: what it asks for, and the settings among its flags.

package import Connector

/// What a command line asks of a connector.
package struct Invocation: Sendable {
    package enum Action: Equatable, Sendable {
        case run
        case printConfiguration
        case help
        case version
        /// Why a function is bound to a topic or not.
        case explain(function: String, topic: String)
        /// What would be invoked for the records of a range.
        case dryRun(from: DryRun.Bound, to: DryRun.Bound)
    }

    package var action = Action.run
    /// The file of `--config`.
    package var file: String?
    package var flags: [String: Settings.Entry] = [:]

    /// The commands of kafka-connector with their flags, each with what it may be; they are no settings.
    package static let commandsOfKafka: [String: [String: String]] = [
        "explain": ["function": "the name of a function, or name.namespace", "topic": "the name of a topic"],
        "dry-run": ["from": DryRun.Bound.accepted, "to": DryRun.Bound.accepted],
    ]
    private let list: SettingList
    private let commands: [String: [String: String]]
    private var command: String?
    private var options: [String: String] = [:]

    /// Takes `--name value`, `--name=value`, and `--name` alone for what is true or false; first a command, if any.
    ///
    /// - Parameters:
    ///   - arguments: Without the program's name.
    ///   - list: What may be set.
    ///   - commands: Those that there are.
    /// - Throws: For a flag that is not known, lacks its value, or is given twice.
    package init(
        _ arguments: [String], _ list: SettingList = SettingCatalog.list,
        commands: [String: [String: String]] = Self.commandsOfKafka
    ) throws(SettingError) {
        self.list = list
        self.commands = commands
        var rest = arguments[...]
        if let first = rest.first, commands[first] != nil { command = rest.removeFirst() }
        while let argument = rest.popFirst() {
            switch FlagReader.withTwoDashes(argument) {
            case "--help", "-h": action = .help
            case "--version": action = .version
            case "--print-config": action = .printConfiguration
            default: try take(argument, &rest)
            }
        }
        if action == .run, let command { action = try self.action(of: command) }
    }

    private func action(of command: String) throws(SettingError) -> Action {
        if command == "explain" {
            return .explain(function: try option("function"), topic: try option("topic"))
        }
        let (from, to) = (try bound("from", default: .oldest), try bound("to", default: .newest))
        guard !from.isLater(than: to) else {
            throw SettingError(name: "--to", value: options["to"], accepted: "a bound no earlier than --from")
        }
        return .dryRun(from: from, to: to)
    }

    private func option(_ name: String) throws(SettingError) -> String {
        if let value = options[name], !value.isEmpty { return value }
        throw SettingError(name: "--\(name)", value: options[name], accepted: accepted(name) ?? "")
    }

    private func bound(_ name: String, default standard: DryRun.Bound) throws(SettingError) -> DryRun.Bound {
        guard let text = options[name] else { return standard }
        if let bound = DryRun.Bound(text) { return bound }
        throw SettingError(name: "--\(name)", value: text, accepted: DryRun.Bound.accepted)
    }

    /// What an option of the command may be; `nil` if it has none of this name.
    private func accepted(_ option: String) -> String? { command.flatMap { commands[$0]?[option] } }

    private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>) throws(SettingError) {
        let options = command.flatMap { commands[$0] } ?? [:]
        let list = list
        let reader = FlagReader(
            argumentsAccepted: commands.isEmpty
                ? "flags; --help lists them" : "flags, after a command if any; --help lists them",
            flagsAccepted: "one of those that --help lists",
            isKnown: { $0 == "config" || options[$0] != nil || list.contains($1) },
            isTruthValue: list.isTruthValue)
        let flag = try reader.read(argument, &rest)
        if options[flag.name] != nil {
            guard self.options.updateValue(flag.value, forKey: flag.name) == nil else { throw FlagReader.twice(flag) }
        } else if flag.name == "config" {
            guard file == nil else { throw FlagReader.twice(flag) }
            file = flag.value
        } else {
            guard flags.updateValue(.init(flag.value, .flag), forKey: flag.setting) == nil else {
                throw FlagReader.twice(flag)
            }
        }
    }
}

extension Invocation {
    /// The settings in force: flags, then the environment, then the file, then the program's own defaults.
    ///
    /// - Throws: For a file that cannot be used, or one whose masks would be taken for secrets.
    package func settings(
        environment: [String: String], defaults: [String: String] = [:]
    ) throws(SettingError) -> Settings {
        var layers = [flags, environment.mapValues { Settings.Entry($0, .environment) }]
        let entries = try file.map { path throws(SettingError) in try SettingsFile.read(path, list) } ?? [:]
        layers.append(entries)
        layers.append(defaults.mapValues { Settings.Entry($0, .standard) })
        let settings = Settings(layers: layers)
        for name in entries.keys.sorted() where list.isSecret(name) {
            guard let entry = settings.entry(name), entry.value == SettingList.mask,
                case .file(let path, let line) = entry.origin
            else { continue }
            throw SettingError(
                name: "\(path):\(line): \(name)", value: entry.value,
                accepted: "the secret itself, which --print-config does not show")
        }
        return settings
    }
}
