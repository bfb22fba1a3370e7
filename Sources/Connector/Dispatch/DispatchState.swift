// Decides when an event's turn has come: lanes in order, and never more events in hand than `maxInFlight`.
// A value: it calls nothing and waits for nothing. The connector carries out what it answers.

import DequeModule

/// An event together with the functions that want it.
struct Delivery: Sendable {
    let event: Event
    let functions: [FunctionName]
}

struct DispatchState {
    /// What to do with a delivery that was admitted.
    enum AdmitAction {
        /// Handle it now, in a task of its own.
        case start(Delivery)
        /// Handle it now, then ask for the next of this lane.
        case startLane(LaneID, Delivery)
        /// It waits for those before it.
        case wait
    }

    /// What to do when an event has been handled.
    enum FinishAction: Equatable {
        case proceed
        /// There is room again for a batch worth taking.
        case refill
    }

    let ordering: Ordering
    let maxInFlight: Int
    /// Room that makes a batch worth taking: its one acknowledgement is shared by all of it.
    let refillThreshold: Int

    /// Events taken and not yet finished.
    private(set) var inHand = 0
    /// Lanes with an event being handled, and those that wait behind it. Only looked up, never iterated.
    private var waitingByLane: [LaneID: Deque<Delivery>] = [:]

    init(ordering: Ordering, maxInFlight: Int) {
        precondition(maxInFlight > 0, "the configuration bounds max_in_flight from below")
        self.ordering = ordering
        self.maxInFlight = maxInFlight
        refillThreshold = max(1, maxInFlight / 2)
    }

    /// How many events may be taken now: 0, or a number worth a batch.
    var room: Int {
        let free = maxInFlight - inHand
        return free >= refillThreshold ? free : 0
    }

    var isIdle: Bool { inHand == 0 }

    /// Takes a delivery in.
    mutating func admit(_ delivery: Delivery) -> AdmitAction {
        precondition(inHand < maxInFlight, "a source returned more events than asked for")
        inHand += 1
        guard let lane = LaneID(of: delivery.event, ordering: ordering) else { return .start(delivery) }
        if waitingByLane[lane] == nil {
            waitingByLane[lane] = []
            return .startLane(lane, delivery)
        }
        waitingByLane[lane]?.append(delivery)
        return .wait
    }

    /// The next delivery of a lane whose last one has been handled; `nil` closes the lane.
    mutating func next(in lane: LaneID) -> Delivery? {
        guard let next = waitingByLane[lane]?.popFirst() else {
            waitingByLane[lane] = nil
            return nil
        }
        return next
    }

    /// An event left the connector's hands.
    mutating func finish() -> FinishAction {
        precondition(inHand > 0, "an event finished twice")
        let before = room
        inHand -= 1
        return before == 0 && room > 0 ? .refill : .proceed
    }
}
