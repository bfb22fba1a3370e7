/// Messages of one topic that are handed over in one call. Their bytes stand in one run of memory, which is used again
/// once the batch is emptied: no message costs an allocation.
package struct MessageBatch: Sendable {
    package struct Message: Sendable {
        /// Of `bytes`, as is what follows.
        package var key: Range<Int>?
        /// `nil` is a tombstone.
        package var value: Range<Int>?
        /// The value of `ownHeader`; `nil`: the message does not have that header.
        package var header: Range<Int>?
        package var partition: Int32
        /// Since 1970; when it is handed over if `nil`.
        package var timestampMilliseconds: Int64?
        /// Comes back with the report; its highest bit is lost.
        package var token: UInt

        package init(
            key: Range<Int>?, value: Range<Int>?, header: Range<Int>? = nil,
            partition: Int32 = ProducerTopic.anyPartition, timestampMilliseconds: Int64? = nil, token: UInt
        ) {
            self.key = key
            self.value = value
            self.header = header
            self.partition = partition
            self.timestampMilliseconds = timestampMilliseconds
            self.token = token
        }

        /// Of key and value.
        package var byteCount: Int { (key?.count ?? 0) + (value?.count ?? 0) }
    }

    /// What was handed over of a batch.
    package struct Outcome: Sendable {
        /// The first message that found no room; all before it were taken or refused.
        package var end: Int
        package var refusals: [KafkaError] = []
        /// For `waitForRoom`; `nil` if there was room for all.
        package var full: RoomMark?
    }

    /// Every message has these.
    package let headers: [MessageHeader]
    /// The name of the header that comes after them, of which each message has a value of its own.
    package let ownHeader: String
    package var bytes: [UInt8] = []
    package private(set) var messages: [Message] = []
    /// Since 1970: what messages without a timestamp get, where librdkafka would look at the clock for each.
    package var now: Int64?
    /// Whether librdkafka can take all of them at once: no headers, no timestamps, one partition.
    private(set) var isUniform: Bool

    package init(headers: [MessageHeader] = [], ownHeader: String = "") {
        self.headers = headers
        self.ownHeader = ownHeader
        isUniform = headers.isEmpty
    }

    package mutating func append(_ message: Message) {
        if isUniform {
            isUniform =
                message.header == nil && message.timestampMilliseconds == nil
                && message.partition == (messages.first?.partition ?? message.partition)
        }
        messages.append(message)
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        messages.removeAll(keepingCapacity: true)
        isUniform = headers.isEmpty
    }
}
