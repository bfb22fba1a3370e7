// What one life of a replica tells the trace; nothing more once the process is gone.

import Connector
import Kafka
import KafkaProtocol
import Simulation

// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class ReplicaTrace: ConnectorObserver, @unchecked Sendable {
    let lane: Int
    let life: Int
    private let trace: Trace
    private let index: SystemIndex
    private let checks: Checks
    var isMuted = false
    /// Events taken and not yet ended.
    private(set) var inHand = 0
    private(set) var isStopped = false
    private(set) var isDraining = false

    init(_ trace: Trace, _ index: SystemIndex, _ checks: Checks, lane: Int, life: Int) {
        self.trace = trace
        self.index = index
        self.checks = checks
        self.lane = lane
        self.life = life
    }

    func note(
        _ kind: SystemEvent.Kind, partition: Int = -1, function: Int = -1, offset: Int64 = -1, detail: Int64 = 0
    ) {
        guard !isMuted else { return }
        trace.record(
            SystemEvent(
                kind, lane: lane, life: life, partition: partition, function: function, offset: offset, detail: detail))
    }

    private func note(_ kind: SystemEvent.Kind, _ event: Event, function: FunctionName? = nil, detail: Int64 = 0) {
        note(
            kind, partition: index.partition(event.id), function: function.map(index.function) ?? -1,
            offset: event.id.offset, detail: detail)
    }

    private func note(_ kind: SystemEvent.Kind, _ partitions: [SourcePartition]) {
        for partition in partitions { note(kind, partition: index.partition(partition.topic, partition.partition)) }
    }

    // MARK: The source

    func record(_ event: ConsumerEvent) {
        switch event {
        case .assigned(let partitions, let epoch):
            for partition in partitions {
                note(.assigned, partition: index.partition(partition.topic, partition.partition), detail: Int64(epoch))
            }
        case .revoked(let partitions, let isLost, let epoch):
            if isLost { checks.reached("partitions are lost") }
            for partition in partitions {
                note(
                    isLost ? .lost : .revoked, partition: index.partition(partition.topic, partition.partition),
                    detail: Int64(epoch))
            }
        // Nothing cuts a log here.
        case .restarted, .progress, .ends, .member, .error, .endOfPartition, .statistics: break
        }
    }

    func handedOut(_ messages: [SimulatedConsumer.Message]) {
        var start = 0
        while start < messages.count {
            let partition = messages[start].partition
            let end = messages[start...].firstIndex { $0.partition != partition } ?? messages.count
            note(
                .handedOut, partition: index.partition(partition.topic, partition.partition),
                offset: messages[start].record.offset, detail: Int64(end - start))
            start = end
        }
    }

    func acknowledged(_ batch: [Event], _ answer: Acknowledgement) {
        var rest = answer.acknowledged[...]
        let reasons = answer.refused.map { RefusalReason($0.reason) }
        // Which of several reasons a single event has, the source does not say; the one that says least is taken.
        let reason = reasons.contains(.outcomeUnknown) ? .outcomeUnknown : reasons.first ?? .other
        for refusal in answer.refused { checks.reached("a batch is refused: \(refusal.reason)") }
        for event in batch {
            if rest.first === event {
                rest.removeFirst()
                note(.acknowledged, event)
            } else {
                note(.refused, event, detail: reason.rawValue)
            }
        }
    }

    // MARK: The gateway

    func arrived(_ function: FunctionName, _ event: Event) {
        // The request was sent by a process that may be gone by now; it arrives all the same.
        trace.record(
            SystemEvent(
                .arrived, lane: lane, life: life, partition: index.partition(event.id),
                function: index.function(function), offset: event.id.offset))
    }

    // MARK: The connector

    func connector(did step: ConnectorStep) {
        guard !isMuted else { return }
        switch step {
        case .mapSynced(let map, _): note(.mapSynced, detail: index.bits(map))
        case .mapFailed: note(.mapFailed)
        case .notice, .deadLetterFailed: break
        case .paused(let partitions):
            checks.reached("a partition is paused")
            note(.paused, partitions)
        case .resumed(let partitions): note(.resumed, partitions)
        case .received(let event):
            inHand += 1
            note(.received, event)
        case .refused, .starting: break
        case .invoking(let function, let event): note(.calling, event, function: function)
        case .replied(let function, let event, let reply, _):
            note(.replied, event, function: function, detail: Int64(reply.status))
        case .failed(let function, let event, let failure, _):
            checks.reached("a call fails: \(failure.kind.rawValue)")
            note(.failed, event, function: function)
        case .retrying(let function, let event, let attempt, _):
            checks.reached("a call is repeated")
            note(.retrying, event, function: function, detail: Int64(attempt))
        case .gaveUp(let function, let event, let reason): gaveUp(function, event, reason)
        case .deadLettered(let letter, let reason): gaveUp(letter.function, letter.event, reason)
        case .skipped(let event, _): end(.skipped, event)
        case .handled(let event): end(.handled, event)
        case .dropped(let event, _):
            checks.reached("an event is dropped at shutdown")
            end(.dropped, event)
        case .returned(let event):
            checks.reached("an event is returned")
            end(.returned, event)
        case .draining:
            isDraining = true
            note(.draining)
        case .stopped:
            isStopped = true
            note(.stopped)
        }
    }

    private func gaveUp(_ function: FunctionName, _ event: Event, _ reason: GiveUpReason) {
        checks.reached("a call is given up: \(reason.rawValue)")
        note(.gaveUp, event, function: function)
    }

    private func end(_ kind: SystemEvent.Kind, _ event: Event) {
        inHand -= 1
        note(kind, event)
    }
}
