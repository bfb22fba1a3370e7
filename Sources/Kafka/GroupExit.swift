internal import Logging

/// A consumer's way out of its group and to its end, one step after the other.
///
/// librdkafka (2.0.2 to 2.15) tells the group nothing when it closes a member that takes partitions one by one and has
/// none (`rd_kafka_cgrp_revoke_all_rejoin`): the others would wait for it at their next rebalance, until its session
/// has expired. It does tell when such a member unsubscribes, if not before the rebalance that is going on.
struct GroupExit {
    private enum Step { case unsubscribed, closing, closed }

    private let deadline: ContinuousClock.Instant
    private let setup: ConsumerLoop.Setup
    private var step: Step
    private let isCooperative: Bool
    private var hasAnsweredRebalances = false

    /// - Parameters:
    ///   - hasPartitions: Whether closing has something to give back.
    ///   - unanswered: Rebalances that wait to be carried out.
    init(
        of client: Client, to queue: borrowing Queue, for setup: ConsumerLoop.Setup, hasPartitions: Bool,
        unanswered: [Rebalance], now: ContinuousClock.Instant
    ) {
        deadline = now + setup.timing.closeTimeout
        self.setup = setup
        step = .unsubscribed
        isCooperative = client.isCooperative
        // A member that takes all its partitions at once is let go without the answer, unless they are lost.
        hasAnsweredRebalances = !isCooperative && unanswered.contains { !$0.isLost }
        // A static member keeps its place.
        let isForgotten = isCooperative && !hasPartitions && !setup.isStaticMember && client.memberID != nil
        guard isForgotten else {
            close(client, to: queue)
            return
        }
        do throws(KafkaError) {
            try client.subscribe(to: [], while: operation)
        } catch {
            setup.logger.debug("\(error)")
        }
    }

    private var operation: String { "leaving group \(setup.group)" }

    private mutating func close(_ client: Client, to queue: borrowing Queue) {
        step = .closing
        do throws(KafkaError) {
            try client.beginClose(to: queue, while: operation)
        } catch {
            // A client that failed for good has no membership to give up.
            setup.logger.debug("\(error)")
            step = .closed
        }
    }

    /// Takes the next step if it is time. Returns whether there is none left.
    mutating func proceed(of client: Client, to queue: borrowing Queue, now: ContinuousClock.Instant) -> Bool {
        if step == .unsubscribed, client.memberID == nil { close(client, to: queue) }
        if isAnswered(of: client) { return true }
        guard now >= deadline else { return false }
        setup.logger.warning(
            "group \(setup.group): no answer to leaving within \(setup.timing.closeTimeout); ending without it")
        return true
    }

    /// From here on librdkafka may be called once more about the assignment, and not at all about the group: the end
    /// of the group (2.0.2 to 2.8, `rd_kafka_cgrp_terminated`) takes what waits in its queue with it, and who made such
    /// a call would wait for ever.
    var isClosing: Bool { step != .unsubscribed }

    /// The one call, if the group waits for it before it ends: it takes it for giving back all, whatever it asked for.
    mutating func answer(_ rebalances: [Rebalance], of client: Client) throws(KafkaError) {
        let isAwaited = isCooperative || rebalances.contains { $0.kind != .assign }
        guard isAwaited, !hasAnsweredRebalances else { return }
        hasAnsweredRebalances = true
        try client.unassign(while: operation)
    }

    /// Whether the group was left, or there was nothing to leave.
    func isAnswered(of client: Client) -> Bool {
        step == .closed || step == .closing && client.isConsumerClosed
    }
}
