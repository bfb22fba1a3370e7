extension SettingCatalog {
    /// docs/configuration.md, so that it says what the code does; a test compares them.
    package static var markdown: String {
        """
        # Configuration of kafka-connector

        Each setting is an environment variable. It is also a flag of the same name with dashes \
        (`--upstream-timeout 30s`) and a key of the YAML file that `--config` names; a flag wins over the \
        environment, the environment over the file. `kafka-connector --print-config` shows what is in force and \
        where it came from, with secrets masked. A value that cannot be used ends the process with exit status 2 \
        and one line that names it, its value and what is accepted.

        Durations are Go's: `500ms`, `30s`, `1m30s`. Truth values are `true`, `1`, `false` or `0`.

        ## Kafka
        \(table(kafka))

        Any property of librdkafka can be set as `kafka.NAME`, for example `kafka.session.timeout.ms=10000`. Those \
        that the delivery depends on are refused.

        ## Gateway and functions
        \(table(gateway))

        ## Events
        \(table(events))

        ## Retries, at least once
        \(table(retries))

        A function overrides them by annotations of the same meaning: `com.openfaas.retry.attempts`, \
        `com.openfaas.retry.min_wait`, `com.openfaas.retry.max_wait`, `com.openfaas.retry.codes`. \
        `com.openfaas.connector.max_in_flight` bounds the calls of one function at once.

        ## Log and probes
        \(table(logs))

        """
    }

    private static func table(_ settings: [SettingDescription]) -> String {
        let rows = settings.map { setting in
            "| `\(setting.name)` | \(setting.standard.map { "`\($0)`" } ?? "") | \(setting.meaning) |"
        }
        return (["| Name | Default | Meaning |", "|---|---|---|"] + rows).joined(separator: "\n")
    }
}
