/// What the connector itself needs to know, whatever the source and the gateway.
public struct ConnectorConfiguration: Sendable {
    /// Topics to subscribe to at the source.
    public enum Topics: Equatable, Sendable {
        case named([String])
        /// All that functions are annotated with, following changes (`topics=*`).
        case annotated
    }

    public var topics: Topics
    /// Default `.atMostOnce`. See docs/delivery.md.
    public var delivery = Delivery.atMostOnce
    /// The most events in hand at once: taken from the source and not yet handled. Default 64.
    public var maxInFlight = 64
    /// Default `.partition`.
    public var ordering = Ordering.partition
    /// At least once: how often and when a failed call is repeated.
    public var retry = RetryPolicy()
    /// Time from the end of one listing to the start of the next. Default 3 s.
    public var rebuildInterval = Duration.seconds(3)
    /// How annotations are read.
    public var annotations = TopicMap.Rules()
    public var namespaces = NamespaceFilter()
    /// Default `.synchronous`.
    public var invocationMode = InvocationMode.synchronous
    /// Sent as `Content-Type`; `nil` sends none. Default `text/plain`.
    public var contentType: String? = "text/plain"
    /// Default `.skip`.
    public var tombstones = Tombstones.skip
    /// Default `.off`.
    public var cloudEvents = CloudEventsMode.off
    /// How much of a reply's body is kept for the observers. Default 0: none.
    public var replyBodyLimit = 0
    /// How long a shutdown waits for the events in hand. Default 25 s, under Kubernetes' grace of 30 s.
    public var drainTimeout = Duration.seconds(25)

    public init(topics: Topics) {
        self.topics = topics
    }

    public init(topics: [String]) {
        self.init(topics: .named(topics))
    }
}

/// What is promised about each event.
public enum Delivery: String, CaseIterable, Sendable {
    /// Acknowledged before the first call: no function sees an event twice.
    case atMostOnce = "at-most-once"
    /// Acknowledged after every function took it or was given up: no event is lost.
    case atLeastOnce = "at-least-once"
}

/// What to do with a record without a value.
public enum Tombstones: String, CaseIterable, Sendable {
    /// Counted, not delivered.
    case skip
    /// Delivered with an empty body and a header that says so.
    case deliver
}

/// How an event is dressed as a CloudEvent (version 1.0, HTTP protocol binding).
public enum CloudEventsMode: String, CaseIterable, Sendable {
    case off
    /// Attributes in `ce-` headers, the body untouched.
    case binary
    /// Everything in one JSON object.
    case structured
}
