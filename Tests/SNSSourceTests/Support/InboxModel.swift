import Connector
import Foundation
import SNSTesting
import SeededRandom

@testable import SNSSource

/// Drives an inbox by a seed, and remembers beside it what was promised.
struct InboxModel {
    private var inbox: Inbox
    private let limits: InboxLimits
    private var random: SeededGenerator
    private var now = Duration.zero
    private var lastTicket: Ticket = 0
    /// Requests not answered, by ticket: their ends.
    private var open: [Ticket: (message: Int, end: Duration)] = [:]
    private var inHand: [Event] = []
    /// Messages that were accepted or rejected, with what is answered to them from then on.
    private var done: [String: Int] = [:]
    private(set) var problems: [String] = []
    private(set) var accepted = 0

    private static let messages = 12
    private static let topics = ["a", "b"].map { "arn:aws:sns:eu-west-1:1:\($0)" }

    init(seed: UInt64) {
        var limits = InboxLimits()
        limits.messages = 6
        limits.bytes = 40
        limits.requestsPerMessage = 2
        limits.credit = 3
        limits.replyTimeout = .seconds(12)
        self.limits = limits
        random = SeededGenerator(seed: seed)
        inbox = Inbox(limits, window: MessageWindow(capacity: 1000, span: .seconds(100_000)))
        _ = inbox.subscribe(to: Self.topics)
    }

    private mutating func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func take(_ answers: [Answer]) {
        for answer in answers {
            if open.removeValue(forKey: answer.ticket) == nil {
                problems.append("ticket \(answer.ticket) is answered, and waits for nothing")
            }
        }
    }

    private func key(_ event: Event) -> String { "\(event.topic) \(event.attributes.first?.value ?? "")" }

    mutating func step() {
        switch pick(0..<20) {
        case 0..<8: offer()
        case 8..<11: handOut()
        case 11: acknowledge()
        case 12..<16: settle()
        case 16: abandon()
        case 17: subscribe()
        default: pass(.milliseconds(pick(0..<3000)))
        }
    }

    private mutating func offer() {
        let number = pick(0..<Self.messages) + max(0, accepted - 4)
        let topic = Self.topics[number % 2]
        guard let arn = TopicARN(topic) else { return }
        let payload = [UInt8](repeating: 1, count: number % 12)
        let delivery = SNSDelivery(raw: payload, topic: arn, messageID: "m\(number)")
        lastTicket += 1
        let expected = done["\(topic) m\(number)"]
        switch inbox.offer(delivery, lastTicket, now: now) {
        case .waiting:
            if expected != nil { problems.append("m\(number) waits, and was done") }
            open[lastTicket] = (number, now + limits.replyTimeout)
            let joined = open.values.count { $0.message == number }
            if joined > limits.requestsPerMessage { problems.append("\(joined) requests wait for m\(number)") }
        case .answered(let status):
            if ![429, 503].contains(status) { problems.append("m\(number) is answered with \(status)") }
        case .duplicate(let status):
            if status != expected { problems.append("m\(number) gets \(status), not \(expected ?? 0)") }
        }
    }

    private mutating func handOut() {
        let events = inbox.take(limit: pick(1..<5))
        inHand += events
        if inHand.filter({ inbox.holds($0) }).count > limits.credit { problems.append("beyond the credit") }
        let keys = inHand.filter { inbox.holds($0) }.map(key)
        if Set(keys).count < keys.count { problems.append("one message is two events") }
        for event in events where done[key(event)] != nil { problems.append("\(key(event)) is an event again") }
    }

    /// At most once: before the event is handed over.
    private mutating func acknowledge() {
        guard !inHand.isEmpty else { return }
        let event = inHand.remove(at: pick(0..<inHand.count))
        let (acknowledgement, answers) = inbox.acknowledge([event], now: now)
        if acknowledgement.acknowledged.isEmpty {
            if answers.contains(where: { $0.status == 200 }) { problems.append("200 for what is refused") }
        } else {
            if answers.isEmpty { problems.append("acknowledged to nobody") }
            finish(event, 200)
        }
        take(answers)
    }

    private mutating func settle() {
        guard !inHand.isEmpty else { return }
        let event = inHand.remove(at: pick(0..<inHand.count))
        let isHeld = inbox.holds(event)
        let verdicts: [Verdict] = [.accept, .accept, .reject(reason: "poison"), .retry(after: .zero)]
        let verdict = verdicts[pick(0..<verdicts.count)]
        let (answers, notices) = inbox.settle([Settlement(event, verdict)], now: now)
        take(answers)
        if isHeld != notices.isEmpty { problems.append("\(key(event)): \(notices)") }
        guard isHeld else { return }
        switch verdict {
        case .accept: finish(event, 200)
        case .reject: finish(event, 422)
        case .retry: break
        }
        let (again, told) = inbox.settle([Settlement(event, .accept)], now: now)
        if !again.isEmpty || told.isEmpty { problems.append("settled twice") }
    }

    private mutating func finish(_ event: Event, _ status: Int) {
        accepted += 1
        if done.updateValue(status, forKey: key(event)) != nil { problems.append("\(key(event)) is done twice") }
    }

    private mutating func abandon() {
        guard let ticket = open.keys.sorted().first else { return }
        open[ticket] = nil
        inbox.abandon(ticket)
    }

    private mutating func subscribe() {
        let topics = [Self.topics, Self.topics, [Self.topics[0]], []][pick(0..<4)]
        take(inbox.subscribe(to: topics).answers)
        take(inbox.subscribe(to: Self.topics).answers)
        inHand.removeAll { !inbox.holds($0) && Bool.random(using: &random) }
    }

    private mutating func pass(_ duration: Duration) {
        now += duration
        take(inbox.expire(now: now))
        for (ticket, request) in open where request.end <= now {
            problems.append("ticket \(ticket) waits beyond its end")
        }
    }

    /// Nothing is left without an answer.
    mutating func end() {
        take(Bool.random(using: &random) ? inbox.drain() : inbox.close())
        take(inbox.close())
        if !open.isEmpty { problems.append("never answered: \(open.keys.sorted())") }
        if case .answered(503) = inbox.offer(
            SNSDelivery(raw: [], topic: TopicARN(Self.topics[0])!, messageID: "late"), lastTicket + 1, now: now)
        {
        } else {
            problems.append("taken after the end")
        }
    }
}
