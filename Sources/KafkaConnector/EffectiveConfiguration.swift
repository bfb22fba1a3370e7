// What `kafka-connector --print-config` and `--help` print.

package import Connector

extension SettingCatalog {
    /// Every setting in force and where it came from, as YAML that `--config` takes again; secrets are masked.
    package static func effective(_ settings: Settings) -> String {
        let names = all.map(\.name) + settings.names(withPrefix: propertyPrefix)
        return names.compactMap { name in
            let entry = settings.entry(name) ?? all.first { $0.name == name }?.standard.map { .init($0, .standard) }
            guard let entry else { return nil }
            let value = isSecret(name) ? "\"***\"" : quoted(entry.value)
            return "\(name): \(value)  # \(entry.origin.text)\n"
        }.joined()
    }

    package static var help: String {
        let rows = all.map { setting in
            let standard = setting.standard.map { " Default: \($0)." } ?? ""
            return "  --\(Settings.Origin.flagName(setting.name))\n        \(setting.meaning)\(standard)\n"
        }
        return """
            Invokes OpenFaaS functions with messages of Kafka topics.

            Usage: kafka-connector [--config FILE] [--print-config] [--SETTING VALUE ...]
                   kafka-connector explain --function NAME --topic TOPIC [--SETTING VALUE ...]
                   kafka-connector dry-run [--from BOUND] [--to BOUND] [--SETTING VALUE ...]

            explain says why a function is bound to a topic or not, and ends with status 0 or 3.
            dry-run says which functions the records from one bound up to another would lead to. It calls none, commits
            nothing and joins no group. A bound is an offset of each partition, a time (2026-01-31T12:00:00Z, or 90m
            for as long ago), oldest or newest.

            A setting is a flag, an environment variable (with underscores) or a key of the YAML file; the first wins.
            Any property of librdkafka: --kafka.NAME VALUE.

            \(rows.joined())
            """
    }

    /// Whether a setting holds what nobody may read: librdkafka's passwords, keys and the like.
    static func isSecret(_ name: String) -> Bool {
        guard name.hasPrefix(propertyPrefix) else { return false }
        // Places where a secret lies, and its lifetime, are none.
        let shown = [".location", "key.deserializer", "key.serializer"]
        if shown.contains(where: { name.hasSuffix($0) }) { return false }
        return ["password", "secret", "ssl.key", "token", "oauthbearer.config", "jaas"].contains { name.contains($0) }
    }

    static func isTruthValue(_ name: String) -> Bool {
        all.first { $0.name == name }.map { $0.standard == "true" || $0.standard == "false" } ?? false
            || name == "print_response_body"
    }

    private static func quoted(_ value: String) -> String {
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
    fileprivate var text: String {
        switch self {
        case .flag: "flag"
        case .environment: "environment"
        case .file(let path, let line): "\(path):\(line)"
        case .standard: "default"
        }
    }
}
