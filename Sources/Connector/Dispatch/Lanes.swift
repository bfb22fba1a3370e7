// Decides whose turn it is within a lane: the next event starts after the last one was settled. A value.

import DequeModule

struct Lanes {
    /// What to do with an event that came in hand.
    enum AdmitAction {
        /// Handle it now.
        case start
        /// Handle it now, and ask for the next of this lane when it is done.
        case startLane(LaneID)
        /// It waits for those before it.
        case wait
    }

    /// Lanes with an event being handled, and those that wait behind it. Only looked up.
    private var waitingByLane: [LaneID: Deque<EventInHand>] = [:]

    mutating func admit(_ item: EventInHand) -> AdmitAction {
        guard let lane = item.lane else { return .start }
        guard waitingByLane[lane] != nil else {
            waitingByLane[lane] = []
            return .startLane(lane)
        }
        waitingByLane[lane]?.append(item)
        return .wait
    }

    /// The next event of a lane whose last one was settled; `nil` closes the lane.
    mutating func next(in lane: LaneID) -> EventInHand? {
        if let next = waitingByLane[lane]?.popFirst() { return next }
        waitingByLane[lane] = nil
        return nil
    }
}
