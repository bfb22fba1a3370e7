package import Connector
package import Kafka

/// Everything that `load-producer verify` can be told.
package struct VerifySettings: Sendable {
    package enum Isolation: String, Sendable, CaseIterable {
        case readCommitted = "read_committed"
        case readUncommitted = "read_uncommitted"
    }

    /// Where calls of functions are seen.
    package enum Follow: Sendable, Equatable {
        /// An OpenFaaS gateway of this process's own.
        case serve(ListenAddress)
        /// The logs of functions at a gateway.
        case logs(url: String)
    }

    package struct Function: Sendable, Equatable {
        package var name: String
        /// Its `topic` annotation; that of the settings if `nil`.
        package var topic: String?
    }

    package var client: ClientSettings
    package var topics: [String]
    package var options: VerificationLedger.Options
    package var report: String?
    package var expect: Int?
    package var group: String?
    package var allowed: Set<Verdict.Trouble>
    package var timeout: Duration
    package var follow: Follow?
    package var functions: [Function]
    package var secretMountPath: String?
    package var settle: Duration
    package var json: String?
    package var configuration: Configuration

    package init(_ settings: Settings) throws(SettingError) {
        client = try ClientSettings(settings)
        topics = try RecordPlan.Topic.read(settings).map(\.name)
        options = VerificationLedger.Options()
        options.run = try settings.name("run")
        options.isCompacted = try settings.bool("compacted", default: false)
        let isolation = try settings.choice("isolation", default: Isolation.readCommitted)
        options.isReadCommitted = isolation == .readCommitted
        report = settings.string("report")
        if settings.string("expect") != nil { expect = try settings.integer("expect", default: 0, in: 0...Int.max) }
        let group = settings.string("group")
        self.group = group
        allowed = try Self.allowed(settings)
        timeout = try settings.duration("timeout", default: .seconds(60))
        settle = try settings.duration("settle", default: .seconds(10))
        json = settings.string("json")
        functions = (settings.list("functions") ?? []).map { item in
            let parts = item.split(separator: "=", maxSplits: 1).map(String.init)
            return Function(name: parts[0], topic: parts.count > 1 ? parts[1] : nil)
        }
        secretMountPath = settings.string("secret_mount_path")
        follow = try Self.follow(settings)
        if follow != nil, functions.isEmpty {
            throw settings.required("functions", accepted: "to follow records, names of functions")
        }
        configuration = client.configuration { configuration in
            configuration.groupID = group ?? "load-producer-verify"
            configuration.autoOffsetReset = .earliest
            configuration.isAutoCommitEnabled = false
            configuration.isAutoOffsetStoreEnabled = false
            configuration.reportsPartitionEOF = true
            configuration["isolation.level"] = isolation.rawValue
        }
    }

    private static func allowed(_ settings: Settings) throws(SettingError) -> Set<Verdict.Trouble> {
        var allowed: Set<Verdict.Trouble> = []
        for name in settings.list("allow") ?? [] {
            guard let trouble = Verdict.Trouble(rawValue: name) else {
                let names = Verdict.Trouble.allCases.map(\.rawValue).joined(separator: ", ")
                throw settings.error("allow", accepted: "any of \(names)")
            }
            allowed.insert(trouble)
        }
        return allowed
    }

    private static func follow(_ settings: Settings) throws(SettingError) -> Follow? {
        switch (try ListenAddress.read(settings, "gateway_listen"), settings.string("gateway_url")) {
        case (nil, nil): return nil
        case (let address?, nil): return .serve(address)
        case (nil, let url?): return .logs(url: url)
        case (_?, _?): throw settings.error("gateway_url", accepted: "in place of gateway_listen, not beside it")
        }
    }
}
