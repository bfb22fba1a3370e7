// What `load-producer --help`, `--print-config` and docs/load-producer.md say of the settings.

package import Connector
import KafkaConnector

extension LoadCatalog {
    package static func help(_ command: LoadSetting.Command) -> String {
        let about =
            switch command {
            case .produce: "Produces messages to Kafka topics, and reports rates and latencies."
            case .verify: "Reads topics back, and tells what is missing, doubled, out of order or changed."
            }
        let groups = groups.map { title, settings in
            let rows = settings.filter { $0.commands.contains(command) }.map { setting in
                let standard = setting.standard.map { " Default: \($0)." } ?? ""
                return "  --\(Settings.Origin.flagName(setting.name))\n        \(setting.meaning)\(standard)\n"
            }.joined()
            return rows.isEmpty ? "" : "\(title):\n\(rows)\n"
        }.joined()
        let workloads = Workload.readyMade.map { "  \($0.name): \($0.meaning)\n" }.joined()
        return """
            \(about)

            Usage: load-producer [produce] [--workload NAME|FILE] [--print-config] [--SETTING VALUE ...]
                   load-producer verify [--SETTING VALUE ...]
                   load-producer --version

            A setting is a flag, an environment variable (with underscores) or, of produce, a key of the workload's
            YAML; the first wins. -messages N is --messages N. Any property of librdkafka: --kafka.NAME VALUE.

            Latency is measured from when a message was meant to be sent to when the brokers acknowledged it, so a
            full queue counts.

            Exit codes: 0 all was as it should be; 1 messages failed, a threshold did not hold, or verify found
            something wrong; 2 bad flags, no broker reached or no such topic.

            \(groups)\(command == .produce ? "Workloads:\n  --workload\n\(workloads)" : "")
            """
    }

    /// Every setting in force and where it came from, as YAML that `--workload` takes again; secrets are masked.
    package static func effective(_ settings: Settings, _ command: LoadSetting.Command) -> String {
        let names =
            all.filter { $0.commands.contains(command) }.map(\.name)
            + settings.names(withPrefix: propertyPrefix)
        return names.compactMap { name in
            // Without a number of messages a duration is the only end.
            if name == "messages", settings.entry(name) == nil, settings.entry("duration") != nil { return nil }
            let entry = settings.entry(name) ?? all.first { $0.name == name }?.standard.map { .init($0, .standard) }
            guard let entry else { return nil }
            let isSecret =
                name.hasPrefix(propertyPrefix)
                && ["password", "secret", "key.pem", "token", "oauth"]
                    .contains { name.contains($0) }
            return "\(name): \(SettingList.quoted(isSecret ? "***" : entry.value))  # \(entry.origin.text)\n"
        }.joined()
    }

    /// The tables of docs/load-producer.md; a test compares them.
    package static var markdown: String {
        groups.map { title, settings in
            let rows = settings.map { setting in
                let standard = setting.standard.map { "`\($0)`" } ?? ""
                let verify = setting.commands == [.verify] ? "verify" : setting.commands.count == 2 ? "both" : "produce"
                return
                    "| `\(setting.name)` | \(verify) | \(standard) | \(setting.meaning.replacing("|", with: "\\|")) |"
            }
            return (["### \(title)", "| Name | Command | Default | Meaning |", "|---|---|---|---|"] + rows)
                .joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }
}
