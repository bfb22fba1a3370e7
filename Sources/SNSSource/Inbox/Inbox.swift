// Decides which message becomes an event, when it is handed out, and with which status each request is answered.
// A value: it calls nothing and waits for nothing.
//
// A message in the inbox has one or more requests that wait for its answer: SNS sends it again after 15 seconds
// without one. So each request is answered in time, whatever the message does: with 503 if it is not decided by then,
// and the next request for the same message joins it, or gets the answer that was found meanwhile.

import Connector
import DequeModule

/// A request that waits for its answer.
typealias Ticket = UInt64

/// What to answer.
struct Answer: Equatable, Sendable {
    let ticket: Ticket
    let status: Int
}

struct InboxLimits: Equatable, Sendable {
    /// Messages held at once, handed out or not.
    var messages = 1024
    /// Of their payloads.
    var bytes = 64 << 20
    /// Requests that wait for one message.
    var requestsPerMessage = 4
    /// Events handed out and not settled.
    var credit = 256
    /// From a request to its answer, whatever becomes of the message. SNS waits for 15 seconds.
    var replyTimeout = Duration.seconds(12)
}

struct Inbox {
    private struct Entry {
        let event: Event
        let key: MessageKey
        var tickets: [Ticket]
        var isHandedOut = false
    }

    private let limits: InboxLimits
    private var window: MessageWindow
    /// Only looked up, both.
    private var entries: [Int64: Entry] = [:]
    private var numbers: [MessageKey: Int64] = [:]
    /// Messages not handed out, in the order in which they came; some may be gone.
    private var queue: Deque<Int64> = []
    private var ticketNumbers: [Ticket: Int64] = [:]
    /// In the order of their ends; some may have been answered.
    private var deadlines: Deque<(end: Duration, ticket: Ticket)> = []
    private var bytes = 0
    private var handedOut = 0
    private var arrivals: Int64 = 0
    /// The epoch of each topic subscribed to. Only looked up, and its keys sorted.
    private var epochs: [String: Epoch] = [:]
    private var epoch: UInt64 = 0
    private(set) var isOpen = true

    init(_ limits: InboxLimits, window: MessageWindow) {
        self.limits = limits
        self.window = window
    }

    // MARK: Subscription

    /// Answers the requests for topics that are left with 503, so that SNS brings them to whoever takes them next.
    mutating func subscribe(to topics: [String]) -> (answers: [Answer], notice: SourceNotice) {
        epoch += 1
        let wanted = Set(topics)
        epochs = epochs.filter { wanted.contains($0.key) }
        for topic in topics where epochs[topic] == nil { epochs[topic] = Epoch(epoch) }
        let left = entries.filter { epochs[$0.value.event.topic] != $0.value.event.epoch }.map(\.key).sorted()
        let answers = left.flatMap { remove($0, status: 503) }
        let assigned = epochs.keys.sorted().map { SourcePartition(topic: $0, partition: 0) }
        return (answers, .rebalanced(assigned: assigned, epoch: Epoch(epoch)))
    }

    func holds(_ event: Event) -> Bool { epochs[event.topic] == event.epoch }

    // MARK: From SNS

    enum Offer: Equatable {
        /// It waits for the outcome.
        case waiting
        /// The status to answer at once.
        case answered(Int)
        /// The same, for a message that was dealt with before.
        case duplicate(Int)
    }

    mutating func offer(_ delivery: SNSDelivery, _ ticket: Ticket, now: Duration) -> Offer {
        switch window.outcome(of: delivery.key) {
        case .accepted: return .duplicate(200)
        case .rejected: return .duplicate(422)
        case nil: break
        }
        guard isOpen, let epoch = epochs[delivery.topic] else { return .answered(503) }
        if let number = numbers[delivery.key] {
            guard entries[number]?.tickets.count ?? 0 < limits.requestsPerMessage else { return .answered(429) }
            entries[number]?.tickets.append(ticket)
            wait(ticket, number, now)
            return .waiting
        }
        guard entries.count < limits.messages, bytes + delivery.payload.count <= limits.bytes else {
            return .answered(429)
        }
        arrivals += 1
        bytes += delivery.payload.count
        entries[arrivals] = Entry(
            event: delivery.event(number: arrivals, epoch: epoch), key: delivery.key, tickets: [ticket])
        numbers[delivery.key] = arrivals
        queue.append(arrivals)
        // Of those that nobody took in time only numbers are left.
        if queue.count > 2 * limits.messages { queue.removeAll { entries[$0] == nil } }
        wait(ticket, arrivals, now)
        return .waiting
    }

    private mutating func wait(_ ticket: Ticket, _ number: Int64, _ now: Duration) {
        ticketNumbers[ticket] = number
        deadlines.append((now + limits.replyTimeout, ticket))
        if deadlines.count > 2 * limits.messages * limits.requestsPerMessage {
            deadlines.removeAll { ticketNumbers[$0.ticket] == nil }
        }
    }

    /// The client has gone without an answer.
    mutating func abandon(_ ticket: Ticket) { leave(ticket) }

    /// 503 for requests whose time is up. What was handed out goes on; what was not is forgotten, for SNS brings it
    /// again.
    mutating func expire(now: Duration) -> [Answer] {
        var answers: [Answer] = []
        while let first = deadlines.first, first.end <= now || ticketNumbers[first.ticket] == nil {
            deadlines.removeFirst()
            guard ticketNumbers[first.ticket] != nil else { continue }
            answers.append(Answer(ticket: first.ticket, status: 503))
            leave(first.ticket)
        }
        return answers
    }

    private mutating func leave(_ ticket: Ticket) {
        guard let number = ticketNumbers.removeValue(forKey: ticket) else { return }
        entries[number]?.tickets.removeAll { $0 == ticket }
        if let entry = entries[number], entry.tickets.isEmpty, !entry.isHandedOut { _ = remove(number, status: 503) }
    }

    // MARK: To the connector

    /// At most `limit` events, within the credit; empty if there are none.
    mutating func take(limit: Int) -> [Event] {
        var events: [Event] = []
        while isOpen, events.count < limit, handedOut < limits.credit, let number = queue.popFirst() {
            guard let event = entries[number]?.event else { continue }
            entries[number]?.isHandedOut = true
            handedOut += 1
            events.append(event)
        }
        return events
    }

    /// 200 before the hand-over. An event whose requests are all gone is refused: SNS brings it again.
    mutating func acknowledge(_ batch: [Event], now: Duration) -> (Acknowledgement, [Answer]) {
        var answers: [Answer] = []
        var acknowledged: [Event] = []
        var revoked = 0
        var late = 0
        for event in batch {
            guard let entry = entries[event.id.offset], entry.event === event else {
                revoked += 1
                continue
            }
            if entry.tickets.isEmpty {
                late += 1
                _ = remove(event.id.offset, status: 503)
            } else {
                window.remember(entry.key, .accepted, now: now)
                answers += remove(event.id.offset, status: 200)
                acknowledged.append(event)
            }
        }
        let refused = [(reason: "revoked", events: revoked), (reason: "reply-timeout", events: late)]
        return (Acknowledgement(acknowledged: acknowledged, refused: refused.filter { $0.events > 0 }), answers)
    }

    /// The answer after the event was handled: 200, 503 to have it again, or 422, which moves it to the subscription's
    /// dead-letter queue if it has one.
    mutating func settle(_ settlements: [Settlement], now: Duration) -> ([Answer], [SourceNotice]) {
        var answers: [Answer] = []
        var notices: [SourceNotice] = []
        for settlement in settlements {
            let number = settlement.id.offset
            guard epochs[settlement.id.topic] == settlement.epoch else {
                notices.append(.settlementIgnored(settlement.id, reason: "stale epoch"))
                continue
            }
            guard let entry = entries[number], entry.isHandedOut, entry.event.id == settlement.id else {
                notices.append(.settlementIgnored(settlement.id, reason: "settled before"))
                continue
            }
            switch settlement.verdict {
            case .accept:
                window.remember(entry.key, .accepted, now: now)
                answers += remove(number, status: 200)
            case .reject:
                window.remember(entry.key, .rejected, now: now)
                answers += remove(number, status: 422)
            case .retry: answers += remove(number, status: 503)
            }
        }
        return (answers, notices)
    }

    private mutating func remove(_ number: Int64, status: Int) -> [Answer] {
        guard let entry = entries.removeValue(forKey: number) else { return [] }
        numbers[entry.key] = nil
        bytes -= entry.event.payload?.count ?? 0
        if entry.isHandedOut { handedOut -= 1 }
        for ticket in entry.tickets { ticketNumbers[ticket] = nil }
        return entry.tickets.map { Answer(ticket: $0, status: status) }
    }

    // MARK: End

    /// Takes no more; what was not handed out is answered with 503.
    mutating func drain() -> [Answer] {
        isOpen = false
        let waiting = entries.filter { !$0.value.isHandedOut }.map(\.key).sorted()
        return waiting.flatMap { remove($0, status: 503) }
    }

    /// Nothing is held any more.
    mutating func close() -> [Answer] {
        let answers = drain()
        epochs = [:]
        return answers + entries.keys.sorted().flatMap { remove($0, status: 503) }
    }

    // MARK: Confirmations

    func isDone(_ key: MessageKey) -> Bool { window.outcome(of: key) != nil }

    mutating func remember(_ key: MessageKey, now: Duration) { window.remember(key, .accepted, now: now) }
}
