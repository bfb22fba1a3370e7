// A consumer: member of a group, or reader of given partitions.
//
// Messages are pulled, one batch at a time, of all partitions in turn. While nobody asks, at most one batch is kept
// ready, and of each partition what librdkafka fetches ahead (`queued.max.messages.kbytes`, which is by partition
// here), so memory stays bounded and the group keeps this member, however slow the reader is. Offsets are committed
// only when asked; what a commit achieved is told for each partition. All calls go to the consumer's own thread.

package import Logging
internal import Synchronization
internal import Threads

package final class Consumer: Sendable {
    /// The most messages in one batch.
    package static let maxBatch = 10_000

    private let mailbox: ConsumerMailbox
    private let lastTicket = Atomic<UInt64>(0)
    private let operationSuffix: String
    private let logger: Logger
    /// How long leaving the group and ending the client may take together.
    private let closeLimit: Duration

    /// Starts the client; it connects in the background, and a broker that is down is not an error.
    ///
    /// - Parameters:
    ///   - configuration: Must name a group. What is not set is librdkafka's default.
    ///   - commitTimeout: After how long without an answer the outcome of a commit counts as unknown.
    ///   - closeTimeout: How long leaving the group may take.
    ///   - commitsStarts: Whether the end at which a partition begins that the group has committed nothing of
    ///     (`auto.offset.reset=latest`) is committed before anything of it is handed out. Otherwise its next owner may
    ///     begin at a later one. Default false.
    ///   - leastShare: How many messages are taken of one partition, if it has them, before the next has its turn. A
    ///     batch has something of the more partitions the smaller it is; each turn costs as much as some messages do.
    ///     Default 1.
    ///   - tokens: For OAUTHBEARER; `nil` leaves that to librdkafka.
    ///   - onEvent: Called on the consumer's thread; must return at once.
    /// - Throws: `ConfigurationError` for what librdkafka does not accept; `KafkaError` if the system has no pipe left.
    package init(
        configuration: Configuration, logger: Logger,
        commitTimeout: Duration = .seconds(10), closeTimeout: Duration = .seconds(10),
        commitsStarts: Bool = false, leastShare: Int = 1, tokens: TokenProvider? = nil,
        onEvent: @escaping @Sendable (ConsumerEvent) -> Void = { _ in }
    ) throws {
        guard let group = configuration.groupID, !group.isEmpty else {
            throw ConfigurationError(
                Configuration.Property(name: "group.id", value: ""), reason: "a consumer must name its group")
        }
        var configuration = configuration
        configuration.setDefault("log_level", to: String(logger.logLevel.syslog))
        let prepared = try ClientConfiguration.checked(configuration)
        let inbox = RebalanceInbox()
        prepared.enableEvents(for: .consumer, tokens: tokens != nil)
        prepared.noteRebalances(in: inbox)
        let maxPoll = prepared.value(of: "max.poll.interval.ms").flatMap(Int.init) ?? 300_000
        let timing = ConsumerLoop.Timing(
            keepAlive: min(.seconds(30), .milliseconds(maxPoll / 4)),
            commitGrace: min(.seconds(10), .milliseconds(maxPoll / 2)), commitTimeout: commitTimeout,
            closeTimeout: closeTimeout)

        let (wake, news) = (try Self.makePipe(), try Self.makePipe())
        let client = try prepared.makeClient(.consumer, using: [inbox, wake, news])
        client.forwardLogToMainQueue()
        mailbox = ConsumerMailbox(wake: wake)
        operationSuffix = "group \(group)"
        self.logger = logger
        closeLimit = closeTimeout + Client.endTimeout + .seconds(5)
        let setup = ConsumerLoop.Setup(
            group: group, timing: timing, logger: logger, onEvent: onEvent, mailbox: mailbox, wake: wake, news: news,
            inbox: inbox, tokens: tokens, isStaticMember: configuration.groupInstanceID != nil,
            commitsAtIntervals: configuration.isAutoCommitEnabled ?? true, reset: configuration.resetOffset,
            commitsStarts: commitsStarts, leastShare: max(1, leastShare))
        let slot = ClientSlot(client)
        Thread.detach("kafka-consumer") { Self.runThread(slot, setup) }
    }

    deinit { mailbox.post(ConsumerCommand(run: { $0.close(reply: nil) }, abandon: {})) }

    private static func makePipe() throws(KafkaError) -> WakePipe {
        do { return try WakePipe() } catch {
            throw KafkaError(
                .outOfResources, while: "opening a pipe", reason: "\(error.reason); raise the limit of open files")
        }
    }

    private static func runThread(_ slot: ClientSlot, _ setup: ConsumerLoop.Setup) {
        var client = slot.take()
        let end = client.map { runLoop($0, setup) } ?? ConsumerLoop.End(replies: [], isAnswered: true)
        // Where no broker answers, librdkafka goes on to wait for what is under way, and nobody waits for that.
        if !end.isAnswered { end.reply() }
        // Messages that are still in use keep the client alive, and it ends with the last of them.
        Client.end(&client, logger: setup.logger)
        if end.isAnswered { end.reply() }
    }

    /// By itself, so that nothing of the loop is left when it returns.
    @inline(never)
    private static func runLoop(_ client: Client, _ setup: ConsumerLoop.Setup) -> ConsumerLoop.End {
        guard let queue = Queue.consumer(of: client) else {
            preconditionFailure("librdkafka gives every consumer with a group a queue")
        }
        return ConsumerLoop(client, queue: queue, setup: setup).run()
    }

    // MARK: Messages

    /// Waits for messages: at least one, at most `max` (up to `maxBatch`), those that are there at once.
    ///
    /// One task at a time may wait. `nil` means that the consumer was drained or closed.
    /// - Throws: `CancellationError`; `KafkaError` if the client failed for good or another task already waits.
    package func nextBatch(max: Int) async throws -> ConsumerBatch? {
        let max = min(Swift.max(1, max), Self.maxBatch)
        if let batch = mailbox.takeReady(max: max) { return batch }
        let id = lastTicket.add(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { reply in
                mailbox.wait(max: max, id: id, reply: reply)
                // Cancelled before there was anything to cancel.
                if Task.isCancelled { mailbox.cancelWait(id: id) }
            }
        } onCancel: {
            mailbox.cancelWait(id: id)
        }.get()
    }

    /// Hands out no more messages: whoever waits gets `nil`. The membership goes on, and commits too.
    package func drain() { mailbox.end(nil) }

    // MARK: Partitions

    /// Joins the group for these topics, in place of those before; with none, leaves it. A topic that begins with `^`
    /// is a regular expression.
    package func subscribe(to topics: [String]) async throws(KafkaError) {
        let operation = "subscribing to \(topics.joined(separator: ", ")) as \(operationSuffix)"
        try await perform(operation) { $0.subscribe(to: topics, while: operation) }
    }

    /// Reads given partitions from given offsets without the group sharing them out.
    package func assign(_ offsets: [TopicPartitionOffset]) async throws(KafkaError) {
        try await perform("assigning \(offsets)") { $0.assign(offsets) }
    }

    /// Holds back these partitions until they are resumed or the group rebalances; those not held are ignored. From
    /// the next batch on there is nothing of them.
    package func pause(_ partitions: [TopicPartition]) async throws(KafkaError) {
        try await perform("pausing \(partitions)") { .success($0.setPaused(true, partitions)) }
    }

    package func resume(_ partitions: [TopicPartition]) async throws(KafkaError) {
        try await perform("resuming \(partitions)") { .success($0.setPaused(false, partitions)) }
    }

    /// Goes on reading elsewhere. Only partitions that are held and being read can be moved.
    package func seek(to offsets: [TopicPartitionOffset]) async throws(KafkaError) -> [PartitionResult] {
        try await perform("seeking to \(offsets)") { $0.seek(to: offsets) }
    }

    // MARK: Offsets

    /// Commits the offset of the next message to read of each partition, and waits for the broker's answer.
    ///
    /// librdkafka repeats what it can within its own timeouts. A revocation waits for the answer. Cancelling ends the
    /// wait, not the commit: its outcome is then unknown.
    /// - Parameter epochs: Under which the messages of each were handed out (`ConsumerMessage.assignmentEpoch`), in the
    ///   order of `offsets`. What is not held under it any more is not committed. Without them anything is.
    /// - Returns: The result of each partition; `_ASSIGNMENT_LOST` where it was no longer held under the assignment of
    ///   the call when the answer came, whatever the answer was; `_STATE` where it was not even asked for. Without an
    ///   error the partition was this member's when its offset was committed.
    /// - Throws: A failure of the whole; the outcome may then be unknown (`ErrorCode.leavesOutcomeUnknown`).
    package func commit(
        _ offsets: [TopicPartitionOffset], under epochs: [UInt64]? = nil
    ) async throws(KafkaError) -> [PartitionResult] {
        try await ask(toCommit: offsets, under: epochs)
    }

    /// Commits what `storeOffsets` left.
    package func commitStored() async throws(KafkaError) -> [PartitionResult] {
        try await ask(toCommit: nil, under: nil)
    }

    private func ask(
        toCommit offsets: [TopicPartitionOffset]?, under epochs: [UInt64]?
    ) async throws(KafkaError) -> [PartitionResult] {
        let operation = "committing offsets of \(operationSuffix)"
        let ticket = lastTicket.add(1, ordering: .relaxed).newValue
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { reply in
                mailbox.post(
                    ConsumerCommand(
                        run: { $0.commit(offsets, under: epochs, ticket: ticket) { reply.resume(returning: $0) } },
                        abandon: { reply.resume(returning: .failure(.closed(while: operation))) }))
                // Cancelled before there was anything to cancel.
                if Task.isCancelled { giveUpCommit(ticket) }
            }
        } onCancel: {
            giveUpCommit(ticket)
        }
        return try result.get()
    }

    private func giveUpCommit(_ ticket: UInt64) {
        mailbox.post(ConsumerCommand(run: { $0.giveUpCommit(ticket) }, abandon: {}))
    }

    /// Notes offsets for `commitStored`, or for librdkafka to commit at intervals and when partitions are given back if
    /// `enable.auto.commit` is set. Cheap. Those of partitions that are not held are ignored.
    package func store(_ offsets: [TopicPartitionOffset]) { mailbox.store(offsets) }

    /// The offset after the last message taken from librdkafka; up to one batch ahead of what was handed out.
    package func positions(of partitions: [TopicPartition]) async throws(KafkaError) -> [PartitionResult] {
        try await perform("reading positions") { .success($0.client.positions(of: partitions)) }
    }

    /// What the group has committed, asked of the broker.
    package func committed(
        _ partitions: [TopicPartition], timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [PartitionResult] {
        let operation = "reading committed offsets of \(operationSuffix)"
        return try await query(operation) { client in
            Result { () throws(KafkaError) in
                try client.committed(partitions, timeout: timeout, while: operation)
            }
        }
    }

    /// First and next offset of a partition's log, as the last fetch told them.
    package func cachedWatermarks(of partition: TopicPartition) async throws(KafkaError) -> Watermarks {
        let operation = "reading watermarks of \(partition)"
        return try await perform(operation) { loop in
            Result { () throws(KafkaError) in try loop.client.cachedWatermarks(of: partition, while: operation) }
        }
    }

    /// First and next offset of a partition's log, asked of the broker.
    package func queryWatermarks(
        of partition: TopicPartition, timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> Watermarks {
        let operation = "asking for watermarks of \(partition)"
        return try await query(operation) { client in
            Result { () throws(KafkaError) in
                try client.queryWatermarks(of: partition, timeout: timeout, while: operation)
            }
        }
    }

    /// How many partitions a topic has, asked of the broker.
    package func partitionCount(
        of topic: String, timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> Int {
        let operation = "asking for topic \(topic)"
        return try await query(operation) { client in
            Result { () throws(KafkaError) in
                try client.partitionCount(of: topic, timeout: timeout, while: operation)
            }
        }
    }

    /// The names of all topics that there are, asked of the broker.
    package func topics(timeout: Duration = .seconds(10)) async throws(KafkaError) -> [String] {
        let operation = "asking for the topics"
        return try await query(operation) { client in
            Result { () throws(KafkaError) in try client.topics(timeout: timeout, while: operation) }
        }
    }

    /// The first offset of each partition whose message is no older than `milliseconds` since 1970, asked of the
    /// broker; `nil` where there is none.
    package func offsets(
        of partitions: [TopicPartition], atMilliseconds milliseconds: Int64, timeout: Duration = .seconds(10)
    ) async throws(KafkaError) -> [PartitionResult] {
        let operation = "asking for offsets by time"
        let times = partitions.map { TopicPartitionOffset($0, milliseconds) }
        return try await query(operation) { client in
            Result { () throws(KafkaError) in
                try client.offsets(atTimes: times, timeout: timeout, while: operation)
            }
        }
    }

    /// Lets new connections log in with these (PLAIN and SCRAM); those that are open stay.
    package func setCredentials(user: String, password: String) async throws(KafkaError) {
        try await perform("setting new SASL credentials") { loop in
            Result { () throws(KafkaError) in try loop.client.setCredentials(user: user, password: password) }
        }
    }

    // MARK: End

    /// Leaves the group and ends the client. Idempotent; returns once it is done. Messages in use stay valid.
    package func close() async {
        let reply = CloseReply()
        // The consumer's thread keeps its own limits, unless librdkafka holds on to it.
        let watch = Task { [closeLimit, logger] in
            guard (try? await Task.sleep(for: closeLimit)) != nil, reply.end() else { return }
            logger.warning("librdkafka does not answer: its threads are left to the end of the process")
        }
        await reply.wait {
            mailbox.post(ConsumerCommand(run: { $0.close(reply: reply) }, abandon: { reply.end() }))
        }
        watch.cancel()
    }

    // MARK: On the thread

    private func perform<R: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (ConsumerLoop) -> Result<R, KafkaError>
    ) async throws(KafkaError) -> R {
        try await withCheckedContinuation { reply in
            mailbox.post(
                ConsumerCommand(
                    run: { reply.resume(returning: body($0)) },
                    abandon: { reply.resume(returning: .failure(.closed(while: operation))) }))
        }.get()
    }

    /// For what blocks: a thread of its own asks, and the consumer's goes on.
    private func query<R: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (Client) -> Result<R, KafkaError>
    ) async throws(KafkaError) -> R {
        try await withCheckedContinuation { (reply: CheckedContinuation<Result<R, KafkaError>, Never>) in
            mailbox.post(
                ConsumerCommand(
                    run: { loop in loop.client.ask("kafka-query", body) { reply.resume(returning: $0) } },
                    abandon: { reply.resume(returning: .failure(.closed(while: operation))) }))
        }.get()
    }
}
