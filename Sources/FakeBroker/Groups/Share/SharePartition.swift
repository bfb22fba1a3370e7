internal import DequeModule
internal import KafkaProtocol

/// Where a share group stands in one partition: for each record between two offsets whether it is free, at a member,
/// or done with.
///
/// A record that a member has acquired is locked for it for a while; then, or when the member says so, it is free
/// again, unless it has been delivered as often as it may. What is done with at the beginning is forgotten.
///
/// Source: KIP-932; Kafka's SharePartition for the errors.
struct SharePartition: Sendable, Equatable {
    enum State: Equatable, Sendable {
        case available
        case acquired(by: String, until: Duration)
        case acknowledged
        /// Rejected, delivered too often, or not there at all.
        case archived

        fileprivate var isDone: Bool { self == .acknowledged || self == .archived }
    }

    struct Delivery: Equatable, Sendable {
        var state: State
        var count: Int16
    }

    struct Limits: Sendable {
        /// Kafka's `group.share.record.lock.duration.ms`.
        var lockDuration: Duration = .seconds(30)
        /// Kafka's `group.share.delivery.count.limit`.
        var deliveries: Int16 = 5
        /// Kafka's `group.share.partition.max.record.locks`: how many records may be neither free nor forgotten.
        var records = 2000
    }

    /// Neighbours that were delivered equally often.
    struct Acquired: Equatable, Sendable {
        var firstOffset: Int64
        var lastOffset: Int64
        var deliveryCount: Int16
    }

    /// What a member says of records that it has.
    enum Acknowledgement: Int8, Sendable {
        /// There is no such record, as after compaction.
        case gap = 0
        case accept = 1
        case release = 2
        case reject = 3
        /// Goes on with it, for another lock duration (KIP-1222).
        case renew = 4
    }

    /// From this offset on records are not done with.
    private(set) var startOffset: Int64
    /// Of the offsets from ``startOffset`` on.
    private(set) var deliveries: Deque<Delivery> = []
    /// No lock ends before; there may be none at that time.
    private(set) var earliestLock: Duration?

    init(startOffset: Int64) {
        self.startOffset = startOffset
    }

    /// From this offset on records were never delivered.
    var endOffset: Int64 { startOffset + Int64(deliveries.count) }

    /// Nil for a record that was forgotten or never delivered.
    func state(of offset: Int64) -> State? {
        startOffset..<endOffset ~= offset ? deliveries[Int(offset - startOffset)].state : nil
    }

    /// How many records up to an offset are done with, but not forgotten.
    func doneCount(before offset: Int64) -> Int64 {
        Int64(
            deliveries.prefix(Int(max(0, min(offset - startOffset, Int64(deliveries.count))))).count { $0.state.isDone }
        )
    }

    /// The first record that may be acquired; nil if there is none before the end of the log.
    func firstAvailable(before logEnd: Int64, limits: Limits) -> Int64? {
        let free = deliveries.firstIndex { $0.state == .available }
        if let free, startOffset + Int64(free) < logEnd { return startOffset + Int64(free) }
        return deliveries.count < limits.records && endOffset < logEnd ? endOffset : nil
    }

    // MARK: Events

    /// Records before this offset have been deleted from the log.
    mutating func advance(to logStart: Int64) {
        while startOffset < logStart, !deliveries.isEmpty {
            deliveries.removeFirst()
            startOffset += 1
        }
        startOffset = max(startOffset, logStart)
    }

    /// A member takes free records, as many as it may, of those that were read for it.
    ///
    /// - Parameter batches: the offsets of the batches that were read, ascending. What is between them is not there.
    mutating func acquire(
        _ batches: [Range<Int64>], count limit: Int, for memberID: String, limits: Limits, now: Duration
    ) -> [Acquired] {
        // What comes before the first is not there.
        if deliveries.isEmpty, let first = batches.first { startOffset = max(startOffset, first.lowerBound) }
        var acquired: [Acquired] = []
        var left = limit
        let until = now + limits.lockDuration
        for (position, batch) in batches.enumerated() where left > 0 {
            let end = position > 0 ? batches[position - 1].upperBound : startOffset
            archiveGap(end..<max(end, batch.lowerBound), limits: limits)
            for offset in max(batch.lowerBound, startOffset)..<max(batch.upperBound, startOffset) where left > 0 {
                guard let count = acquire(offset, for: memberID, until: until, limits: limits) else { continue }
                left -= 1
                let last = acquired.count - 1
                if last >= 0, acquired[last].lastOffset + 1 == offset, acquired[last].deliveryCount == count {
                    acquired[last].lastOffset = offset
                } else {
                    acquired.append(Acquired(firstOffset: offset, lastOffset: offset, deliveryCount: count))
                }
            }
        }
        if !acquired.isEmpty { earliestLock = min(earliestLock ?? until, until) }
        forgetDone()
        return acquired
    }

    /// Returns how often the record has been delivered now; nil if it is not free.
    private mutating func acquire(
        _ offset: Int64, for memberID: String, until: Duration, limits: Limits
    ) -> Int16? {
        let index = Int(offset - startOffset)
        if index >= deliveries.count {
            guard index < limits.records else { return nil }
            // What comes before it was not read, so it is not there.
            while deliveries.count < index { deliveries.append(Delivery(state: .archived, count: 0)) }
            deliveries.append(Delivery(state: .acquired(by: memberID, until: until), count: 1))
            return 1
        }
        guard deliveries[index].state == .available else { return nil }
        deliveries[index].state = .acquired(by: memberID, until: until)
        deliveries[index].count += 1
        return deliveries[index].count
    }

    private mutating func archiveGap(_ gap: Range<Int64>, limits: Limits) {
        for offset in max(gap.lowerBound, startOffset)..<max(gap.upperBound, startOffset) {
            let index = Int(offset - startOffset)
            if index >= deliveries.count {
                guard index < limits.records else { return }
                deliveries.append(Delivery(state: .archived, count: 0))
            } else if deliveries[index].state == .available {
                deliveries[index].state = .archived
            }
        }
    }

    struct Batch: Sendable {
        var firstOffset: Int64
        var lastOffset: Int64
        /// One for all, or one for each.
        var types: [Int8]
    }

    /// A member says what became of records; of all of them or, if one is not as it should be, of none.
    ///
    /// - Parameter mayRenew: the request is one that may renew locks.
    mutating func acknowledge(
        _ batches: [Batch], by memberID: String, mayRenew: Bool, limits: Limits, now: Duration
    ) -> ErrorCode {
        var next: Int64 = 0
        for batch in batches {
            let error = check(batch, from: next, by: memberID, mayRenew: mayRenew)
            guard error == .none else { return error }
            next = batch.lastOffset + 1
        }
        for batch in batches {
            for offset in max(batch.firstOffset, startOffset)..<max(batch.lastOffset + 1, startOffset) {
                let type = batch.types.count == 1 ? batch.types[0] : batch.types[Int(offset - batch.firstOffset)]
                switch Acknowledgement(rawValue: type) {
                case .accept: deliveries[Int(offset - startOffset)].state = .acknowledged
                case .release: release(Int(offset - startOffset), limits: limits)
                case .renew:
                    deliveries[Int(offset - startOffset)].state = .acquired(
                        by: memberID, until: now + limits.lockDuration)
                case .gap, .reject, nil: deliveries[Int(offset - startOffset)].state = .archived
                }
            }
        }
        forgetDone()
        return .none
    }

    private func check(_ batch: Batch, from next: Int64, by memberID: String, mayRenew: Bool) -> ErrorCode {
        guard batch.firstOffset >= next, batch.firstOffset <= batch.lastOffset, batch.lastOffset < endOffset else {
            return .invalidRequest
        }
        let known: ClosedRange<Int8> = 0...(mayRenew ? 4 : 3)
        guard batch.types.count == 1 || batch.types.count == batch.lastOffset - batch.firstOffset + 1,
            batch.types.allSatisfy(known.contains)
        else { return .invalidRequest }
        // Of what is forgotten nothing needs to be said.
        for offset in max(batch.firstOffset, startOffset)..<max(batch.lastOffset + 1, startOffset) {
            guard case .acquired(memberID, _) = deliveries[Int(offset - startOffset)].state else {
                return .invalidRecordState
            }
        }
        return .none
    }

    /// Sets free what a member has. Returns whether there is something to acquire now.
    mutating func releaseAll(of memberID: String, limits: Limits) -> Bool {
        release(limits: limits) { holder, _ in holder == memberID }
    }

    /// Sets free what was locked too long. Returns whether there is something to acquire now.
    mutating func expireLocks(now: Duration, limits: Limits) -> Bool {
        guard let earliestLock, earliestLock <= now else { return false }
        let isFree = release(limits: limits) { _, until in until <= now }
        self.earliestLock =
            deliveries.lazy.compactMap { delivery -> Duration? in
                if case .acquired(_, let until) = delivery.state { until } else { nil }
            }.min()
        return isFree
    }

    private mutating func release(limits: Limits, where matches: (String, Duration) -> Bool) -> Bool {
        var isFree = false
        for index in deliveries.indices {
            guard case .acquired(let holder, let until) = deliveries[index].state, matches(holder, until) else {
                continue
            }
            release(index, limits: limits)
            isFree = isFree || deliveries[index].state == .available
        }
        forgetDone()
        return isFree
    }

    /// A record that was delivered often enough is not delivered again.
    private mutating func release(_ index: Int, limits: Limits) {
        deliveries[index].state = deliveries[index].count >= limits.deliveries ? .archived : .available
    }

    private mutating func forgetDone() {
        while deliveries.first?.state.isDone == true {
            deliveries.removeFirst()
            startOffset += 1
        }
    }

    // MARK: Kept

    /// Neighbours of which the same is kept. Who has a record is not: with the process its lock is gone.
    struct Run: Equatable, Sendable {
        /// 0: available, 1: acknowledged, 2: archived.
        var state: UInt8
        var count: Int16
        var length: UInt32
    }

    var stored: [Run] {
        var runs: [Run] = []
        for delivery in deliveries {
            let state: UInt8 =
                switch delivery.state {
                case .available, .acquired: 0
                case .acknowledged: 1
                case .archived: 2
                }
            if let last = runs.last, last.state == state, last.count == delivery.count {
                runs[runs.count - 1].length += 1
            } else {
                runs.append(Run(state: state, count: delivery.count, length: 1))
            }
        }
        return runs
    }

    init(startOffset: Int64, stored: [Run], limits: Limits) {
        self.init(startOffset: startOffset)
        for run in stored {
            let state: State = run.state == 0 ? .available : run.state == 1 ? .acknowledged : .archived
            let length = min(Int(run.length), limits.records - deliveries.count)
            deliveries.append(
                contentsOf: repeatElement(Delivery(state: state, count: run.count), count: max(0, length)))
        }
        forgetDone()
    }
}
