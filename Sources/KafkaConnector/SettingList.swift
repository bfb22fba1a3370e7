// What a program knows of its settings: its flags, the keys of its file, --print-config and --help go by one list.

package import Connector

/// The settings of one program.
package struct SettingList: Sendable {
    package let all: [SettingDescription]
    /// Names that begin with it are settings too, whatever follows; `nil` if there are none but those of the list.
    let propertyPrefix: String?

    package init(_ all: [SettingDescription], propertyPrefix: String? = nil) {
        self.all = all
        self.propertyPrefix = propertyPrefix
    }

    package func contains(_ name: String) -> Bool {
        propertyPrefix.map(name.hasPrefix) ?? false || all.contains { $0.name == name }
    }

    func isTruthValue(_ name: String) -> Bool {
        all.first { $0.name == name }.map { $0.standard == "true" || $0.standard == "false" } ?? false
            || name == "print_response_body"
    }

    /// Whether nobody may read its value.
    func isSecret(_ name: String) -> Bool {
        all.first { $0.name == name }?.isSecret ?? SettingCatalog.isSecret(name)
    }

    /// Every setting in force and where it came from, as YAML that `--config` takes again once what is secret stands
    /// there in the place of its mask.
    package func effective(_ settings: Settings) -> String {
        let names = all.map(\.name) + (propertyPrefix.map(settings.names) ?? [])
        let overruled = SettingCatalog.overruled(in: settings)
        return names.filter { $0 != overruled }.compactMap { name in
            let set = name == "topic_delimiter" ? settings.untrimmedEntry(name) : settings.entry(name)
            let standard = SettingCatalog.standard(of: name, in: settings) ?? all.first { $0.name == name }?.standard
            let entry = set ?? standard.map { .init($0, .standard) }
            guard let entry else { return nil }
            let isMasked = isSecret(name) && entry.origin != .standard
            let value = Self.quoted(isMasked ? Self.mask : entry.value)
            return "\(name): \(value)  # \(entry.origin.text)\n"
        }.joined()
    }

    static let mask = "***"

    /// For `--help`.
    package var flags: String {
        all.map { setting in
            let standard = setting.standard.map { " Default: \($0)." } ?? ""
            return "  --\(Settings.Origin.flagName(setting.name))\n        \(setting.meaning)\(standard)\n"
        }.joined()
    }

    /// For the documentation.
    static func table(_ settings: [SettingDescription]) -> String {
        let rows = settings.map { setting in
            "| `\(setting.name)` | \(setting.standard.map { "`\($0)`" } ?? "") | \(setting.meaning) |"
        }
        return (["| Name | Default | Meaning |", "|---|---|---|"] + rows).joined(separator: "\n")
    }

    /// As YAML takes it again, on one line.
    package static func quoted(_ value: String) -> String {
        let escaped = value.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            default:
                scalar.properties.generalCategory == .control
                    ? "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16) : String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}

extension Settings.Origin {
    /// For whoever asks where a value came from.
    package var text: String {
        switch self {
        case .flag: "flag"
        case .environment: "environment"
        case .file(let path, let line): "\(path):\(line)"
        case .standard: "default"
        }
    }
}
