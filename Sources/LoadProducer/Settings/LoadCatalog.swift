// Every setting of load-producer: the one list behind flags, environment variables, workload files, --help and
// docs/load-producer.md.

import Connector
import KafkaConnector

/// What users are told of one setting.
package struct LoadSetting: Sendable {
    package enum Command: String, Sendable, CaseIterable { case produce, verify }

    package let name: String
    /// As a user would write it; `nil` if there is none.
    package let standard: String?
    package let meaning: String
    package let commands: [Command]

    init(_ name: String, _ standard: String?, _ meaning: String, _ commands: [Command]) {
        self.name = name
        self.standard = standard
        self.meaning = meaning
        self.commands = commands
    }
}

package enum LoadCatalog {
    /// Any property of librdkafka, by this prefix: `kafka.socket.keepalive.enable`.
    package static var propertyPrefix: String { SettingCatalog.propertyPrefix }
    /// One heading each.
    package static let groups: [(title: String, settings: [LoadSetting])] = [
        ("Brokers and topics", brokers), ("How many, and when", load), ("Records", records),
        ("Producer", producer), ("Several producers", replicas), ("Output", output), ("Verification", verification),
    ]
    package static let all = groups.flatMap(\.settings)

    package static func contains(_ name: String, in command: LoadSetting.Command) -> Bool {
        name.hasPrefix(propertyPrefix) || all.contains { $0.name == name && $0.commands.contains(command) }
    }

    /// Whether a flag of that name needs no value.
    package static func isTruthValue(_ name: String) -> Bool {
        all.contains { $0.name == name && ["true", "false"].contains($0.standard) }
    }

    private static func both(_ name: String, _ standard: String?, _ meaning: String) -> LoadSetting {
        LoadSetting(name, standard, meaning, [.produce, .verify])
    }

    private static func produce(_ name: String, _ standard: String?, _ meaning: String) -> LoadSetting {
        LoadSetting(name, standard, meaning, [.produce])
    }

    private static func verify(_ name: String, _ standard: String?, _ meaning: String) -> LoadSetting {
        LoadSetting(name, standard, meaning, [.verify])
    }

    private static let brokers: [LoadSetting] = [
        both("brokers", nil, "`host` or `host:port` of brokers, separated by commas; port 9092. Required."),
        both(
            "topic", nil,
            "The topic; or several, separated by commas, each with a weight: `a:3,b:1`. Required."),
        produce("partitions", nil, "Create what topics are missing, with so many partitions."),
        produce("replication_factor", nil, "Replicas of topics that are created; else the brokers' default."),
        both("tls", "false", "Talk to the brokers by TLS."),
        both("verify_ssl", "true", "Look at the brokers' certificates; `false` trusts anyone, for tests."),
        both("ca_file", nil, "PEM of who may have signed the brokers' certificates; else the system's."),
        both("cert_file", nil, "PEM of the certificate that the brokers are shown."),
        both("key_file", nil, "PEM of its key."),
        both("username_file", nil, "File of the user's name, for SASL."),
        both("password_file", nil, "File of the user's password, for SASL."),
        both("token_file", nil, "File of a JSON Web Token, for `oauthbearer`; read again before it expires."),
        both("sasl_mechanism", "plain", "`plain`, `scram-sha-256`, `scram-sha-512` or `oauthbearer`."),
    ]

    private static let load: [LoadSetting] = [
        produce(
            "messages", "1000",
            "How many messages; 0 goes on until `duration`, the lines' end, or until it is stopped."),
        produce("duration", nil, "How long, the warm-up included. Then `messages` is 0 unless it is set."),
        produce("rate", "0", "Messages a second, whatever the brokers do; 0 is as fast as possible (closed loop)."),
        produce("in_flight", nil, "Closed loop: the most messages without a report; else librdkafka's queue."),
        produce("shape", "constant", "`constant`, `poisson`, `steps`, `ramp`, `sine` or `spike`."),
        produce("arrivals", "even", "`even`, or `poisson`: gaps by chance, around whatever shape."),
        produce("steps", nil, "Of `steps`: `RATE:DURATION,RATE:DURATION`; the last rate holds on."),
        produce("rate_to", nil, "Where a `ramp` ends, and the top of a `spike`."),
        produce("period", "10s", "How long a `ramp` takes; from one crest of a `sine` or one `spike` to the next."),
        produce("amplitude", nil, "Of a `sine`: how far the rate goes up and down; half of `rate` unless set."),
        produce("spike_length", "1s", "How long a `spike` lasts."),
        produce("warm_up", "0", "How long at first messages are sent and left out of the report."),
        produce("seed", "1", "Of all that chance decides; the same seed sends the same records."),
    ]

    private static let records: [LoadSetting] = [
        produce(
            "size", "100",
            "Bytes of each value: `N`, `uniform:LEAST:MOST`, `normal:MEAN:DEVIATION` or `lognormal:MEDIAN:SIGMA`."),
        produce("max_size", "1000000", "No value that is drawn is longer."),
        produce(
            "payload", "sentence",
            "`sentence` (one, over and over), `text`, `random`, `template` or `lines`."),
        produce("compressibility", "0", "Of `random`: the share of each value that repeats one byte, 0 to 1."),
        produce("template", nil, "Of `template`: the text; `{{…}}` are its fields, see below."),
        produce("template_file", nil, "Of `template`: a file of it."),
        produce(
            "lines_file", nil,
            "Of `lines`: a file, each line of which is a value, or `-` for standard input. It is read as it is "
                + "sent; a file begins again, the end of standard input is the run's."),
        produce("tombstones", "0", "The share of records without a value, 0 to 1."),
        produce("keys", "none", "`none`, `sequential[:KEYS]`, `uniform:KEYS`, `zipf:S:KEYS` or `file:PATH`."),
        produce("headers", nil, "`NAME=VALUE` of each record, separated by commas."),
        produce("timestamps", "now", "`now`, `intended`, or `FROM:STEP` in milliseconds, FROM since 1970."),
        produce("verification", "true", "Each record carries the header `Load-Record`, for `verify`."),
    ]

    private static let producer: [LoadSetting] = [
        produce("acks", "all", "`all`, `1` or `0`."),
        produce("compression", "none", "`none`, `gzip`, `snappy`, `lz4` or `zstd`."),
        produce("linger", nil, "How long a batch waits for more messages; else librdkafka's default."),
        produce("batch_size", nil, "Bytes of a batch; else librdkafka's default."),
        produce("idempotence", "false", "No doubles and no changes of order by retries."),
        produce(
            "partitioner", "consistent_random",
            "librdkafka's (`random`, `consistent`, `consistent_random`, `murmur2`, `murmur2_random`, `fnv1a`, "
                + "`fnv1a_random`), `round-robin`, or the number of the partition."),
        produce("transactional_id", nil, "Send in transactions, under this id."),
        produce("transaction_size", "100", "Messages of a transaction."),
        produce("abort_ratio", "0", "The share of transactions that are aborted, 0 to 1."),
        produce("message_timeout", "30s", "After how long without an acknowledgement a message has failed."),
    ]

    private static let replicas: [LoadSetting] = [
        both("run", nil, "Names the run; one of its own unless set. `verify` looks at this run only."),
        produce("producer", nil, "Names this producer in the run; else `JOB_COMPLETION_INDEX`, else `0`."),
        produce("replicas", "1", "How many producers of this run start together, and report together."),
        produce("barrier_topic", "load-producer-barrier", "Where they meet; it needs one partition, and is created."),
        produce("barrier_timeout", "2m", "How long they wait for one another, at the start and at the end."),
    ]

    private static let output: [LoadSetting] = [
        both("json", nil, "Write the report as JSON to this file; `-` prints it in place of the table."),
        produce("csv", nil, "Write a line an interval to this file."),
        produce("html", nil, "Write a page with plots to this file."),
        produce("interval", "1s", "How long an interval is."),
        produce("progress", "true", "Tell the progress on standard error."),
        produce("metrics_listen", "off", "Where to serve `/metrics` and `/healthz`: `host:port`, or `off`."),
        produce("max_p99", nil, "Exit with 1 if the 99th percentile of the latency is more."),
        produce("max_errors", nil, "Exit with 1 if more messages fail: a number, or a share as `0.1%`; else 0."),
        produce("min_rate", nil, "Exit with 1 if fewer messages a second are acknowledged."),
    ]

    private static let verification: [LoadSetting] = [
        verify("report", nil, "The run's own report, a file of `--json`: what was sent, and what failed."),
        verify("expect", nil, "How many different records there must be, where there is no `report`; waits for them."),
        verify("isolation", "read_committed", "`read_committed` or `read_uncommitted`."),
        verify("compacted", "false", "The topic is compacted: records may be missing for a later one of their key."),
        verify("group", nil, "Read as a member of this group, from its offsets, in place of all from the start."),
        verify("allow", nil, "Of `gaps`, `duplicates`, `reorder`, `corruption` and `aborted`, those that do not fail."),
        verify("timeout", "1m", "How long to read, and to wait for calls."),
        verify("functions", nil, "Follow the records to these functions; with topics, as `NAME=TOPIC`, if served."),
        verify("gateway_listen", nil, "Serve an OpenFaaS gateway with `functions` at this `host:port`."),
        verify("gateway_url", nil, "Read the calls from the logs of `functions` at this gateway."),
        verify("secret_mount_path", nil, "Folder of `basic-auth-user` and `basic-auth-password` for the gateway."),
        verify("settle", "10s", "How long without a further call ends the wait for calls."),
    ]
}
