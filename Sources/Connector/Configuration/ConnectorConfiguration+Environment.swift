extension ConnectorConfiguration {
    /// Reads what concerns the connector itself: `topics`, `rebuild_interval`, `max_in_flight`, `ordering`,
    /// `asynchronous_invocation`, `topic_delimiter`, `content_type`, `print_response`.
    public init(_ environment: Environment) throws(ConfigurationError) {
        guard let topics = environment.list("topics"), !topics.isEmpty else {
            throw ConfigurationError(
                name: "topics", value: environment.string("topics"),
                accepted: "one topic or more, separated by commas, such as faas-request,audit")
        }
        self.init(topics: topics)
        rebuildInterval = try environment.duration("rebuild_interval", default: rebuildInterval)
        maxInFlight = try environment.integer("max_in_flight", default: maxInFlight, in: 1...100_000)
        ordering = try environment.choice("ordering", default: ordering)
        invocationMode =
            try environment.bool("asynchronous_invocation", default: false) ? .asynchronous : .synchronous
        annotations.delimiter = environment.string("topic_delimiter") ?? annotations.delimiter
        contentType = environment.string("content_type") ?? contentType
        if try environment.bool("print_response", default: false) { replyBodyLimit = Self.printedBodyLimit }
    }

    /// Enough of a reply's body to read in a log: 64 KiB.
    public static let printedBodyLimit = 65_536
}
