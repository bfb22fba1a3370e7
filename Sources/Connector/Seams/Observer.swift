/// Sees what the connector does, in order: for logs, metrics, ledgers and invariants.
///
/// Calls come from the connector's executor and must return at once; notices may come from the source's thread.
public protocol ConnectorObserver: Sendable {
    func connector(did step: ConnectorStep)
}

/// One step in the life of the connector and its events.
public enum ConnectorStep: Sendable {
    case mapSynced(TopicMap, changed: Bool)
    /// The last map stays, if there is one; before the first no event is taken.
    case mapFailed(reason: String, hasMap: Bool)
    case notice(SourceNotice)
    case paused([SourcePartition])
    case resumed([SourcePartition])

    /// In hand: this connector's to handle. At most once, it is acknowledged.
    case received(Event)
    /// Taken, but the source would not acknowledge them before the hand-over: they are somebody else's.
    case refused(events: Int, reason: String)

    /// Its turn has come, this long after it was received: its functions are called.
    case starting(Event, waited: Duration)
    case invoking(FunctionName, Event)
    case replied(FunctionName, Event, Reply, after: Duration)
    case failed(FunctionName, Event, InvocationFailure, after: Duration)
    /// Another call follows the one numbered `attempt`.
    case retrying(FunctionName, Event, attempt: Int, wait: Duration)
    /// No further call of this function for this event.
    case gaveUp(FunctionName, Event, GiveUpReason)
    /// The same, and the event is in the dead-letter topic.
    case deadLettered(DeadLetter, GiveUpReason)
    /// The dead-letter topic did not take the event; it is asked again, or the function is given up.
    case deadLetterFailed(DeadLetter, reason: String)

    /// The ends of an event; each that was received comes to one of them.
    case skipped(Event, SkipReason)
    case handled(Event)
    /// Acknowledged, but not called for: lost.
    case dropped(Event, DropReason)
    /// Not acknowledged and left: the source delivers it again.
    case returned(Event)

    case draining
    case stopped
}

/// Why no function was called for an event.
public enum SkipReason: String, Sendable, CaseIterable {
    case noFunction = "no_function"
    case tombstone
}

/// Why an event that was acknowledged was given up before any call.
public enum DropReason: String, Sendable, CaseIterable {
    /// The deadline of the shutdown passed before its turn came.
    case shutdown
}

/// Why a function is not called again for an event.
public enum GiveUpReason: String, Sendable, CaseIterable {
    /// At most once: there was no reply.
    case noReply = "no_reply"
    /// At most once: the platform, not the function, answered with an error.
    case platformError = "platform_error"
    /// Every attempt of the policy failed.
    case attemptsExhausted = "attempts_exhausted"
    /// A status that no retry would change.
    case refused = "refused"
    /// At most once: the connector stopped before the call, or during it.
    case shutdown
    /// The gateway does not list the function for the topic any more.
    case functionVanished = "function_vanished"
}
