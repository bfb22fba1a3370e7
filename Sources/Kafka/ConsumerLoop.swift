// The consumer's own thread. It reads librdkafka's queues, carries out commands and resumes those who wait.
//
// It decides when messages are taken from librdkafka (only when someone wants them), tells it often enough that this
// member lives, and decides when the partitions that the group asks back are given. It may never
// hold more than one batch, hand out a message of a partition that is not held, or call into Swift concurrency out of
// a callback of librdkafka: continuations are resumed between two calls into it.

internal import Logging
internal import Threads

final class ConsumerLoop {
    let client: Client
    let setup: Setup
    var mailbox: ConsumerMailbox { setup.mailbox }
    let clock = ContinuousClock()

    let events: Queue
    /// Rebalances and errors, and what is fetched of a partition that has no queue of its own.
    private let consumer: Queue
    private var queues = PartitionQueues()
    /// Where librdkafka sends the end of the group membership.
    private let farewell: Queue
    private var buffer = MessageBuffer(capacity: Consumer.maxBatch)
    private var origins: MessageOrigins

    var assignment = Assignment()
    private var rebalances: [Rebalance] = []
    private var commitGraceEnd: ContinuousClock.Instant?
    /// Of the assignment that is next.
    private var lookup: StartLookup?
    /// `nil` if that was not asked for.
    private var areNewStartsCommitted: Bool?
    private let ends = EndLookup()
    private var memberID: String?
    private var hasSubscribed = false
    private var wasAssigned = false
    var commits: PendingCommits
    var automaticCommits = AutomaticCommits()

    private var closeReplies: [CloseReply] = []
    private var exit: GroupExit?

    init(_ client: Client, queue: consuming Queue, setup: Setup) {
        self.client = client
        self.setup = setup
        consumer = queue
        events = Queue.main(of: client)
        farewell = Queue.new(in: client)
        origins = MessageOrigins(client: client)
        commits = PendingCommits(operation: "committing offsets of group \(setup.group)")
        events.wake(setup.wake)
        consumer.wake(setup.wake)
        farewell.wake(setup.wake)
    }

    /// Runs until the consumer is closed.
    func run() -> End {
        while true {
            storeOffsets()
            for command in mailbox.takeCommands() { command.run(self) }
            let hasCommitted = serveEvents()
            commits.expire(at: clock.now)
            // Who commits before handing over asks for the next batch right after.
            let mayHaveMore = serveMessages(isAwaited: hasCommitted)
            serveRebalances()
            if exit?.proceed(of: client, to: farewell, now: clock.now) ?? false { break }
            if !mayHaveMore { wait() }
        }
        mailbox.leave()
        commits.failAll(.closed(while: commits.operation))
        if Client.mayNotEndBeforeAssignment, hasSubscribed, !wasAssigned { client.abandon(with: setup.wake) }
        return End(replies: closeReplies, isAnswered: exit?.isAnswered(of: client) ?? false)
    }

    private func wait() {
        if mailbox.room() > 0 {
            setup.wake.wait(or: setup.news, timeout: timeToNextStep)
        } else {
            setup.wake.wait(timeout: timeToNextStep)
        }
    }

    // MARK: Messages

    /// Takes messages if they are wanted. Returns whether there may be more.
    private func serveMessages(isAwaited: Bool) -> Bool {
        let room = mailbox.room(isAwaited: isAwaited)
        var batch = Batch()
        origins.beginBatch()
        // Polled even if nothing is wanted. Messages seldom come this way.
        consumer.consume(into: &buffer, max: room > 0 ? room : Consumer.maxBatch)
        noteRebalances()
        var count = buffer.count
        buffer.drain { take($0, into: &batch) }
        if room > count {
            count += queues.consume(
                max: room - count, leastShare: setup.leastShare, through: &buffer, resting: assignment.resting
            ) {
                take($0, into: &batch)
            }
        }
        endRun(of: batch)
        mailbox.deliver(batch.messages)
        return count > 0 && room > 0
    }

    private func take(_ message: consuming RawMessage, into batch: inout Batch) {
        let origin = origins.origin(of: message)
        if let error = message.error {
            report(error, of: message, topic: origin?.topic)
            return
        }
        guard let origin else { return }
        let partition = message.partition
        if !(batch.run?.isOf(origin, partition) ?? false) {
            endRun(of: batch)
            let partition = TopicPartition(origin.topic, partition)
            let place = assignment.place(in: partition)
            batch.run = Run(origin: origin, partition: partition, epoch: place?.epoch, next: place?.next ?? 0)
        }
        let offset = message.offset
        if batch.run?.hasPassed(offset) ?? false { beginAnew(at: offset, &batch) }
        batch.run?.next = offset + 1
        // Without an epoch the partition is no longer held: whoever owns it now reads the message again.
        guard let epoch = batch.run?.epoch else { return }
        batch.messages.append(ConsumerMessage(message, from: origin, epoch: epoch))
    }

    private func endRun(of batch: borrowing Batch) {
        if let run = batch.run { assignment.note(next: run.next, of: run.partition) }
    }

    /// The log was cut, or made anew. What was taken of the old one and not handed out is nobody's.
    private func beginAnew(at offset: Int64, _ batch: inout Batch) {
        guard let partition = batch.run?.partition else { return }
        assignment.beginAnew(partition)
        batch.run?.epoch = assignment.epoch(of: partition)
        batch.messages.removeAll { $0.topicPartition == partition }
        dropUnheld()
        setup.onEvent(.restarted(partition, at: offset, epoch: assignment.epoch))
    }

    private func report(_ code: ErrorCode, of message: borrowing RawMessage, topic: String?) {
        let partition = topic.map { TopicPartition($0, message.partition) }
        if code == .partitionEOF, let partition {
            setup.onEvent(.endOfPartition(partition, offset: message.offset))
            return
        }
        let operation = "consuming\(topic.map { " \($0)" } ?? "") as group \(setup.group)"
        // What ends a consumer comes among its messages, and only librdkafka's instance knows what it was.
        if code == .fatal, let fatal = client.fatalFailure(while: operation) {
            report(fatal)
        } else {
            setup.onEvent(.error(KafkaError(code, while: operation, reason: message.errorText), partition))
        }
    }

    // MARK: Rebalance

    /// Takes over what the callback noted. From here on nothing of a revoked partition is handed out.
    private func noteRebalances() {
        let new = setup.inbox.takeAll()
        guard !new.isEmpty else { return }
        for rebalance in new {
            if rebalance.kind == .assign {
                wasAssigned = true
            } else {
                assignment.beginRemoving(rebalance.partitions.map(\.partition))
            }
        }
        rebalances += new
        dropUnheld()
    }

    private func dropUnheld() {
        mailbox.drop { assignment.epoch(of: $0.topicPartition) != $0.assignmentEpoch }
    }

    private func serveRebalances() {
        if isLeaving { return giveBackAll() }
        while let next = rebalances.first {
            switch next.kind {
            case .assign:
                guard let starts = starts(of: next.partitions) else { return }
                carryOutAssign(starts)
            case .revoke(let isLost):
                // A commit that is under way must be answered while its partitions are still held: only then does its
                // result say whether the events may be handled.
                if !isLost, mustWaitForCommits { return }
                carryOutRevoke(next.partitions.map(\.partition), isLost: isLost)
            case .failed(let code):
                setup.onEvent(.error(KafkaError(code, while: "joining group \(setup.group)"), nil))
                carryOutRevoke(assignment.partitions, isLost: true)
            }
            rebalances.removeFirst()
        }
    }

    /// `nil` while the brokers are asked.
    private func starts(of offsets: [TopicPartitionOffset]) -> [TopicPartitionOffset]? {
        // Who leaves reads nothing any more.
        guard exit == nil, !offsets.isEmpty else { return offsets }
        let lookup = lookup ?? StartLookup(offsets, reset: setup.reset, for: setup, through: client)
        self.lookup = lookup
        guard let starts = lookup.starts, areCommitted(starts) else { return nil }
        self.lookup = nil
        areNewStartsCommitted = nil
        return starts.all
    }

    /// Whether nothing is to be waited for. What begins at the end would begin at another end the next time.
    private func areCommitted(_ starts: StartLookup.Starts) -> Bool {
        guard setup.commitsStarts, setup.reset == TopicPartitionOffset.end, !starts.new.isEmpty else { return true }
        if areNewStartsCommitted == nil {
            areNewStartsCommitted = false
            commit(starts: starts.new) { [self] in areNewStartsCommitted = true }
        }
        return areNewStartsCommitted == true
    }

    private var mustWaitForCommits: Bool {
        guard !commits.isEmpty else { return false }
        // Something must be left of the time for leaving.
        let grace = exit == nil ? setup.timing.commitGrace : setup.timing.commitGrace / 2
        let end = commitGraceEnd ?? clock.now + grace
        commitGraceEnd = end
        return clock.now < end
    }

    private func carryOutAssign(_ offsets: [TopicPartitionOffset]) {
        let partitions = offsets.map(\.partition)
        queues.split(partitions, of: client, wake: setup.news, through: &buffer)
        let operation = "taking partitions for group \(setup.group)"
        do throws(KafkaError) {
            if client.isCooperative {
                try client.incrementalAssign(offsets, while: operation)
            } else {
                try client.assign(offsets, while: operation)
            }
        } catch {
            setup.onEvent(.error(error, nil))
            return
        }
        assignment.add(partitions)
        mailbox.release { _ in true }
        setup.onEvent(.assigned(partitions.sorted(), epoch: assignment.epoch))
        tellProgress(offsets)
        tellMember()
    }

    private func tellProgress(_ offsets: [TopicPartitionOffset]) {
        let known = offsets.filter { $0.offset >= 0 }
        if !known.isEmpty { setup.onEvent(.progress(known)) }
    }

    private func tellMember() {
        guard let id = client.memberID, id != memberID else { return }
        memberID = id
        setup.onEvent(.member(id: id))
    }

    /// - Parameter leaving: What the group has asked, if it is being left.
    private func carryOutRevoke(_ partitions: [TopicPartition], isLost: Bool, leaving: [Rebalance] = []) {
        commitGraceEnd = nil
        assignment.remove(partitions)
        // Told before the group is: what is begun after that could be another member's.
        setup.onEvent(.revoked(partitions.sorted(), isLost: isLost, epoch: assignment.epoch))
        // What was settled up to now is committed with what is given back.
        storeOffsets()
        automaticCommits.remove(partitions)
        do throws(KafkaError) {
            if leaving.isEmpty { try unassign(partitions) } else { try exit?.answer(leaving, of: client) }
        } catch {
            setup.onEvent(.error(error, nil))
        }
        queues.drop(partitions, through: &buffer)
        mailbox.release { _ in true }
    }

    private func unassign(_ partitions: [TopicPartition]) throws(KafkaError) {
        let operation = "giving up partitions of group \(setup.group)"
        if client.isCooperative && !partitions.isEmpty {
            let offsets = partitions.map { TopicPartitionOffset($0, TopicPartitionOffset.none) }
            try client.incrementalUnassign(offsets, while: operation)
        } else {
            try client.unassign(while: operation)
        }
    }

    private var isLeaving: Bool { exit?.isClosing ?? false }

    /// While the group is being left: everything, whatever it asked for.
    private func giveBackAll() {
        guard !rebalances.isEmpty else { return }
        let isLost = rebalances.contains(where: \.isLost)
        if !isLost, mustWaitForCommits { return }
        defer { rebalances = [] }
        carryOutRevoke(assignment.partitions, isLost: isLost, leaving: rebalances)
    }

    // MARK: Events

    /// Returns whether a commit was answered.
    private func serveEvents() -> Bool {
        var hasCommitted = false
        while let event = events.poll(timeout: .zero) {
            switch event.content {
            case .committed(let id, let error, let results):
                commits.finish(id, error, results, under: assignment)
                let isAlone = id == PendingCommits.nobodys
                if commits.isNobodys(id),
                    let failure = automaticCommits.take(error, results, isAlone: isAlone, in: assignment)
                {
                    report(KafkaError(failure, while: commits.operation))
                }
                tellProgress(results.compactMap(\.place))
                hasCommitted = true
            case .error(let error): report(error)
            case .log(let level, let facility, let text): setup.logger.librdkafka(level, facility, text)
            case .statistics(let json): report(statistics: json)
            case .tokenRefresh: if let tokens = setup.tokens { client.setToken(from: tokens) }
            case .deliveries: break
            case .other(let name): setup.logger.debug("librdkafka event not handled: \(name)")
            }
        }
        return hasCommitted
    }

    private func report(_ error: KafkaError) {
        if error.isFatal { mailbox.end(error) }
        setup.onEvent(.error(error, nil))
    }

    private func report(statistics json: String) {
        do {
            var statistics = try Statistics(json: json)
            statistics.add(ready: mailbox.counts())
            setup.onEvent(.statistics(statistics))
            queues.releaseDropped(through: &buffer)
            automaticCommits.tick()
            guard exit == nil else { return }
            let full = statistics.partitions.filter { $0.fetched > 0 }.map(\.partition)
            ends.begin(of: full.filter { assignment.epoch(of: $0) != nil }, for: setup, through: client)
        } catch {
            setup.logger.warning("statistics of librdkafka could not be read: \(error)")
        }
    }

    // MARK: Commands

    func subscribe(to topics: [String], while operation: String) -> Result<Void, KafkaError> {
        guard exit == nil else { return .failure(.closed(while: operation)) }
        hasSubscribed = true
        return Result { () throws(KafkaError) in try client.subscribe(to: topics, while: operation) }
    }

    func assign(_ offsets: [TopicPartitionOffset]) -> Result<Void, KafkaError> {
        guard exit == nil else { return .failure(.closed(while: "assigning \(offsets)")) }
        return Result { () throws(KafkaError) in
            queues.drop(assignment.partitions, through: &buffer)
            queues.split(offsets.map(\.partition), of: client, wake: setup.news, through: &buffer)
            try client.assign(only: offsets, while: "assigning \(offsets)")
            assignment.remove(assignment.partitions)
            assignment.add(offsets.map(\.partition))
            dropUnheld()
        }
    }

    // MARK: End

    func close(reply: CloseReply?) {
        if let reply { closeReplies.append(reply) }
        guard exit == nil else { return }
        mailbox.end(nil)
        // What the group has asked up to now; nobody gets messages any more.
        consumer.consume(into: &buffer, max: Consumer.maxBatch)
        buffer.drain { _ in }
        noteRebalances()
        // Without the answer to that it would not be let go.
        while rebalances.first?.isEmptyAssignment ?? false {
            carryOutAssign([])
            rebalances.removeFirst()
        }
        exit = GroupExit(
            of: client, to: farewell, for: setup, hasPartitions: !assignment.isGivenBack, unanswered: rebalances,
            now: clock.now)
    }

    private var timeToNextStep: Duration {
        if exit != nil { return .milliseconds(100) }
        var time = setup.timing.keepAlive
        if let deadline = commits.nextDeadline { time = min(time, clock.now.duration(to: deadline)) }
        if let commitGraceEnd { time = min(time, clock.now.duration(to: commitGraceEnd)) }
        return max(.zero, time)
    }
}
