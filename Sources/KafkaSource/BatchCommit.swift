// Decides which events of a batch may be handed over, from what the broker says of their offsets. A value: it calls
// nothing and waits for nothing.

package import Connector
package import Kafka

/// The commit of one batch, over as many attempts as it takes.
///
/// An event is acknowledged only if its offset is known to be committed while its partition was this member's. What
/// is not known is asked again, never assumed.
package struct BatchCommit {
    private enum Outcome: Equatable {
        case pending
        case committed
        case refused(String)
    }

    /// The events of one partition under one assignment.
    private struct Part {
        let partition: TopicPartition
        let epoch: UInt64
        var nextOffset: Int64
        var events = 1
        var outcome = Outcome.pending
        /// An attempt may have succeeded although nobody said so.
        var mayBeCommitted = false
        /// It may have succeeded beside a part that failed.
        var mayBeCommittedBesideOthers = false
        /// How often it was asked for alone.
        var attemptsAlone = 0
    }

    private let batch: [Event]
    /// Set where the brokers deny this client the right to commit: events that it must not pass over.
    package private(set) var denial: KafkaError?
    private var parts: [Part] = []
    /// For each event, its part.
    private var partIndexes: [Int] = []
    /// librdkafka tells the error of one partition of all that were committed with it (2.0.2 to 2.15,
    /// `rd_kafka_cgrp_update_committed_offsets`). After the first, each is asked for alone.
    private var isOneByOne = false

    package init(_ batch: [Event]) {
        self.batch = batch
        partIndexes.reserveCapacity(batch.count)
        for event in batch { partIndexes.append(add(event)) }
    }

    private mutating func add(_ event: Event) -> Int {
        let isOf = { (part: Part) in
            part.partition.partition == event.id.partition && part.epoch == event.epoch.number
                && part.partition.topic == event.id.topic
        }
        // Events of one partition mostly follow one another.
        if let last = partIndexes.last, isOf(parts[last]) { return extend(last, to: event) }
        if let index = parts.firstIndex(where: isOf) { return extend(index, to: event) }
        parts.append(
            Part(
                partition: TopicPartition(event.id.topic, event.id.partition), epoch: event.epoch.number,
                nextOffset: event.id.offset + 1))
        return parts.count - 1
    }

    private mutating func extend(_ index: Int, to event: Event) -> Int {
        parts[index].nextOffset = max(parts[index].nextOffset, event.id.offset + 1)
        parts[index].events += 1
        return index
    }

    private var undecided: [Int] { parts.indices.filter { parts[$0].outcome == .pending } }

    /// The parts of the attempt that is next: of those to be asked for alone, the one asked for least.
    private var asked: [Int] {
        guard isOneByOne else { return undecided }
        return undecided.min { parts[$0].attemptsAlone < parts[$1].attemptsAlone }.map { [$0] } ?? []
    }

    /// What to commit now; empty when everything is decided.
    package var offsets: [TopicPartitionOffset] {
        asked.map { TopicPartitionOffset(parts[$0].partition, parts[$0].nextOffset) }
    }

    /// What these offsets are of.
    package var pending: [CommitsUnderWay.Part] { asked.map { (parts[$0].partition, parts[$0].epoch) } }

    /// Whether what is next was asked for already, so that some time should pass before.
    package var isRepetition: Bool {
        guard isOneByOne else { return true }
        let attempts = undecided.map { parts[$0].attemptsAlone }
        return attempts.max() == attempts.min() && attempts.first != 0
    }

    /// Where the batch ends in each partition, whatever became of it.
    package var ends: [(partition: TopicPartition, epoch: UInt64, nextOffset: Int64)] {
        parts.map { ($0.partition, $0.epoch, $0.nextOffset) }
    }

    // MARK: What happened

    /// Refuses what is no longer this member's.
    package mutating func dropStale(isHeld: (TopicPartition, _ epoch: UInt64) -> Bool) {
        for index in parts.indices where parts[index].outcome == .pending {
            guard !isHeld(parts[index].partition, parts[index].epoch) else { continue }
            refuse(index, "revoked")
        }
    }

    /// librdkafka repeats a commit by itself when the connection breaks, after `retry.backoff.ms` (100 ms or more, less
    /// a fifth of it by chance): an answer that took longer may be to a repetition, and the first have taken effect.
    package static let shortestRepetition = Duration.milliseconds(80)

    /// The broker answered.
    ///
    /// - Parameter time: From the commit to its answer.
    package mutating func apply(_ results: [PartitionResult], after time: Duration = .zero) {
        let asked = asked
        for index in asked {
            // Without a result of its own the outcome stays unknown.
            guard let result = results.first(where: { $0.partition == parts[index].partition }) else {
                parts[index].mayBeCommitted = true
                continue
            }
            guard let code = result.error else {
                parts[index].outcome = .committed
                continue
            }
            if asked.count > 1 && code.isOfOnePartition {
                parts[index].mayBeCommittedBesideOthers = true
                isOneByOne = true
                continue
            }
            let error = KafkaError(code, while: "committing \(parts[index].partition)@\(parts[index].nextOffset)")
            apply(error, after: time, to: index)
        }
        noteAttempt(at: asked)
    }

    private mutating func noteAttempt(at asked: [Int]) {
        if asked.count == 1 { parts[asked[0]].attemptsAlone += 1 }
    }

    /// The commit failed as a whole.
    ///
    /// - Parameter time: From the commit to its failure.
    package mutating func apply(_ error: KafkaError, after time: Duration = .zero) {
        let asked = asked
        for index in asked { apply(error, after: time, to: index) }
        noteAttempt(at: asked)
    }

    /// Refuses only what others read again: what is not this member's any more, and what this client may not commit,
    /// with which its stream ends. Events that were refused while their partition stays held would be lost, for the
    /// next commit passes them.
    private mutating func apply(_ error: KafkaError, after time: Duration, to index: Int) {
        let code = error.code
        if code.isOfMembership || code.isRetriable, time >= Self.shortestRepetition {
            parts[index].mayBeCommitted = true
        }
        switch code {
        case .assignmentLost:
            parts[index].mayBeCommitted = true
            refuse(index, "revoked")
        // It was not even asked for: that the partition went was told before.
        case .state: break
        // The commit was for an earlier membership. While the partition is held, as over a cooperative rebalance,
        // nobody else reads these events: it is asked again, under the new generation. Who is out is told so.
        case .illegalGeneration, .unknownMember: break
        case .fencedInstance, .fenced: refuse(index, "fenced")
        case _ where code.isAuthorization:
            denial = denial ?? error
            // It was denied before, too.
            parts[index].mayBeCommittedBesideOthers = false
            refuse(index, "unauthorized")
        case .unknownServerError: parts[index].mayBeCommitted = true
        default: if code.leavesOutcomeUnknown { parts[index].mayBeCommitted = true }
        }
    }

    /// Nobody asks any more.
    package mutating func giveUp(_ reason: String) {
        for index in parts.indices where parts[index].outcome == .pending { refuse(index, reason) }
    }

    /// If an attempt may have succeeded, the events may be nobody's: that is a reason of its own.
    private mutating func refuse(_ index: Int, _ reason: String) {
        let isUnknown = parts[index].mayBeCommitted || parts[index].mayBeCommittedBesideOthers
        parts[index].outcome = .refused(isUnknown ? "outcome-unknown" : reason)
    }

    // MARK: Result

    package var acknowledgement: Acknowledgement {
        if parts.allSatisfy({ $0.outcome == .committed }) { return Acknowledgement(acknowledged: batch) }
        let acknowledged = zip(batch, partIndexes).filter { parts[$1].outcome == .committed }.map(\.0)
        var refused: [(reason: String, events: Int)] = []
        for part in parts {
            guard case .refused(let reason) = part.outcome else { continue }
            if let index = refused.firstIndex(where: { $0.reason == reason }) {
                refused[index].events += part.events
            } else {
                refused.append((reason, part.events))
            }
        }
        return Acknowledgement(acknowledged: acknowledged, refused: refused)
    }
}
