// The seam towards the place where events end up that no function would take.

/// An event that is given up, with what was tried.
public struct DeadLetter: Sendable {
    public var event: Event
    public var function: FunctionName
    /// Of the last call; `nil` if it got no reply.
    public var status: Int?
    public var attempts: Int
    /// Why the last call failed; never a payload or a secret.
    public var error: String

    public init(event: Event, function: FunctionName, status: Int?, attempts: Int, error: String) {
        self.event = event
        self.function = function
        self.status = status
        self.attempts = attempts
        self.error = error
    }

    /// What a dead letter says of itself, beside the headers that the event came with.
    public var headers: [EventAttribute] {
        var headers = [
            EventAttribute(name: "X-Dead-Letter-Topic", value: event.topic),
            EventAttribute(name: "X-Dead-Letter-Partition", value: "\(event.id.partition)"),
            EventAttribute(name: "X-Dead-Letter-Offset", value: "\(event.id.offset)"),
            EventAttribute(name: "X-Dead-Letter-Function", value: "\(function)"),
            EventAttribute(name: "X-Dead-Letter-Status", value: status.map(String.init) ?? "none"),
            EventAttribute(name: "X-Dead-Letter-Attempts", value: "\(attempts)"),
            EventAttribute(name: "X-Dead-Letter-Error", value: error),
        ]
        if let timestamp = event.timestampMilliseconds {
            headers.append(EventAttribute(name: "X-Dead-Letter-Timestamp", value: "\(timestamp)"))
        }
        return headers
    }
}

/// Takes dead letters.
public protocol DeadLetterSink: Sendable {
    /// Returns when the letter is safe. Cancelling the task ends the wait; the letter may have been taken.
    ///
    /// - Throws: `DeadLetterRefusal` for a letter that will never be taken; anything else is asked again.
    func send(_ letter: DeadLetter) async throws
}

/// Why a letter will not be taken however often it is sent.
public struct DeadLetterRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
