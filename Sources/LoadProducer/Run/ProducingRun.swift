// Produces the records of a run, each when it is meant to be sent.
//
// An open loop does not wait for the brokers: a message that is late because the queue was full keeps its intended
// time, so that latencies measured from it do not leave out the waiting.

import Dispatch
import HTTP
package import Kafka
import LoadGenerators
import SeededRandom
import Synchronization
import Threads

package final class ProducingRun: Sendable {
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
    private let lines: LineFeed?

    /// The clock of the schedule starts now.
    ///
    /// - Parameter lines: The values, where the plan says that they are lines.
    package init(_ plan: Plan, topics: [ProducerTopic], producer: Producer, tally: Tally, lines: LineFeed? = nil) {
        self.plan = plan
        self.topics = topics
        self.producer = producer
        self.tally = tally
        self.lines = lines
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
    package func stop() {
        isStopped.store(true, ordering: .relaxed)
        lines?.stop()
    }

    /// A signal asked for the end.
    package func interrupt() {
        wasInterrupted.store(true, ordering: .relaxed)
        stop()
    }

    package var isInterrupted: Bool { wasInterrupted.load(ordering: .relaxed) }

    private var isEnding: Bool { isStopped.load(ordering: .relaxed) }

    /// Runs until all messages are produced, the time or the lines are up, `stop`, or the end of the producer.
    /// - Throws: Why librdkafka does not take a message or a transaction, or the lines cannot be read.
    package func run() async throws {
        try await BlockingExecutor.run("producing") { try await self.produce() }
    }

    private func produce() async throws {
        var generator = SeededGenerator(seed: plan.seed)
        let maker = RecordMaker(plan.records, partitionCounts: plan.partitionCounts, generator: &generator)
        var burst = Burst(maker, plan, lines.map(LineCursor.init), &generator)
        defer {
            counts.withLock { $0 = burst.counts }
            scheduleError.withLock { $0 = burst.scheduleError }
            dueTime.store(0, ordering: .relaxed)
            lines?.stop()
        }
        if burst.transaction != nil { try await producer.initTransactions(timeout: .seconds(30)) }
        producing: while !isEnding {
            let now = now
            let unreported = plan.load.inFlight == nil ? 0 : burst.counts.sent - tally.counts.reported
            let wait = burst.gather(now: now, unreported: unreported, startTime: startTime)
            dueTime.store(burst.due ?? 0, ordering: .relaxed)
            guard burst.isEmpty else {
                guard try await handOver(&burst) else { break }
                continue
            }
            switch wait {
            case .end: break producing
            case .failed(let failure): throw failure
            case .forLines: await lines?.wait()
            case .forReports: Thread.sleep(nanoseconds: 100_000)
            case .until(let due): Thread.sleep(nanoseconds: min(due - now, Self.longestSleep))
            }
        }
        if burst.transaction?.isOpen == true { try await end(&burst) }
    }

    /// Whether all of it was taken or refused; not if the run was stopped while it waited for room.
    private func handOver(_ burst: inout Burst) async throws(KafkaError) -> Bool {
        if burst.transaction?.isOpen == false {
            try producer.beginTransaction()
            burst.transaction?.open()
        }
        for index in topics.indices where !burst.batches[index].messages.isEmpty {
            var first = 0
            while true {
                let outcome = try topics[index].tryProduce(burst.batches[index], from: first)
                for refusal in outcome.refusals {
                    guard refusal.concernsOneMessage else { throw refusal }
                    tally.refused(refusal.code)
                }
                burst.count(first..<outcome.end, of: index, at: now)
                sent.store(burst.counts.sent, ordering: .relaxed)
                bytes.store(burst.counts.bytes, ordering: .relaxed)
                first = outcome.end
                guard let mark = outcome.full else { break }
                await topics[index].waitForRoom(since: mark)
                if isEnding { return false }
            }
        }
        burst.removeAll()
        if burst.transaction?.isComplete == true { try await end(&burst) }
        return true
    }

    private func end(_ burst: inout Burst) async throws(KafkaError) {
        let isAborting = burst.transaction?.isToBeAborted ?? false
        burst.transaction?.end()
        if isAborting {
            // The brokers get the records, and every one its report; then none of them counts.
            try? await producer.flush(timeout: Self.transactionTimeout)
            try await producer.abortTransaction(timeout: Self.transactionTimeout)
            burst.counts.abortedTransactions += 1
        } else {
            try await commit()
            burst.counts.committedTransactions += 1
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

    /// Messages a second that the schedule asks for at this moment; 0 without one.
    package func targetRate(at nanoseconds: UInt64) -> Double {
        plan.load.curve?.rate(at: Double(nanoseconds) / 1e9) ?? 0
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
