// Decides whose turn it is within a lane: the next event starts after the last one was settled. A value.

import DequeModule

struct Lanes {
    /// What to do with an event that came in hand.
    enum AdmitAction {
        /// Handle it now, and ask for the next of its lane when it is done.
        case start
        /// It waits for those before it.
        case wait
    }

    /// Those that wait behind the one that is handled, by lane; `nil` where none is.
    private var waiting: [Deque<EventInHand>?] = []

    mutating func admit(_ item: EventInHand) -> AdmitAction {
        guard let lane = item.lane?.index else { return .start }
        if lane >= waiting.count { waiting += repeatElement(nil, count: lane + 1 - waiting.count) }
        guard waiting[lane] != nil else {
            waiting[lane] = []
            return .start
        }
        waiting[lane]?.append(item)
        return .wait
    }

    /// The event behind one that is done with; `nil` closes the lane.
    mutating func next(after item: EventInHand) -> EventInHand? {
        guard let lane = item.lane?.index else { return nil }
        if let next = waiting[lane]?.popFirst() { return next }
        waiting[lane] = nil
        return nil
    }
}
