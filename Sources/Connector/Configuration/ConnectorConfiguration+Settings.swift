extension ConnectorConfiguration {
    /// Reads what concerns the connector itself, whatever its source and gateway. docs/configuration.md lists it.
    public init(_ settings: Settings) throws(SettingError) {
        self.init(topics: try Self.topics(settings))
        rebuildInterval = try settings.duration("rebuild_interval", default: rebuildInterval)
        delivery = try settings.choice("delivery", default: delivery)
        ordering = try settings.choice("ordering", default: ordering)
        maxInFlight = try settings.integer("max_in_flight", default: maxInFlight, in: 1...100_000)
        invocationMode = try settings.bool("asynchronous_invocation", default: false) ? .asynchronous : .synchronous
        contentType = settings.string("content_type") ?? contentType
        if let contentType, Bytes(contentType).headerText == nil {
            throw settings.error("content_type", accepted: "visible ASCII, such as application/json")
        }
        tombstones = try settings.choice("tombstones", default: tombstones)
        cloudEvents = try settings.choice("cloud_events", default: cloudEvents)
        if let delimiter = settings.untrimmedEntry("topic_delimiter")?.value {
            annotations.delimiter = delimiter == Self.noDelimiter ? "" : delimiter
        }
        annotations.hasWildcards = try settings.bool("topic_wildcards", default: false)
        namespaces.included = try Self.namespaces("namespaces", settings)
        namespaces.excluded = try Self.namespaces("exclude_namespaces", settings)
        drainTimeout = try settings.duration("drain_timeout", default: drainTimeout)
        try readRetries(settings)
        let printsBodies = try settings.bool("print_response", default: false)
        if try settings.bool("print_response_body", default: printsBodies) { replyBodyLimit = Self.printedBodyLimit }
    }

    /// What `topic_delimiter` is for annotations that are one topic each.
    private static let noDelimiter = "none"

    /// Enough of a reply's body to read in a log: 64 KiB.
    public static let printedBodyLimit = 65_536

    private static func topics(_ settings: Settings) throws(SettingError) -> Topics {
        guard let names = settings.list("topics"), !names.isEmpty else {
            throw settings.error(
                "topics", accepted: "one topic or more, separated by commas, such as faas-request,audit; or *")
        }
        if names == ["*"] { return .annotated }
        guard !names.contains("*") else { throw settings.error("topics", accepted: "either topics or *, not both") }
        return .named(names)
    }

    private static func namespaces(_ name: String, _ settings: Settings) throws(SettingError) -> [String] {
        let names = settings.list(name) ?? []
        // A blank in one is a comma forgotten, and no function would be found.
        guard names.allSatisfy({ !$0.contains { $0.isWhitespace || $0 == "/" } }) else {
            throw settings.error(name, accepted: "names of namespaces, separated by commas")
        }
        return names
    }

    private mutating func readRetries(_ settings: Settings) throws(SettingError) {
        retry.attempts = try settings.integer("retry_attempts", default: retry.attempts, in: 1...1000)
        retry.minWait = try settings.duration("retry_min_wait", default: retry.minWait)
        retry.maxWait = try settings.duration("retry_max_wait", default: max(retry.maxWait, retry.minWait))
        guard retry.maxWait >= retry.minWait else {
            throw settings.error("retry_max_wait", accepted: "a duration no shorter than retry_min_wait")
        }
        guard let text = settings.string("retry_codes") else { return }
        guard let codes = Subscription.codes(text) else {
            throw settings.error("retry_codes", accepted: Subscription.acceptedCodes)
        }
        retry.codes = codes
    }
}
