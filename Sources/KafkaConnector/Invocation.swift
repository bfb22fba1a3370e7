// The command line of kafka-connector: what it asks for, and the settings among its flags.

package import Connector

/// What a command line asks of kafka-connector.
package struct Invocation: Sendable {
    package enum Action: Equatable, Sendable {
        case run
        case printConfiguration
        case help
    }

    package var action = Action.run
    /// The file of `--config`.
    package var file: String?
    package var flags: [String: Settings.Entry] = [:]

    /// Takes `--name value`, `--name=value`, and `--name` alone for what is true or false.
    ///
    /// - Parameter arguments: Without the program's name.
    /// - Throws: For a flag that is not known, lacks its value, or is given twice.
    package init(_ arguments: [String]) throws(SettingError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": action = .help
            case "--print-config": action = .printConfiguration
            default: try take(argument, &rest)
            }
        }
    }

    private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>) throws(SettingError) {
        guard argument.hasPrefix("--"), argument.count > 2 else {
            throw SettingError(name: "argument", value: argument, accepted: "flags only; --help lists them")
        }
        let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let flag = String(parts[0])
        let name = flag.hasPrefix(SettingCatalog.propertyPrefix) ? flag : flag.replacing("-", with: "_")
        guard flag == "config" || SettingCatalog.contains(name) else {
            throw SettingError(name: "flag", value: "--\(flag)", accepted: "one of those that --help lists")
        }
        let value = try value(of: flag, name, inline: parts.count > 1 ? String(parts[1]) : nil, &rest)
        if flag == "config" {
            guard file == nil else { throw Self.twice(flag, value) }
            file = value
        } else {
            guard flags.updateValue(.init(value, .flag), forKey: name) == nil else { throw Self.twice(flag, value) }
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
        guard SettingCatalog.isTruthValue(name) else {
            throw SettingError(name: "--\(flag)", value: nil, accepted: "--\(flag) VALUE")
        }
        return "true"
    }

    private static func twice(_ flag: String, _ value: String) -> SettingError {
        SettingError(name: "--\(flag)", value: value, accepted: "once")
    }
}

extension Invocation {
    /// The settings in force: flags, then the environment, then the file.
    ///
    /// - Throws: For a file that cannot be used.
    package func settings(environment: [String: String]) throws(SettingError) -> Settings {
        var layers = [flags, environment.mapValues { Settings.Entry($0, .environment) }]
        if let file { layers.append(try SettingsFile.read(file)) }
        return Settings(layers: layers)
    }
}
