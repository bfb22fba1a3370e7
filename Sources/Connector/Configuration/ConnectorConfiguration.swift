/// What the connector itself needs to know, whatever the source and the gateway.
public struct ConnectorConfiguration: Sendable {
    /// Topics to subscribe to at the source.
    public var topics: [String]
    /// The most events in hand at once: taken from the source and not yet handled. Default 64.
    public var maxInFlight = 64
    /// Default `.partition`.
    public var ordering = Ordering.partition
    /// Time from the end of one listing to the start of the next. Default 3 s.
    public var rebuildInterval = Duration.seconds(3)
    /// Separates topics in one annotation. Default `,`.
    public var topicDelimiter = ","
    /// Default `.synchronous`.
    public var invocationMode = InvocationMode.synchronous
    /// Sent as `Content-Type`; `nil` sends none.
    public var contentType: String? = "text/plain"
    /// How much of a reply's body is kept for the observers. Default 0: none.
    public var replyBodyLimit = 0
    /// How long a shutdown waits for the events in hand. Default 25 s, under Kubernetes' grace of 30 s.
    public var drainTimeout = Duration.seconds(25)

    public init(topics: [String]) {
        self.topics = topics
    }
}
