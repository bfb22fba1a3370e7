// What must hold of every run, whatever goes wrong in it. Source: shared/contracts/invariants.md.

/// A rule over the journal of one run. It reads the events in order, and says what is wrong.
protocol Invariant {
    static var name: InvariantName { get }
    init(_ run: FinishedRun)
    /// What is wrong with this event, or nil.
    mutating func see(_ event: SystemEvent) -> String?
    /// What is wrong with the whole, or nil.
    mutating func finish() -> String?
}

extension Invariant {
    mutating func finish() -> String? { nil }
}

/// The invariants by name, and by the numbers that they have in the contract.
public enum InvariantName: Int, Sendable, CaseIterable, Codable, CustomStringConvertible {
    /// The run itself comes to an end, and nothing of it leaves the simulation.
    case runEnds = 0
    case atMostOneCall = 1
    case noCallAfterRevocation
    case commitsFollowCalls
    case startsInOrder
    case callsFollowAnnotations
    case nothingLostWithoutReason
    case shutdownEnds
    case inFlightIsBounded
    case lagGoesAway

    public var description: String {
        switch self {
        case .runEnds: "the run ends"
        case .atMostOneCall: "at most once: a function is called at most once for an event, over crashes too"
        case .noCallAfterRevocation: "no call for an event after its partition was given back or lost"
        case .commitsFollowCalls:
            "commits never move back; at least once they never pass an event that is not handled, at most once they "
                + "never lag behind a call"
        case .startsInOrder: "the first calls of a lane are in the order of its events"
        case .callsFollowAnnotations: "a function is called for a topic only if it was annotated so lately"
        case .nothingLostWithoutReason: "every event that was taken comes to one end, and none is lost without a reason"
        case .shutdownEnds: "a shutdown ends within its deadline"
        case .inFlightIsBounded: "no more events in hand, and no more calls of a function, than allowed"
        case .lagGoesAway: "after all is healed, lag goes away in bounded time"
        }
    }
}

/// A run that is over, as the invariants see it.
struct FinishedRun {
    let plan: SystemPlan
    let index: SystemIndex
    let events: [SystemEvent]
    /// The numbers that they have in the plan; nil where there is none.
    let messages: ByEvent<Int?>

    init(plan: SystemPlan, index: SystemIndex, events: [SystemEvent]) {
        self.plan = plan
        self.index = index
        self.events = events
        var messages = ByEvent<Int?>(nil)
        for event in events where event.kind == .produced && event.offset >= 0 {
            messages[EventKey(event)] = Int(event.detail)
        }
        self.messages = messages
    }

    /// The first violation of each invariant, in the order of their numbers.
    func violations() -> [Violation] {
        // One by one, so that each loop over the events is compiled for its rule.
        let found = [
            check(AtMostOneCall.self), check(NoCallAfterRevocation.self), check(CommitsFollowCalls.self),
            check(StartsInOrder.self), check(CallsFollowAnnotations.self), check(NothingLostWithoutReason.self),
            check(ShutdownEnds.self), check(InFlightIsBounded.self), check(LagGoesAway.self),
        ]
        return found.compactMap(\.self)
    }

    private func check<Rule: Invariant>(_ rule: Rule.Type) -> Violation? {
        var rule = rule.init(self)
        for (number, event) in events.enumerated() {
            if let detail = rule.see(event) {
                return Violation(
                    invariant: Rule.name, detail: detail, nanoseconds: event.time, eventNumber: number)
            }
        }
        guard let detail = rule.finish() else { return nil }
        return Violation(
            invariant: Rule.name, detail: detail, nanoseconds: events.last?.time ?? 0, eventNumber: events.count)
    }
}

/// An invariant that did not hold.
public struct Violation: Sendable, Equatable, CustomStringConvertible {
    public var invariant: InvariantName
    public var detail: String
    /// Of virtual time.
    public var nanoseconds: Int64
    /// Where in the journal.
    public var eventNumber: Int

    public var description: String {
        "invariant \(invariant.rawValue) (\(invariant)) is broken at \(TraceText.time(nanoseconds)): \(detail)"
    }
}

/// An event of a partition.
struct EventKey {
    let partition: Int16
    let offset: Int64

    init(partition: Int16, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }

    init(_ event: SystemEvent) { self.init(partition: event.partition, offset: event.offset) }

    /// What a `.handedOut` tells of.
    static func handedOut(in event: SystemEvent) -> some Sequence<EventKey> {
        (event.offset..<event.offset + event.detail).lazy.map { EventKey(partition: event.partition, offset: $0) }
    }
}

/// One life of a replica.
struct LifeKey: Equatable {
    /// The replica and which of its lives, in one number, for it is compared some thousand times a run.
    private let number: Int32

    init(_ event: SystemEvent) { number = Int32(event.lane) << 16 | Int32(UInt16(bitPattern: event.life)) }

    var lane: Int16 { Int16(truncatingIfNeeded: number >> 16) }
    var life: Int16 { Int16(truncatingIfNeeded: number) }
}
