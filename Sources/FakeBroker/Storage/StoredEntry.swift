internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

/// One line of the journal in which a cluster's shell keeps what is not records: topics, where their logs begin,
/// committed offsets, transactional ids, what share groups have done with, and ids that must not be given out again.
enum StoredEntry: Equatable, Sendable {
    case cluster(id: String, nextProducerID: Int64)
    case topic(StoredTopic)
    case topicDeleted(String)
    case start(TopicPartition, Int64)
    case offset(group: String, TopicPartition, CommittedOffset)
    case offsetRemoved(group: String, TopicPartition)
    /// With the offsets that are committed if it is.
    case transaction(Transaction.Stored, [StoredOffset])
    case transactionRemoved(String)
    case share(group: String, [StoredShare])
    case shareRemoved(String)

    struct StoredOffset: Equatable, Sendable {
        var group: String
        var partition: TopicPartition
        var offset: CommittedOffset
    }

    struct StoredShare: Equatable, Sendable {
        var partition: TopicIDPartition
        var startOffset: Int64
        var runs: [SharePartition.Run]
    }

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
            body.write(offset)
        case .offsetRemoved(let group, let partition):
            body.writeInteger(UInt8(5))
            body.writeText(group)
            body.write(partition)
        case .transaction(let transaction, let offsets):
            body.writeInteger(UInt8(6))
            body.write(transaction)
            body.writeList(offsets) { $0.write($1) }
        case .transactionRemoved(let id):
            body.writeInteger(UInt8(7))
            body.writeText(id)
        case .share(let group, let partitions):
            body.writeInteger(UInt8(8))
            body.writeText(group)
            body.writeList(partitions) { $0.write($1) }
        case .shareRemoved(let group):
            body.writeInteger(UInt8(9))
            body.writeText(group)
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
            return body.readOffset().map { .offset(group: $0.group, $0.partition, $0.offset) }
        case 5:
            guard let group = body.readText(), let partition = body.readPartition() else { return nil }
            return .offsetRemoved(group: group, partition)
        case 6:
            guard let transaction = body.readTransaction(), let offsets = body.readList({ $0.readOffset() }) else {
                return nil
            }
            return .transaction(transaction, offsets)
        case 7: return body.readText().map(StoredEntry.transactionRemoved)
        case 8:
            guard let group = body.readText(), let shares = body.readList({ $0.readShare() }) else { return nil }
            return .share(group: group, shares)
        case 9: return body.readText().map(StoredEntry.shareRemoved)
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
    mutating func writeText(_ text: String) {
        writeInteger(UInt32(text.utf8.count))
        writeString(text)
    }

    mutating func readText() -> String? {
        guard let length: UInt32 = readInteger() else { return nil }
        return readString(length: Int(length))
    }

    mutating func write(_ partition: TopicPartition) {
        writeText(partition.topic)
        writeInteger(partition.partition)
    }

    mutating func readPartition() -> TopicPartition? {
        guard let topic = readText(), let partition: Int32 = readInteger() else { return nil }
        return TopicPartition(topic: topic, partition: partition)
    }
}
