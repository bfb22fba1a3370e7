// Every setting of the Kafka connector: the one list behind flags, --print-config, --help and docs/configuration.md.

/// What users are told of one setting.
package struct SettingDescription: Sendable {
    package let name: String
    /// As a user would write it; `nil` if there is none.
    package let standard: String?
    package let meaning: String
    /// Its value is not shown.
    package let isSecret: Bool

    package init(_ name: String, _ standard: String?, _ meaning: String, isSecret: Bool = false) {
        self.name = name
        self.standard = standard
        self.meaning = meaning
        self.isSecret = isSecret
    }
}

package enum SettingCatalog {
    /// In the order in which users meet them.
    package static let all: [SettingDescription] = kafka + gateway + events + retries + logs

    /// Any property of librdkafka, by this prefix: `kafka.session.timeout.ms`.
    package static let propertyPrefix = "kafka."

    package static let list = SettingList(all, propertyPrefix: propertyPrefix)

    static let kafka: [SettingDescription] = [
        .init("topics", nil, "Topics to bind to, separated by commas; `*` binds to all that functions name. Required."),
        .init("broker_hosts", "kafka:9092", "`host` or `host:port` of brokers, separated by commas; port 9092."),
        .init("broker_host", nil, "The older name of `broker_hosts`."),
        .init("group", "faas-kafka-queue-workers", "Consumer group. Replicas of one connector share it."),
        .init(
            "initial_offset", "oldest",
            "Where to begin without an offset of the group: `oldest` or `newest`, which is the end when a partition is "
                + "first taken: what came before that is passed over, also in topics that `topics=*` finds later."),
        .init("max_bytes", "1048576", "The most bytes to fetch from a partition at once."),
        .init("tls", "false", "Talk to the brokers by TLS."),
        .init("ca_file", nil, "PEM of who may have signed the brokers' certificates; else the system's."),
        .init("cert_file", nil, "PEM of the certificate that the brokers are shown."),
        .init("key_file", nil, "PEM of its key."),
        .init("verify_ssl", "true", "Look at the brokers' certificates; `false` trusts anyone, for tests."),
        .init("username_file", nil, "File of the user's name, for SASL."),
        .init("password_file", nil, "File of the user's password, for SASL."),
        .init("token_file", nil, "File of a JSON Web Token, for `oauthbearer`; read again before it expires."),
        .init("sasl_mechanism", "plain", "`plain`, `scram-sha-256`, `scram-sha-512` or `oauthbearer`."),
        .init("reload_interval", "10s", "How often the files of credentials and certificates are looked at again."),
    ]

    static let gateway: [SettingDescription] = [
        .init("gateway_url", "http://gateway:8080", "The OpenFaaS gateway."),
        .init("gateway_ca_file", nil, "PEM of who may have signed the gateway's certificate; else the system's."),
        .init("gateway_cert_file", nil, "PEM of the certificate that the gateway is shown."),
        .init("gateway_key_file", nil, "PEM of its key."),
        .init("upstream_timeout", "30s", "How long a call of a function may take."),
        .init("rebuild_interval", "3s", "How often the functions are listed again."),
        .init("asynchronous_invocation", "false", "Call `/async-function/`: the gateway queues the call."),
        .init("basic_auth", "false", "Send the gateway's credentials with listings."),
        .init("secret_mount_path", "/var/secrets", "Folder of `basic-auth-user` and `basic-auth-password`."),
        .init("namespaces", nil, "Only functions of these namespaces, separated by commas."),
        .init("exclude_namespaces", nil, "No functions of these namespaces."),
        .init("topic_delimiter", ",", "Separates topics in an annotation; `none` takes each annotation as one topic."),
        .init(
            "topic_wildcards", "false",
            "`*` in an annotation stands for any run of characters. With `topics=*` no "
                + "function gets `dead_letter_topic` or Kafka's own topics, unless `kafka.topic.blacklist` is set."),
    ]

    static let events: [SettingDescription] = [
        .init("delivery", "at-most-once", "`at-most-once` or `at-least-once`: see delivery.md."),
        .init(
            "ordering", "partition", "Which events wait for one another: those of a `partition`, a `key`, or `none`."),
        .init("max_in_flight", "64", "The most events in hand at once."),
        .init("content_type", "text/plain", "`Content-Type` of calls."),
        .init("tombstones", "skip", "Records without a value: `skip`, or `deliver` with an empty body."),
        .init("cloud_events", "off", "Dress events as CloudEvents: `off`, `binary` or `structured`."),
        .init("drain_timeout", "25s", "How long a stop waits for the events in hand."),
    ]

    static let retries: [SettingDescription] = [
        .init("retry_attempts", "10", "At least once: calls of one function for one event, the first included."),
        .init("retry_min_wait", "1s", "The longest first wait."),
        .init("retry_max_wait", "60s", "No wait is longer."),
        .init("retry_codes", "408,429,500,502,503,504", "Statuses worth another call, each from 300 to 599."),
        .init(
            "dead_letter_topic", nil, "Where events go that a function would not take; else they are dropped, counted."
        ),
    ]

    static let logs: [SettingDescription] = [
        .init("log_encoding", "text", "`text` (or `console`) for people, `json` for programs: one object a line."),
        .init("log_level", "info", "`trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`."),
        .init("debug", "false", "Level `debug`, unless `log_level` says another."),
        .init("log_sessions", "true", "Log what the consumer group does; else only at level `debug`."),
        .init("print_sync", "false", "Log each listing of the functions, not only what changes the map."),
        .init("print_response", "false", "Log each reply's size, time and body."),
        .init("print_response_body", nil, "Log the body, or not, whatever `print_response` says."),
        .init("print_request_body", "false", "Log each event's value."),
        .init("status_listen", "0.0.0.0:8081", "Where to serve `/healthz`, `/readyz`, `/metrics`, `/explain`; `off`."),
        .init("metrics_detail", "full", "`low` tells metrics apart by topic or function, not both, nor by partition."),
    ]
}
