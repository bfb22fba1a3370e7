internal import KafkaProtocol
internal import NIOCore

/// What consumers write into the metadata and assignment of a classic group whose protocol type is `consumer`.
///
/// A coordinator needs it only to know which topics a group reads, and to let members of both protocols share a
/// group. The bytes come from clients: what cannot be read is nil.
///
/// Source: Kafka's ConsumerProtocolSubscription and ConsumerProtocolAssignment, versions 0 to 3.
enum ConsumerProtocol {
    static let type = "consumer"

    struct Subscription: Equatable, Sendable {
        var version: Int16
        var topics: [String]
        /// Since version 1.
        var ownedPartitions: [TopicPartition] = []
        /// Since version 3.
        var rack: String?

        init?(_ metadata: ByteBuffer) {
            var bytes = metadata
            guard let version = bytes.readInteger(as: Int16.self), version >= 0, let topics = bytes.readStrings(),
                bytes.skipBytes()
            else { return nil }
            self.version = version
            self.topics = topics
            if version >= 1 {
                guard let owned = bytes.readPartitions() else { return nil }
                ownedPartitions = owned
            }
            // The generation in which the partitions were owned.
            if version >= 2 { guard bytes.readInteger(as: Int32.self) != nil else { return nil } }
            if version >= 3 {
                guard let length = bytes.readInteger(as: Int16.self) else { return nil }
                if length >= 0 {
                    guard let rack = bytes.readUTF8(Int(length)) else { return nil }
                    self.rack = rack
                }
            }
        }
    }

    /// What an assignment gives; nil if it cannot be read. No bytes give nothing.
    static func partitions(ofAssignment assignment: ByteBuffer) -> [TopicPartition]? {
        var bytes = assignment
        guard bytes.readableBytes > 0 else { return [] }
        guard let version = bytes.readInteger(as: Int16.self), version >= 0 else { return nil }
        return bytes.readPartitions()
    }

    /// An assignment in the layout that all versions up to 3 share.
    static func assignment(_ partitions: [(topic: String, partitions: [Int32])], version: Int16) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(version)
        bytes.writeInteger(Int32(partitions.count))
        for (topic, indexes) in partitions {
            bytes.writeInteger(Int16(truncatingIfNeeded: topic.utf8.count))
            bytes.writeString(topic)
            bytes.writeInteger(Int32(indexes.count))
            for index in indexes { bytes.writeInteger(index) }
        }
        // No user data.
        bytes.writeInteger(Int32(-1))
        return bytes
    }
}

extension ByteBuffer {
    fileprivate mutating func readUTF8(_ length: Int) -> String? {
        guard let bytes = readSlice(length: length) else { return nil }
        return String(validating: bytes.readableBytesView, as: UTF8.self)
    }

    /// The count of a list whose elements take `size` bytes at least; nil if it cannot be one.
    private mutating func readCount(elementSize size: Int) -> Int? {
        guard let count = readInteger(as: Int32.self), count >= 0, Int(count) <= readableBytes / size else {
            return nil
        }
        return Int(count)
    }

    fileprivate mutating func readStrings() -> [String]? {
        guard let count = readCount(elementSize: 2) else { return nil }
        var strings: [String] = []
        for _ in 0..<count {
            guard let length = readInteger(as: Int16.self), length >= 0, let text = readUTF8(Int(length)) else {
                return nil
            }
            strings.append(text)
        }
        return strings
    }

    /// Passes over bytes that may be null.
    fileprivate mutating func skipBytes() -> Bool {
        guard let length = readInteger(as: Int32.self) else { return false }
        return length < 0 || readSlice(length: Int(length)) != nil
    }

    fileprivate mutating func readPartitions() -> [TopicPartition]? {
        guard let topics = readCount(elementSize: 6) else { return nil }
        var partitions: [TopicPartition] = []
        for _ in 0..<topics {
            guard let length = readInteger(as: Int16.self), length >= 0, let topic = readUTF8(Int(length)),
                let count = readCount(elementSize: 4)
            else { return nil }
            for _ in 0..<count {
                guard let index = readInteger(as: Int32.self) else { return nil }
                partitions.append(TopicPartition(topic: topic, partition: index))
            }
        }
        return partitions
    }
}
