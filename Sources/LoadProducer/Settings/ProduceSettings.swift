package import Connector
package import Kafka
import SeededRandom

/// Everything that `load-producer produce` can be told.
package struct ProduceSettings: Sendable {
    package struct Transactions: Sendable, Equatable {
        package var size: Int
        package var abortRatio: Double
    }

    package struct Output: Sendable, Equatable {
        package var json: String?
        package var csv: String?
        package var html: String?
        package var interval: Duration
        package var showsProgress: Bool
        package var metrics: ListenAddress?
    }

    package struct Barrier: Sendable, Equatable {
        package var replicas: Int
        package var topic: String
        package var timeout: Duration
    }

    package var client: ClientSettings
    package var plan: RecordPlan
    package var load: LoadSettings
    package var seed: UInt64
    package var transactions: Transactions?
    /// Partitions of topics that are created; `nil`: none are.
    package var partitions: Int?
    package var replicationFactor: Int?
    /// `nil` if it meets nobody.
    package var barrier: Barrier?
    package var output: Output
    package var thresholds: Thresholds
    package var configuration: Configuration

    /// - Parameters:
    ///   - run: Names the run where no setting does.
    ///   - producer: Names the producer where no setting does.
    package init(_ settings: Settings, run: String, producer: String?) throws(SettingError) {
        client = try ClientSettings(settings)
        load = try LoadSettings(settings)
        seed = UInt64(try settings.integer("seed", default: 1, in: 0...Int.max))
        partitions =
            settings.string("partitions") == nil
            ? nil : try settings.integer("partitions", default: 1, in: 1...100_000)
        replicationFactor =
            settings.string("replication_factor") == nil
            ? nil : try settings.integer("replication_factor", default: 1, in: 1...1000)
        barrier = try Self.barrier(settings)
        output = try Output(settings)
        thresholds = try Thresholds(settings)
        plan = try RecordPlan(settings)
        plan.run = try settings.name("run") ?? run
        plan.producer = try settings.name("producer") ?? producer ?? "0"
        if barrier != nil {
            guard settings.string("run") != nil else {
                throw SettingError(name: "--run", value: nil, accepted: "with replicas, one name for all of them")
            }
            guard settings.string("producer") ?? producer != nil else {
                throw SettingError(name: "--producer", value: nil, accepted: "with replicas, a name for each of them")
            }
            // Else all would send the same.
            seed ^= Self.mixed(plan.producer)
        }
        transactions = try Self.transactions(settings)
        configuration = try Self.configuration(settings, client, plan)
    }

    private static func barrier(_ settings: Settings) throws(SettingError) -> Barrier? {
        let replicas = try settings.integer("replicas", default: 1, in: 1...10_000)
        guard replicas > 1 else { return nil }
        return Barrier(
            replicas: replicas, topic: settings.string("barrier_topic") ?? "load-producer-barrier",
            timeout: try settings.duration("barrier_timeout", default: .seconds(120)))
    }

    private static func transactions(_ settings: Settings) throws(SettingError) -> Transactions? {
        guard settings.string("transactional_id") != nil else {
            for name in ["transaction_size", "abort_ratio"] where settings.entry(name)?.origin == .flag {
                throw settings.error(name, accepted: "together with transactional_id")
            }
            return nil
        }
        return Transactions(
            size: try settings.integer("transaction_size", default: 100, in: 1...1_000_000),
            abortRatio: try settings.number("abort_ratio", default: 0, in: 0...1))
    }

    /// The same for the same name, on every machine.
    private static func mixed(_ name: String) -> UInt64 {
        var hash = FNV1a()
        hash.fold(name.utf8.span)
        return hash.value
    }

    private static func configuration(
        _ settings: Settings, _ client: ClientSettings, _ plan: RecordPlan
    ) throws(SettingError) -> Configuration {
        let acks = settings.string("acks") == "-1" ? "all" : settings.string("acks") ?? "all"
        guard let acknowledgements = Configuration.Acknowledgements(rawValue: acks.lowercased()) else {
            throw settings.error("acks", accepted: "one of all, 1, 0")
        }
        let compression = try settings.choice("compression", default: Configuration.Compression.none)
        let isIdempotent = try settings.bool("idempotence", default: false)
        let timeout = try settings.duration("message_timeout", default: .seconds(30))
        let linger = try settings.time("linger")
        let batch =
            settings.string("batch_size") == nil
            ? nil : try settings.integer("batch_size", default: 1, in: 1...Int(Int32.max))
        let largest = try LargestValue.message(settings)
        return client.configuration { configuration in
            configuration.acknowledgements = acknowledgements
            configuration.messageTimeout = timeout
            configuration["message.max.bytes"] = String(largest)
            if compression != .none { configuration.compression = compression }
            if isIdempotent { configuration.isIdempotent = true }
            if let linger { configuration["linger.ms"] = "\(linger / .milliseconds(1))" }
            if let batch { configuration["batch.size"] = String(batch) }
            if let partitioner = settings.string("partitioner").flatMap(Configuration.Partitioner.init) {
                configuration.partitioner = partitioner
            }
            if let id = settings.string("transactional_id") {
                // One producer an id, or they fence one another.
                configuration["transactional.id"] = plan.producer == "0" ? id : "\(id)-\(plan.producer)"
                configuration["transaction.timeout.ms"] = "60000"
                // A transaction's own time bounds that of its messages.
                configuration.messageTimeout = min(timeout, .seconds(60))
            }
        }
    }
}

/// `host:port` to listen on.
package struct ListenAddress: Sendable, Equatable {
    package var host: String
    package var port: Int

    /// `nil` for `off`, and where nothing is set.
    static func read(_ settings: Settings, _ name: String) throws(SettingError) -> ListenAddress? {
        guard let text = settings.string(name), text.lowercased() != "off" else { return nil }
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            0...65535 ~= port, colon != text.startIndex
        else { throw settings.error(name, accepted: "host:port, such as 0.0.0.0:9102 or [::]:9102, or off") }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        return ListenAddress(host: String(isBracketed ? host.dropFirst().dropLast() : host), port: port)
    }
}

extension ProduceSettings.Output {
    init(_ settings: Settings) throws(SettingError) {
        json = settings.string("json")
        csv = settings.string("csv")
        html = settings.string("html")
        interval = try settings.duration("interval", default: .seconds(1))
        guard interval >= .milliseconds(10) else {
            throw settings.error("interval", accepted: "10ms or more")
        }
        showsProgress = try settings.bool("progress", default: true)
        metrics = try ListenAddress.read(settings, "metrics_listen")
    }
}

extension Thresholds {
    init(_ settings: Settings) throws(SettingError) {
        self.init()
        if settings.string("max_p99") != nil {
            maxP99 = try settings.duration("max_p99", default: .seconds(1))
        }
        if let text = settings.string("max_errors") {
            guard let errors = Errors(text) else {
                throw settings.error("max_errors", accepted: "a whole number from 0 on, or a share such as 0.1%")
            }
            maxErrors = errors
        }
        minRate = try settings.number("min_rate", in: 0...1e9)
    }
}
