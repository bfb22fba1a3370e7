// One flag of a command line whose flags are settings: `--name value`, `--name=value`, or `--name` alone for what is
// true or false. One dash does, too: so the flags of the commercial connector are written.

package import Connector

/// What a program knows of its flags.
package struct FlagReader {
    package struct Flag {
        /// As it was written, without the dashes before it.
        package let name: String
        /// The setting of that name.
        package let setting: String
        package let value: String
    }

    /// What may stand where an argument is no flag.
    let argumentsAccepted: String
    /// What a flag may be.
    let flagsAccepted: String
    /// Whether there is such a flag.
    let isKnown: (_ flag: String, _ setting: String) -> Bool
    /// Whether the setting is true or false.
    let isTruthValue: (_ setting: String) -> Bool

    package init(
        argumentsAccepted: String, flagsAccepted: String,
        isKnown: @escaping (_ flag: String, _ setting: String) -> Bool,
        isTruthValue: @escaping (_ setting: String) -> Bool
    ) {
        self.argumentsAccepted = argumentsAccepted
        self.flagsAccepted = flagsAccepted
        self.isKnown = isKnown
        self.isTruthValue = isTruthValue
    }

    /// An argument of one dash and a name as it is written with two.
    package static func withTwoDashes(_ argument: String) -> String {
        argument.count > 2 && argument.hasPrefix("-") && !argument.hasPrefix("--") ? "-\(argument)" : argument
    }

    /// - Parameter rest: What follows the argument; its value is taken from there.
    /// - Throws: For a flag that is not known, or lacks its value.
    package func read(_ argument: String, _ rest: inout ArraySlice<String>) throws(SettingError) -> Flag {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        // Without its value, which may be a secret.
        let name = String(parts.first ?? "")
        let flag = String(name.drop { $0 == "-" })
        let dashes = name.count - flag.count
        guard (1...2).contains(dashes), dashes == 2 ? !flag.isEmpty : flag.count > 1 else {
            throw SettingError(name: "argument", value: name, accepted: argumentsAccepted)
        }
        let setting = flag.hasPrefix(SettingCatalog.propertyPrefix) ? flag : flag.replacing("-", with: "_")
        guard isKnown(flag, setting) else {
            throw SettingError(name: "flag", value: name, accepted: flagsAccepted)
        }
        let value = try parts.count > 1 ? String(parts[1]) : value(of: flag, setting, &rest)
        return Flag(name: flag, setting: setting, value: value)
    }

    private func value(
        of flag: String, _ setting: String, _ rest: inout ArraySlice<String>
    ) throws(SettingError) -> String {
        if let next = rest.first, !next.hasPrefix(isTruthValue(setting) ? "-" : "--") {
            rest.removeFirst()
            return next
        }
        guard isTruthValue(setting) else {
            throw SettingError(name: "--\(flag)", value: nil, accepted: "--\(flag) VALUE")
        }
        return "true"
    }

    package static func twice(_ flag: Flag) -> SettingError {
        // Without its value, which may be a secret.
        SettingError(name: "flag", value: "--\(flag.name)", accepted: "once")
    }
}
