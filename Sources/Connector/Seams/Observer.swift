/// Sees what the connector does, in order: for logs, metrics, ledgers and invariants.
///
/// Calls come from the connector's executor and must return at once.
public protocol ConnectorObserver: Sendable {
    func connector(did step: ConnectorStep)
}

/// One step in the life of the connector and its events.
public enum ConnectorStep: Sendable {
    case mapSynced(TopicMap, changed: Bool)
    case mapFailed(reason: String)
    case notice(SourceNotice)
    /// Taken from the source and acknowledged: from here on the event is this connector's to handle.
    case received(Event)
    /// Taken, but the source would not acknowledge them before the hand-over: they are somebody else's.
    case refused(events: Int, reason: String)
    /// No function is subscribed to the event's topic.
    case unmatched(Event)
    case invoking(FunctionName, Event)
    case replied(FunctionName, Event, Reply, after: Duration)
    case failed(FunctionName, Event, InvocationFailure, after: Duration)
    /// Acknowledged, but not invoked: the event is lost, for this reason.
    case dropped(Event, reason: DropReason)
    /// Every function had its call.
    case handled(Event)
    case draining
    case stopped
}

/// Why an event that was taken was given up.
public enum DropReason: String, Sendable, CaseIterable {
    /// The deadline of the shutdown passed before its turn came.
    case shutdown
}
