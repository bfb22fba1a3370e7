// Decides whether a message was dealt with before. A value: it calls nothing and waits for nothing.
//
// SNS delivers a message again with the same id when it did not get the reply, and anybody who saw a message can send
// it again. A message older than the window's span is refused by its timestamp.

import DequeModule

/// A message, whoever delivers it.
struct MessageKey: Hashable, Sendable {
    let topic: String
    let messageID: String
}

/// What became of the last messages, the oldest forgotten first.
struct MessageWindow {
    enum Outcome: Equatable, Sendable {
        case accepted
        case rejected
    }

    /// The most messages that it remembers.
    let capacity: Int
    let span: Duration
    private var order: Deque<(key: MessageKey, since: Duration)> = []
    /// Only looked up.
    private var outcomes: [MessageKey: Outcome] = [:]

    init(capacity: Int, span: Duration) {
        self.capacity = capacity
        self.span = span
    }

    var count: Int { order.count }

    func outcome(of key: MessageKey) -> Outcome? { outcomes[key] }

    mutating func remember(_ key: MessageKey, _ outcome: Outcome, now: Duration) {
        while let first = order.first, order.count >= capacity || first.since + span < now {
            order.removeFirst()
            outcomes[first.key] = nil
        }
        guard outcomes.updateValue(outcome, forKey: key) == nil else { return }
        order.append((key, now))
    }
}
