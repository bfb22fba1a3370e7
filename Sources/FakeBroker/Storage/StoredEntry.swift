internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

/// One line of the journal in which a cluster's shell keeps what is not records: topics, where their logs begin,
/// committed offsets, and the ids that must not be given out again.
enum StoredEntry: Equatable, Sendable {
    case cluster(id: String, nextProducerID: Int64)
    case topic(StoredTopic)
    case topicDeleted(String)
    case start(TopicPartition, Int64)
    case offset(group: String, TopicPartition, CommittedOffset)
    case offsetRemoved(group: String, TopicPartition)

    struct StoredTopic: Equatable, Sendable {
        var name: String
        var id: TopicID
        /// By partition.
        var replicas: [[Int32]]
        var configs: OrderedDictionary<String, String>
    }

    // MARK: To and from bytes

    /// As a frame: length and checksum of what follows, and that.
    func encode(into buffer: inout ByteBuffer) {
        var body = ByteBuffer()
        switch self {
        case .cluster(let id, let nextProducerID):
            body.writeInteger(UInt8(0))
            body.writeText(id)
            body.writeInteger(nextProducerID)
        case .topic(let topic):
            body.writeInteger(UInt8(1))
            body.writeText(topic.name)
            body.writeMultipleIntegers(topic.id.high, topic.id.low, UInt32(topic.replicas.count))
            for replicas in topic.replicas {
                body.writeInteger(UInt32(replicas.count))
                for id in replicas { body.writeInteger(id) }
            }
            body.writeInteger(UInt32(topic.configs.count))
            for (name, value) in topic.configs {
                body.writeText(name)
                body.writeText(value)
            }
        case .topicDeleted(let name):
            body.writeInteger(UInt8(2))
            body.writeText(name)
        case .start(let partition, let offset):
            body.writeInteger(UInt8(3))
            body.write(partition)
            body.writeInteger(offset)
        case .offset(let group, let partition, let offset):
            body.writeInteger(UInt8(4))
            body.writeText(group)
            body.write(partition)
            body.writeMultipleIntegers(offset.offset, offset.leaderEpoch, offset.committedAtMilliseconds)
            body.writeInteger(UInt8(offset.metadata == nil ? 0 : 1))
            body.writeText(offset.metadata ?? "")
        case .offsetRemoved(let group, let partition):
            body.writeInteger(UInt8(5))
            body.writeText(group)
            body.write(partition)
        }
        buffer.writeMultipleIntegers(UInt32(body.readableBytes), Checksum.crc32c(body))
        buffer.writeBuffer(&body)
    }

    /// The next entry; nil at the end, or where the bytes are torn or damaged: then they are left unread.
    static func decode(from buffer: inout ByteBuffer) -> StoredEntry? {
        var rest = buffer
        guard let (length, checksum) = rest.readMultipleIntegers(as: (UInt32, UInt32).self),
            var body = rest.readSlice(length: Int(length)), Checksum.crc32c(body) == checksum,
            let entry = read(&body)
        else { return nil }
        buffer = rest
        return entry
    }

    private static func read(_ body: inout ByteBuffer) -> StoredEntry? {
        switch body.readInteger(as: UInt8.self) {
        case 0:
            guard let id = body.readText(), let next: Int64 = body.readInteger() else { return nil }
            return .cluster(id: id, nextProducerID: next)
        case 1: return readTopic(&body).map(StoredEntry.topic)
        case 2: return body.readText().map(StoredEntry.topicDeleted)
        case 3:
            guard let partition = body.readPartition(), let offset: Int64 = body.readInteger() else { return nil }
            return .start(partition, offset)
        case 4:
            guard let group = body.readText(), let partition = body.readPartition(),
                let (offset, epoch, time) = body.readMultipleIntegers(as: (Int64, Int32, Int64).self),
                let hasMetadata: UInt8 = body.readInteger(), let metadata = body.readText()
            else { return nil }
            return .offset(
                group: group, partition,
                CommittedOffset(
                    offset: offset, leaderEpoch: epoch, metadata: hasMetadata == 0 ? nil : metadata,
                    committedAtMilliseconds: time))
        case 5:
            guard let group = body.readText(), let partition = body.readPartition() else { return nil }
            return .offsetRemoved(group: group, partition)
        default: return nil
        }
    }

    private static func readTopic(_ body: inout ByteBuffer) -> StoredTopic? {
        guard let name = body.readText(),
            let (high, low, partitions) = body.readMultipleIntegers(as: (UInt64, UInt64, UInt32).self),
            Int(partitions) <= body.readableBytes
        else { return nil }
        var topic = StoredTopic(name: name, id: TopicID(high: high, low: low), replicas: [], configs: [:])
        for _ in 0..<partitions {
            guard let count: UInt32 = body.readInteger(), Int(count) <= body.readableBytes / 4 else { return nil }
            topic.replicas.append((0..<count).compactMap { _ in body.readInteger(as: Int32.self) })
        }
        guard let configs: UInt32 = body.readInteger(), Int(configs) <= body.readableBytes else { return nil }
        for _ in 0..<configs {
            guard let name = body.readText(), let value = body.readText() else { return nil }
            topic.configs[name] = value
        }
        return topic
    }
}

extension ByteBuffer {
    fileprivate mutating func writeText(_ text: String) {
        writeInteger(UInt32(text.utf8.count))
        writeString(text)
    }

    fileprivate mutating func readText() -> String? {
        guard let length: UInt32 = readInteger() else { return nil }
        return readString(length: Int(length))
    }

    fileprivate mutating func write(_ partition: TopicPartition) {
        writeText(partition.topic)
        writeInteger(partition.partition)
    }

    fileprivate mutating func readPartition() -> TopicPartition? {
        guard let topic = readText(), let partition: Int32 = readInteger() else { return nil }
        return TopicPartition(topic: topic, partition: partition)
    }
}
