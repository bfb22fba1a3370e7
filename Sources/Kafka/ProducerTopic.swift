/// A topic of a producer, ready to be produced to from any thread.
package final class ProducerTopic: Sendable {
    /// Lets the partitioner choose.
    package static let anyPartition: Int32 = -1

    package enum Attempt: Sendable {
        case taken
        /// The queue is full; `waitForRoom` waits until it is not.
        case full(RoomMark)
    }

    package let name: String
    private let handle: TopicHandle
    private let client: Client
    private let shared: ProducerShared

    init(_ name: String, handle: consuming TopicHandle, client: Client, shared: ProducerShared) {
        self.name = name
        self.handle = handle
        self.client = client
        self.shared = shared
    }

    /// Hands one message over without waiting; librdkafka copies it. Its report comes to `onDelivery` with `token`, of
    /// which the highest bit is lost.
    ///
    /// - Parameters:
    ///   - value: `nil` is a tombstone.
    ///   - timestampMilliseconds: Since 1970; now if `nil`.
    /// - Returns: Whether the message was taken, or the queue is full.
    /// - Throws: Why librdkafka does not take the message: too large, no such partition, closed.
    package func tryProduce(
        key: [UInt8]? = nil, value: [UInt8]?, partition: Int32 = anyPartition, headers: [MessageHeader] = [],
        timestampMilliseconds: Int64? = nil, token: UInt
    ) throws(KafkaError) -> Attempt {
        let mark = shared.roomMark
        guard shared.enter() else { throw .closed(while: operation) }
        defer { shared.exit() }
        let failure = produce(
            key: key, value: value, partition: partition, headers: headers,
            timestampMilliseconds: timestampMilliseconds, opaque: MessageOpaque(token: token))
        guard let failure else { return .taken }
        guard failure == .queueFull else { throw KafkaError(failure, while: operation) }
        return .full(mark)
    }

    /// Hands over what is in the batch from the message at `first` on, without waiting; librdkafka copies it.
    ///
    /// - Throws: Only if the producer is closed; messages that librdkafka does not take are in the outcome.
    package func tryProduce(
        _ batch: borrowing MessageBatch, from first: Int = 0
    ) throws(KafkaError) -> MessageBatch.Outcome {
        let mark = shared.roomMark
        guard shared.enter() else { throw .closed(while: operation) }
        defer { shared.exit() }
        var refusals: [KafkaError] = []
        let end = handle.produce(batch, from: first, by: client) { refusals.append(KafkaError($0, while: operation)) }
        return .init(end: end, refusals: refusals, full: end < batch.messages.count ? mark : nil)
    }

    /// Waits until delivery reports have made room since the attempt, or the producer is closed.
    package func waitForRoom(since mark: RoomMark) async { await shared.waitForRoom(since: mark) }

    /// Produces one message and waits for its report, first for room if there is none. Cancelling does not take the
    /// message back.
    package func send(
        key: [UInt8]? = nil, value: [UInt8]?, partition: Int32 = anyPartition, headers: [MessageHeader] = [],
        timestampMilliseconds: Int64? = nil
    ) async throws(KafkaError) -> DeliveryReport {
        while true {
            let mark = shared.roomMark
            let outcome = await withCheckedContinuation { continuation in
                attempt(
                    key: key, value: value, partition: partition, headers: headers,
                    timestampMilliseconds: timestampMilliseconds, continuation: continuation)
            }
            switch outcome {
            case .reported(let report):
                guard let error = report.error else { return report }
                throw KafkaError(error, while: operation)
            case .refused(let error): throw error
            case .full: await shared.waitForRoom(since: mark)
            }
        }
    }

    private func attempt(
        key: [UInt8]?, value: [UInt8]?, partition: Int32, headers: [MessageHeader], timestampMilliseconds: Int64?,
        continuation: CheckedContinuation<SendOutcome, Never>
    ) {
        guard shared.enter() else { return continuation.resume(returning: .refused(.closed(while: operation))) }
        defer { shared.exit() }
        let opaque = MessageOpaque(PendingSend(continuation))
        let failure = produce(
            key: key, value: value, partition: partition, headers: headers,
            timestampMilliseconds: timestampMilliseconds, opaque: opaque)
        guard let failure else { return }
        opaque.takePending()?.finish(
            failure == .queueFull ? .full : .refused(KafkaError(failure, while: operation)))
    }

    private func produce(
        key: [UInt8]?, value: [UInt8]?, partition: Int32, headers: [MessageHeader], timestampMilliseconds: Int64?,
        opaque: MessageOpaque
    ) -> ErrorCode? {
        if headers.isEmpty && timestampMilliseconds == nil {
            handle.produce(partition: partition, key: key, value: value, opaque: opaque)
        } else {
            handle.produce(
                partition: partition, key: key, value: value, headers: headers,
                timestampMilliseconds: timestampMilliseconds, by: client, opaque: opaque)
        }
    }

    private var operation: String { "producing to \(name)" }
}
