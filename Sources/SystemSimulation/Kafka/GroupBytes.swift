// What members of a classic group tell each other through the brokers: what each reads and holds, and what each gets.

import Kafka
import NIOCore

/// The metadata of a consumer (version 1 of the consumer protocol).
struct Subscription: Equatable {
    var topics: [String] = []
    var owned: [TopicPartition] = []

    var bytes: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(Int16(1))
        buffer.writeInteger(Int32(topics.count))
        for topic in topics { buffer.writeText(topic) }
        buffer.writeInteger(Int32(-1))
        buffer.writePartitions(owned)
        return buffer
    }

    init(topics: [String], owned: [TopicPartition]) {
        self.topics = topics
        self.owned = owned
    }

    init?(_ bytes: ByteBuffer) {
        var buffer = bytes
        guard buffer.readInteger(as: Int16.self) != nil, let count = buffer.readInteger(as: Int32.self) else {
            return nil
        }
        for _ in 0..<count { topics.append(buffer.readText()) }
        guard let userData = buffer.readInteger(as: Int32.self) else { return nil }
        if userData > 0 { buffer.moveReaderIndex(forwardBy: min(Int(userData), buffer.readableBytes)) }
        owned = buffer.readPartitions()
    }
}

/// What one member gets.
enum AssignmentBytes {
    static func bytes(_ partitions: [TopicPartition]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeInteger(Int16(1))
        buffer.writePartitions(partitions)
        buffer.writeInteger(Int32(-1))
        return buffer
    }

    static func partitions(_ bytes: ByteBuffer) -> [TopicPartition] {
        var buffer = bytes
        guard buffer.readInteger(as: Int16.self) != nil else { return [] }
        return buffer.readPartitions()
    }
}

extension ByteBuffer {
    fileprivate mutating func writeText(_ text: String) {
        writeInteger(Int16(text.utf8.count))
        writeString(text)
    }

    fileprivate mutating func readText() -> String {
        guard let length = readInteger(as: Int16.self), length >= 0 else { return "" }
        return readString(length: Int(length)) ?? ""
    }

    fileprivate mutating func writePartitions(_ partitions: [TopicPartition]) {
        let sorted = partitions.sorted()
        var topics: [(name: String, partitions: [Int32])] = []
        for partition in sorted {
            if topics.last?.name != partition.topic { topics.append((partition.topic, [])) }
            topics[topics.count - 1].partitions.append(partition.partition)
        }
        writeInteger(Int32(topics.count))
        for (name, partitions) in topics {
            writeText(name)
            writeInteger(Int32(partitions.count))
            for partition in partitions { writeInteger(partition) }
        }
    }

    fileprivate mutating func readPartitions() -> [TopicPartition] {
        var partitions: [TopicPartition] = []
        for _ in 0..<(readInteger(as: Int32.self) ?? 0) {
            let topic = readText()
            for _ in 0..<(readInteger(as: Int32.self) ?? 0) {
                guard let partition = readInteger(as: Int32.self) else { return partitions }
                partitions.append(TopicPartition(topic, partition))
            }
        }
        return partitions
    }
}
