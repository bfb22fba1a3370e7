internal import Logging
internal import Threads

extension ConsumerLoop {
    /// Everything that is known of the consumer before its thread starts.
    struct Setup: Sendable {
        let group: String
        let timing: Timing
        let logger: Logger
        let onEvent: @Sendable (ConsumerEvent) -> Void
        let mailbox: ConsumerMailbox
        let wake: WakePipe
        /// Of messages. Apart from the other wake-ups, for while nobody wants messages they are no reason to wake.
        let news: WakePipe
        let inbox: RebalanceInbox
        let tokens: TokenProvider?
        /// Has a `group.instance.id`: its place in the group outlives it.
        let isStaticMember: Bool
        /// `enable.auto.commit`
        let commitsAtIntervals: Bool
        /// Where to read a partition from that the group has committed nothing of; `nil` is an error.
        let reset: Int64?
        /// See `Consumer.init`.
        let commitsStarts: Bool
        let leastShare: Int
    }

    struct Timing: Sendable {
        /// How often the consumer's queue is polled at least, which tells the group that this member lives.
        let keepAlive: Duration
        /// How long partitions asked back are held for commits that are not answered yet.
        let commitGrace: Duration
        /// After how long without an answer the outcome of a commit counts as unknown.
        let commitTimeout: Duration
        /// How long leaving the group may take.
        let closeTimeout: Duration
    }

    /// How a consumer was closed.
    struct End {
        /// Those who wait for it.
        let replies: [CloseReply]
        /// Whether the group was left in time, or there was nothing to leave.
        let isAnswered: Bool

        func reply() { for reply in replies { reply.end() } }
    }

    /// Messages on their way to who waits for them.
    struct Batch {
        var messages: [ConsumerMessage] = []
        /// Of the message before, and those before it of the same partition.
        var run: Run?
    }

    /// Messages of one partition that follow one another.
    struct Run {
        let origin: MessageOrigin
        let partition: TopicPartition
        /// Without one the partition is not held, or is about to be given back.
        var epoch: UInt64?
        /// The offset after the last one.
        var next: Int64

        /// Whether a message of this offset cannot come after those before.
        func hasPassed(_ offset: Int64) -> Bool { epoch != nil && offset < next }

        func isOf(_ origin: MessageOrigin, _ partition: Int32) -> Bool {
            self.origin === origin && self.partition.partition == partition
        }
    }
}
