// Decides which events come into the connector's hands, and when: never more than `maxInFlight`, worth a batch, and no
// slow lane in the way of the others. A value: it calls nothing and waits for nothing.
//
// An event is first *stashed*: the source handed it out, but it is neither acknowledged nor called for. It is then
// *in hand*, and either runs or waits: in its lane, or for a function that has a limit of calls of its own. What waits
// may fill half of the room at most, or what the partitions would leave of it if one event of each ran, but always an
// eighth; shared among them by how much of that is left (the dynamic thresholds of shared-memory switches), so that
// lanes that move find room.
//
// The stash has room for `maxInFlight` events. A partition whose events fill it and do not move is paused at the
// source, and what it has there takes no room from the others any more. It does take memory: so the more partitions are
// paused, the less the next may have in the stash before it is paused, too; one event, if there are many. Of n there
// are no more than `maxInFlight` times 1 + 1/2 + … + 1/n events and n more, whatever their speeds; beside them is what
// comes before a pause takes effect, and what a rebalance lets through, which forgets the pauses.

import DequeModule
import OrderedCollections

/// An event in the connector's hands, and since when.
struct EventInHand: Sendable {
    let event: Event
    /// When it was handed over.
    var receivedAt = Duration.zero
    /// `nil` if it waits for none.
    let lane: LaneNumber?
    /// The interval (see `Intake.endInterval`) in which it was taken.
    fileprivate let interval: Int
    /// At functions with limits of their own, unless its lane has it.
    fileprivate let place: FunctionPlace?
}

struct Intake {
    private struct Stash {
        var events: Deque<Event> = []
        /// Of the functions that want the topic; as of the last `take`.
        var limits: FunctionLimits?
        /// The next event would wait, and the partition has its share of waiting events.
        var isBlocked = false
        /// Nothing was taken since the last interval ended.
        var isStalled = false
        var isPaused = false
        /// The source has not answered yet: until then events may come, and a resumption might come first.
        var isPauseUnderWay = false

        /// Ends a pause; answers whether there was one.
        mutating func store(_ event: Event) -> Bool {
            events.append(event)
            guard isPaused, !isPauseUnderWay else { return false }
            isPaused = false
            return true
        }
    }

    let ordering: Ordering
    let maxInFlight: Int
    /// The most events that may wait; as of the last interval's end.
    private var waitingLimit: Int

    /// Partitions with stashed events, or paused ones. In the order in which they came.
    private var stashes: OrderedDictionary<SourcePartition, Stash> = [:]
    /// Whose turn it is, if room ran out before it: a partition whose stash is never empty would have all the room.
    private var turn: SourcePartition?
    /// Stashed events, those of paused partitions left out.
    private var stashed = 0
    /// Stashed events of paused partitions, and how many have some.
    private var paused = (events: 0, partitions: 0)
    /// Stashed events of partitions that are not blocked.
    private var unblocked = 0
    private var inHand = 0
    /// Events in hand by the interval in which they were taken: this one, the last one, earlier ones.
    private var taken = (now: 0, last: 0, earlier: 0)
    private var interval = 0
    private var lanes: LaneTable
    private var waitingByPartition: [SourcePartition: Int] = [:]
    private var waiting = 0
    private var loads = FunctionLoads()

    init(ordering: Ordering, maxInFlight: Int) {
        precondition(maxInFlight > 0, "the configuration bounds max_in_flight from below")
        self.ordering = ordering
        self.maxInFlight = maxInFlight
        lanes = LaneTable(most: maxInFlight)
        waitingLimit = maxInFlight / 2
    }

    var isIdle: Bool { inHand == 0 }

    /// Room that makes a batch worth taking, for its one acknowledgement is shared by all of it: half of the room that
    /// is not held by events that do not move.
    private var worthwhile: Int { max(1, (maxInFlight - taken.earlier) / 2) }

    // MARK: From the source into the stash

    /// How many events to ask the source for: 0, or a number worth a batch.
    var demand: Int {
        let share = max(1, maxInFlight / (paused.partitions + 1))
        let room = max(maxInFlight - paused.events, share) - stashed
        return room >= max(1, share / 2) ? room : 0
    }

    /// What the source has to do after a batch.
    struct Flow: Equatable {
        /// Their events wait, and others that are paused have more than enough of the stash already.
        var pause: [SourcePartition] = []
        /// They are paused, and events of them came all the same, before the pause took effect or after a rebalance
        /// that forgot it. Which of the two, only the source knows.
        var resume: [SourcePartition] = []
    }

    mutating func store(_ batch: [Event]) -> Flow {
        var flow = Flow()
        for event in batch {
            let wasPaused = stashes[event.partition, default: Stash()].store(event)
            if wasPaused { flow.resume.append(event.partition) }
        }
        recount()
        if paused.partitions > 0, demand == 0 {
            let waiting = stashes.filter { partition, stash in
                !stash.isPaused && stash.events.first.map(mustWait) ?? false && !flow.resume.contains(partition)
            }
            flow.pause = pause(waiting.map(\.key))
        }
        return flow
    }

    private func mustWait(_ event: Event) -> Bool {
        let isLaneBusy = LaneID(of: event, ordering: ordering).map { lanes.number(of: $0) != nil } ?? false
        return isLaneBusy || isFull(stashes[event.partition]?.limits)
    }

    private mutating func pause(_ partitions: [SourcePartition]) -> [SourcePartition] {
        for partition in partitions {
            stashes[partition]?.isPaused = true
            stashes[partition]?.isPauseUnderWay = true
        }
        recount()
        return partitions
    }

    /// The source has answered.
    mutating func havePaused(_ partitions: [SourcePartition]) {
        for partition in partitions { stashes[partition]?.isPauseUnderWay = false }
    }

    /// Call it at intervals, some longer than most calls of functions. Answers which partitions to pause at the source,
    /// for their events fill the stash and do not move; and all that stand still and are paused, with these.
    mutating func endInterval() -> (pause: [SourcePartition], standing: [SourcePartition]) {
        interval += 1
        taken = (now: 0, last: taken.now, earlier: taken.earlier + taken.last)
        let stalled = stashes.filter { $0.value.isStalled && !$0.value.isPaused }.map(\.key)
        let standing = stashes.filter { $0.value.isStalled && $0.value.isPaused }.map(\.key)
        let paused = demand == 0 ? pause(stalled) : []
        for index in stashes.values.indices { stashes.values[index].isStalled = true }
        // Where so many partitions have events that all that is in hand could run, little may wait.
        let partitions = lanes.partitions.union(stashes.keys).count
        waitingLimit = min(maxInFlight / 2, max(maxInFlight / 8, maxInFlight - partitions))
        return (paused, standing + paused)
    }

    /// Partitions that were paused and whose stash is empty: to be resumed at the source.
    mutating func resumeDrained() -> [SourcePartition] {
        let drained = stashes.filter { $0.value.isPaused && !$0.value.isPauseUnderWay && $0.value.events.isEmpty }
            .map(\.key)
        for partition in drained { stashes.removeValue(forKey: partition) }
        return drained
    }

    // MARK: From the stash into the hands

    /// Whether `take` would give a batch that is worth its acknowledgement.
    var isWorthTaking: Bool {
        if hasRoomForUnblocked { return true }
        guard inHand < maxInFlight else { return false }
        return stashes.contains { $0.value.isBlocked && movesAgain($0.key) }
    }

    /// Takes every event that may come in hand now, in the order of each partition.
    ///
    /// - Parameter limits: Of the functions that want a topic now.
    mutating func take(limits: (_ topic: String) -> FunctionLimits?) -> [EventInHand] {
        var batch: [EventInHand] = []
        let first = turn.flatMap { stashes.index(forKey: $0) } ?? 0
        turn = nil
        for index in stashes.values.indices {
            stashes.values[index].isBlocked = false
            stashes.values[index].limits = limits(stashes.keys[index].topic)
        }
        // What would wait has what is left: it must not keep others from running.
        for waits in [false, true] {
            for step in stashes.values.indices where inHand < maxInFlight {
                take(of: (first + step) % stashes.count, waits: waits, into: &batch)
            }
        }
        stashes.removeAll { $0.value.events.isEmpty && !$0.value.isPaused }
        recount()
        return batch
    }

    /// - Parameter waits: Takes also what waits, as far as it may.
    private mutating func take(of index: Int, waits: Bool, into batch: inout [EventInHand]) {
        let partition = stashes.keys[index]
        let limits = stashes.values[index].limits
        while inHand < maxInFlight, let event = stashes.values[index].events.first {
            let id = LaneID(of: event, ordering: ordering)
            let busy = id.flatMap { lanes.number(of: $0) }
            let mustWait = busy != nil || isFull(limits)
            guard !mustWait || waits && mayWait(partition) else {
                stashes.values[index].isBlocked = waits
                return
            }
            stashes.values[index].events.removeFirst()
            stashes.values[index].isStalled = false
            if mustWait { beginWaiting(partition) }
            let place = busy == nil ? limits.map { FunctionPlace($0, partition, waits: mustWait) } : nil
            if let place { loads.enter(place.limits) }
            let lane = enter(id, busy, place)
            batch.append(EventInHand(event: event, lane: lane, interval: interval, place: lane == nil ? place : nil))
            if inHand == maxInFlight { turn = stashes.keys[(index + 1) % stashes.count] }
        }
    }

    /// Functions may have other limits by now: the next `take` asks for them.
    mutating func forgetLimits() {
        for index in stashes.values.indices { stashes.values[index].limits = nil }
    }

    /// What an event's end means for the stash.
    enum FinishAction: Equatable {
        case proceed
        /// A batch is worth taking now, or nothing is in hand any more.
        case wake
    }

    /// An event left the connector's hands.
    mutating func finish(_ item: EventInHand) -> FinishAction {
        precondition(inHand > 0, "an event finished twice")
        inHand -= 1
        switch interval - item.interval {
        case 0: taken.now -= 1
        case 1: taken.last -= 1
        default: taken.earlier -= 1
        }
        let partition = item.event.partition
        var place = item.place
        if let lane = item.lane {
            let end = lanes.leave(lane)
            // The next in the lane waits no more; if for a function, the lane's place counts for it.
            if !end.isEmpty { endWaiting(partition) }
            place = end.place
        }
        if let place {
            loads.leave(place.limits)
            if place.waits { endWaiting(place.partition) }
            // Events of other partitions may be for the same function.
            return isIdle || isWorthTaking ? .wake : .proceed
        }
        if isIdle || hasRoomForUnblocked { return .wake }
        return inHand < maxInFlight && stashes[partition]?.isBlocked == true && movesAgain(partition) ? .wake : .proceed
    }

    // MARK: Lanes

    /// - Parameter busy: The lane, if there are events of it in hand.
    private mutating func enter(_ id: LaneID?, _ busy: LaneNumber?, _ place: FunctionPlace?) -> LaneNumber? {
        inHand += 1
        taken.now += 1
        guard let busy else { return id.map { lanes.open($0, place) } }
        lanes.enter(busy)
        return busy
    }

    // MARK: Waiting

    private func isFull(_ limits: FunctionLimits?) -> Bool { limits.map(loads.areFull) ?? false }

    private mutating func beginWaiting(_ partition: SourcePartition) {
        waiting += 1
        waitingByPartition[partition, default: 0] += 1
    }

    private mutating func endWaiting(_ partition: SourcePartition) {
        waiting -= 1
        let waitingHere = (waitingByPartition[partition] ?? 1) - 1
        waitingByPartition[partition] = waitingHere == 0 ? nil : waitingHere
    }

    private func mayWait(_ partition: SourcePartition) -> Bool {
        (waitingByPartition[partition] ?? 0) < 2 * (waitingLimit - waiting)
    }

    /// The next event of a blocked partition would not wait, or finds so few waiting that a batch pays.
    private func movesAgain(_ partition: SourcePartition) -> Bool {
        guard let next = stashes[partition]?.events.first else { return false }
        if mustWait(next) {
            return mayWait(partition) && (waitingByPartition[partition] ?? 0) <= (waitingLimit - waiting) / 4
        }
        return true
    }

    private var hasRoomForUnblocked: Bool {
        unblocked > 0 && maxInFlight - inHand >= min(unblocked, worthwhile)
    }

    private mutating func recount() {
        (stashed, unblocked, paused) = (0, 0, (0, 0))
        for stash in stashes.values where !stash.events.isEmpty {
            if stash.isPaused {
                paused.events += stash.events.count
                paused.partitions += 1
            } else {
                stashed += stash.events.count
            }
            if !stash.isBlocked { unblocked += stash.events.count }
        }
    }
}
