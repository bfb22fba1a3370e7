// Produces the records of a run, each when it is meant to be sent.
//
// An open loop does not wait for the brokers: a message that is late because the queue was full keeps its intended
// time, so that latencies measured from it do not leave out the waiting.

import Dispatch
import HTTP
package import Kafka
import SeededRandom
import Synchronization

package final class ProducingRun: Sendable {
    /// The most messages between two looks at the clock where there is no schedule to keep.
    private static let burst = 16
    /// A wait is cut into these, so that a slow schedule can be stopped.
    private static let longestSleep: UInt64 = 100_000_000
    private static let transactionTimeout = Duration.seconds(60)

    package struct Plan: Sendable {
        package var load: LoadSettings
        package var records: RecordPlan
        package var transactions: ProduceSettings.Transactions?
        package var seed: UInt64
        package var partitionCounts: [Int]
    }

    /// What was handed to librdkafka so far.
    package struct Counts: Sendable {
        package var sent = 0
        package var bytes = 0
        package var measured = 0
        package var measuredBytes = 0
        package var aborted = 0
        package var committedTransactions = 0
        package var abortedTransactions = 0
    }

    private let plan: Plan
    private let topics: [ProducerTopic]
    private let producer: Producer
    private let tally: Tally
    private let start = DispatchTime.now().uptimeNanoseconds
    /// Of `start`, in nanoseconds since 1970.
    private let startTime = WallClock.unixNanoseconds()
    private let counts = Mutex(Counts())
    private let sent = Atomic(0)
    private let bytes = Atomic(0)
    private let dueTime = Atomic<UInt64>(0)
    private let isStopped = Atomic(false)
    private let wasInterrupted = Atomic(false)
    private let scheduleError = Mutex(Latencies())

    /// The clock of the schedule starts now.
    package init(_ plan: Plan, topics: [ProducerTopic], producer: Producer, tally: Tally) {
        self.plan = plan
        self.topics = topics
        self.producer = producer
        self.tally = tally
    }

    /// Nanoseconds since the start; what tokens are in.
    package var now: UInt64 { DispatchTime.now().uptimeNanoseconds - start }
    package var sentCount: Int { sent.load(ordering: .relaxed) }
    package var sentBytes: Int { bytes.load(ordering: .relaxed) }
    package var finalCounts: Counts { counts.withLock { $0 } }
    package var behindSchedule: Latencies { scheduleError.withLock { $0 } }
    /// How far the schedule is behind, in nanoseconds.
    package var lag: UInt64 {
        let due = dueTime.load(ordering: .relaxed)
        let now = now
        return due > 0 && now > due ? now - due : 0
    }

    /// Produces no more messages.
    package func stop() { isStopped.store(true, ordering: .relaxed) }

    /// A signal asked for the end.
    package func interrupt() {
        wasInterrupted.store(true, ordering: .relaxed)
        stop()
    }

    package var isInterrupted: Bool { wasInterrupted.load(ordering: .relaxed) }

    private var isEnding: Bool { isStopped.load(ordering: .relaxed) }

    /// Runs until all messages are produced, the time is up, `stop`, or the end of the producer.
    /// - Throws: Why librdkafka does not take a message or a transaction.
    package func run() async throws(KafkaError) {
        var generator = SeededGenerator(seed: plan.seed)
        var maker = RecordMaker(
            plan.records, partitionCounts: plan.partitionCounts, generator: &generator)
        var pace = Pace(plan, &generator)
        var transaction = plan.transactions.map { OpenTransaction($0, generator.fork()) }
        var local = Counts()
        defer { counts.withLock { $0 = local } }
        if transaction != nil { try await producer.initTransactions(timeout: .seconds(30)) }

        while true {
            // An await costs as much as a message: only where there is something to wait for.
            let intended: UInt64
            if let ready = ready(&pace, local.sent) {
                intended = ready
            } else {
                guard let due = await next(&pace, local.sent) else { break }
                intended = due
            }
            if transaction?.isOpen == false {
                try producer.beginTransaction()
                transaction?.begin()
            }
            let isToBeAborted = transaction?.isToBeAborted ?? false
            let record = maker.make(
                local.sent, intended: startTime + Int64(intended), aborted: local.aborted,
                isToBeAborted: isToBeAborted)
            if try offer(record, intended) != nil {
                guard try await produce(record, intended: intended) else { break }
            }
            local.count(record, isMeasured: intended >= pace.warmUp)
            if isToBeAborted { local.aborted += 1 }
            sent.store(local.sent, ordering: .relaxed)
            bytes.store(local.bytes, ordering: .relaxed)
            if transaction?.takesOne() == true { try await end(&transaction, &local) }
        }
        dueTime.store(0, ordering: .relaxed)
        if transaction?.isOpen == true { try await end(&transaction, &local) }
    }

    private func end(_ transaction: inout OpenTransaction?, _ counts: inout Counts) async throws(KafkaError) {
        let isAborting = transaction?.isToBeAborted ?? false
        transaction?.end()
        if isAborting {
            // The brokers get the records, and every one its report; then none of them counts.
            try? await producer.flush(timeout: Self.transactionTimeout)
            try await producer.abortTransaction(timeout: Self.transactionTimeout)
            counts.abortedTransactions += 1
        } else {
            try await commit()
            counts.committedTransactions += 1
        }
    }

    private func commit() async throws(KafkaError) {
        do {
            try await producer.commitTransaction(timeout: Self.transactionTimeout)
        } catch {
            guard error.isRetriable, !error.isFatal else { throw error }
            try await producer.commitTransaction(timeout: Self.transactionTimeout)
        }
    }

    // MARK: Pace

    /// When messages are due.
    private struct Pace {
        var schedule: Schedule?
        /// Of the message that is not sent yet.
        var due: UInt64?
        let end: UInt64
        let last: Int
        let warmUp: UInt64
        let inFlight: Int
        /// Closed loop: the last look at the clock, and for how many messages it still serves.
        var seen: UInt64 = 0
        var serves = 0

        init(_ plan: Plan, _ generator: inout SeededGenerator) {
            let chance = generator.fork()
            schedule = plan.load.curve.map { Schedule($0, arrivals: plan.load.arrivals, generator: chance) }
            end = plan.load.duration.map { UInt64($0 / .nanoseconds(1)) } ?? .max
            last = plan.load.messages ?? .max
            warmUp = UInt64(plan.load.warmUp / .nanoseconds(1))
            inFlight = plan.load.inFlight ?? .max
        }

        /// The time, of every so manieth message; `nil` once it is up.
        mutating func look(every burst: Int, _ now: () -> UInt64) -> UInt64? {
            if serves == 0 {
                seen = now()
                serves = burst
            }
            serves -= 1
            return seen < end ? seen : nil
        }
    }

    /// When the next message is meant to be sent, once it is time; `nil` at the end.
    private func next(_ pace: inout Pace, _ number: Int) async -> UInt64? {
        guard number < pace.last, !isEnding else { return nil }
        guard pace.schedule != nil else { return await nextOfClosedLoop(&pace, number) }
        guard let due = pace.schedule?.next(), due < pace.end else { return nil }
        dueTime.store(due, ordering: .relaxed)
        while true {
            let now = now
            if now >= due {
                scheduleError.withLock { $0.record((now - due) / 1_000) }
                return due
            }
            if isEnding { return nil }
            let wait = min(due - now, Self.longestSleep)
            try? await Task.sleep(for: .nanoseconds(Int64(wait)), tolerance: .zero)
        }
    }

    /// When the next message of a closed loop is sent: now; `nil` where that takes more than a look.
    private func ready(_ pace: inout Pace, _ number: Int) -> UInt64? {
        guard pace.schedule == nil, pace.inFlight == .max, number < pace.last, !isEnding else { return nil }
        return pace.look(every: Self.burst) { now }
    }

    private func nextOfClosedLoop(_ pace: inout Pace, _ number: Int) async -> UInt64? {
        if pace.inFlight < .max {
            while number - tally.counts.reported >= pace.inFlight {
                if isEnding { return nil }
                try? await Task.sleep(for: .microseconds(100), tolerance: .zero)
                pace.serves = 0
            }
        }
        return pace.look(every: Self.burst) { now }
    }

    /// Hands the message over; where the queue is full, that is returned. One that is refused counts as failed.
    private func offer(_ record: Record, _ intended: UInt64) throws(KafkaError) -> RoomMark? {
        do {
            let attempt = try topics[record.topic].tryProduce(
                key: record.key, value: record.value, partition: record.partition, headers: record.headers,
                timestampMilliseconds: record.timestampMilliseconds, token: UInt(intended))
            if case .full(let mark) = attempt { return mark }
        } catch  where error.concernsOneMessage {
            tally.refused(error.code)
        }
        return nil
    }

    /// Whether the message was taken; not if the run was stopped while it waited for room.
    private func produce(_ record: Record, intended: UInt64) async throws(KafkaError) -> Bool {
        while let mark = try offer(record, intended) {
            await topics[record.topic].waitForRoom(since: mark)
            if isEnding { return false }
        }
        return true
    }

    /// Messages a second that the schedule asks for at this moment; 0 without one.
    package func targetRate(at nanoseconds: UInt64) -> Double {
        plan.load.curve?.rate(at: Double(nanoseconds) / 1e9) ?? 0
    }
}

extension ProducingRun.Counts {
    fileprivate mutating func count(_ record: Record, isMeasured: Bool) {
        let size = record.byteCount
        sent += 1
        bytes += size
        if isMeasured {
            measured += 1
            measuredBytes += size
        }
    }
}

extension KafkaError {
    /// Whether the next message may be taken all the same.
    fileprivate var concernsOneMessage: Bool {
        !isFatal
            && [
                .messageTooLarge, .topicAuthorizationFailed, .unknownTopic, .unknownPartition,
                .unknownTopicOrPartition,
            ].contains(code)
    }
}

/// The transaction under way, and whether it is to be aborted, which chance decides when it begins.
private struct OpenTransaction {
    private let settings: ProduceSettings.Transactions
    private var generator: SeededGenerator
    private var count = 0
    private(set) var isOpen = false
    private(set) var isToBeAborted = false

    init(_ settings: ProduceSettings.Transactions, _ generator: SeededGenerator) {
        self.settings = settings
        self.generator = generator
    }

    mutating func begin() {
        isOpen = true
        count = 0
        isToBeAborted = Double.random(in: 0..<1, using: &generator) < settings.abortRatio
    }

    mutating func end() { isOpen = false }

    /// Counts a message. Whether it was the last.
    mutating func takesOne() -> Bool {
        count += 1
        return count == settings.size
    }
}
