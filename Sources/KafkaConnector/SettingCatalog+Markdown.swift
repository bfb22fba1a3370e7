extension SettingCatalog {
    /// docs/configuration.md, so that it says what the code does; a test compares them.
    package static var markdown: String {
        """
        # Configuration of kafka-connector

        Each setting is an environment variable. It is also a flag of the same name with dashes \
        (`--upstream-timeout 30s`, and with one dash, too) and a key of the YAML file that `--config` names; a flag \
        wins over the environment, the environment over the file. `kafka-connector --print-config` shows what is in \
        force and where it came from, with secrets masked. A value that cannot be used ends the process with exit \
        status 2 and one line that names it, its value and what is accepted. An empty value counts as not set.

        Durations are Go's: `500ms`, `30s`, `1m30s`. Truth values are `true`, `1`, `false` or `0`.

        ## Kafka
        \(SettingList.table(kafka))

        Any property that this build's librdkafka has can be set as `kafka.NAME`, for example \
        `kafka.session.timeout.ms=10000`; Kubernetes, Compose and `env` set variables with dots, shells do not. It \
        wins over the setting that stands for the same. Those that the delivery \
        depends on are refused, and those by which metrics go (`group.id`, `bootstrap.servers`, and 0 for \
        `statistics.interval.ms`).

        The files of user and password are read again while the connector runs, and given to librdkafka \
        (`rd_kafka_sasl_set_credentials`): new connections log in with what they hold. The token is read whenever \
        librdkafka asks for one. The gateway's certificates and keys are used for new connections once they have \
        changed, and its user and password are read for each listing. librdkafka reads Kafka's certificates and keys \
        for new clients only: when they change, the connector takes no more events, finishes those in hand (for up to \
        `drain_timeout`), and begins anew in the same process. A change is one that two looks in a row have seen, so \
        that a key may follow its certificate.

        ## Gateway and functions
        \(SettingList.table(gateway))

        ## Events
        \(SettingList.table(events))

        ## Retries, at least once
        \(SettingList.table(retries))

        A function overrides them by annotations of the same meaning: `com.openfaas.retry.attempts`, \
        `com.openfaas.retry.min_wait`, `com.openfaas.retry.max_wait`, `com.openfaas.retry.codes`. \
        `com.openfaas.connector.max_in_flight` bounds the calls of one function at once. Events that wait for such a \
        function take up at most half of `max_in_flight`. One without it, if it hangs, may take all of that until \
        `upstream_timeout` where `ordering` is `none` or `key`.

        What no function would take goes to `dead_letter_topic` as it was, with headers behind its own: \
        `X-Dead-Letter-Topic`, `-Partition`, `-Offset`, `-Timestamp`, `-Function`, `-Status` (or `none`), \
        `-Attempts` and `-Error`. Of a letter that was one before, the last of each name counts. delivery.md says when.

        ## Log and probes
        \(SettingList.table(logs))

        In JSON a line has `ts`, `level`, `msg`, `logger`, and what it is about: `topic`, `partition`, `offset`, \
        `key_hash` (FNV-1a of the key), `trace_id` (of the record's `traceparent`), `function`, `namespace`, `status`, \
        `duration_ms`, `call_id` (the gateway's `X-Call-Id`), `attempt`, `wait_ms`, `reason`. Values of records and \
        bodies of replies are logged only where a switch says so, secrets never.

        ## Commands
        `kafka-connector explain --function NAME --topic TOPIC` says why a function is bound to a topic or not, and \
        ends with status 0 or 3, or with 1 if the gateway does not say; `/explain?function=NAME&topic=TOPIC` asks a \
        connector that runs.

        `kafka-connector dry-run --from BOUND --to BOUND` says which functions the records of a range would lead to. \
        It calls none, commits nothing and joins no group. A bound is an offset, a time (`2026-01-31T12:00:00Z`), a \
        duration (`90m`: that long ago), `oldest` or `newest`. It ends with status 0, or with 1 if gateway or brokers \
        do not answer; topics that are not there or may not be read are left out with a warning, unless all are.

        ## End
        SIGTERM, SIGINT and SIGHUP let the connector take no new event, wait for those in hand up to `drain_timeout`, \
        and end with status 0. A second SIGTERM or SIGINT ends it at once, with 128 and the signal's number.

        """
    }
}
