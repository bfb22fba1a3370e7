// Workloads: settings under a name, ready-made or in a YAML file. Flags and the environment win over them.

package import Connector
import KafkaConnector

package enum Workload {
    /// By name, what each is good for, and its settings as a file would have them.
    package static let readyMade: [(name: String, meaning: String, text: String)] = [
        (
            "smoke", "A few messages, to see that all is in place.",
            """
            messages: 100
            rate: 50
            max_errors: 0
            max_p99: 5s
            """
        ),
        (
            "steady", "A minute of an even rate after ten seconds of warm-up.",
            """
            duration: 70s
            warm_up: 10s
            rate: 1000
            size: 1024
            keys: uniform:10000
            """
        ),
        (
            "hot-key", "A few keys, and so a few partitions, get most of it.",
            """
            duration: 60s
            rate: 2000
            size: 512
            keys: zipf:1.2:1000
            partitioner: murmur2_random
            """
        ),
        (
            "burst", "A quiet base with a spike every ten seconds.",
            """
            duration: 60s
            rate: 200
            shape: spike
            rate_to: 10000
            spike_length: 1s
            period: 10s
            """
        ),
        (
            "large", "Values near the brokers' usual limit of a mebibyte.",
            """
            messages: 600
            rate: 20
            size: uniform:100000:900000
            payload: random
            compressibility: 0.3
            """
        ),
        (
            "tiny", "As many as possible of ten bytes.",
            """
            duration: 30s
            size: 10
            linger: 5ms
            verification: false
            """
        ),
        (
            "transactional", "Transactions of 100 messages, of which one in ten is aborted.",
            """
            messages: 20000
            rate: 2000
            transactional_id: load-producer
            transaction_size: 100
            abort_ratio: 0.1
            keys: uniform:1000
            """
        ),
    ]

    /// - Parameter name: Of a ready-made one, or a file's path.
    package static func entries(_ name: String) throws(SettingError) -> [String: Settings.Entry] {
        if let workload = readyMade.first(where: { $0.name == name }) {
            return try parse(workload.text, path: name)
        }
        let isPath = name.contains("/") || name.contains(".")
        guard isPath else {
            let names = readyMade.map(\.name).joined(separator: ", ")
            throw SettingError(name: "--workload", value: name, accepted: "\(names), or a file such as ./load.yml")
        }
        return try parse(try YAMLFile.text(of: name, flag: "--workload"), path: name)
    }

    package static func parse(_ text: String, path: String) throws(SettingError) -> [String: Settings.Entry] {
        try SettingsFile.parse(text, path: path) { LoadCatalog.contains($0, in: .produce) }
    }
}
