internal import KafkaProtocol
internal import NIOCore

// How what coordinators keep stands in the journal: offsets, transactional ids, share groups.

extension ByteBuffer {
    mutating func writeList<Element>(_ list: [Element], _ write: (inout ByteBuffer, Element) -> Void) {
        writeInteger(UInt32(list.count))
        for element in list { write(&self, element) }
    }

    /// Nil if an element cannot be read. Grows with what is there, whatever the count says.
    mutating func readList<Element>(_ read: (inout ByteBuffer) -> Element?) -> [Element]? {
        guard let count: UInt32 = readInteger(), Int(count) <= readableBytes else { return nil }
        var list: [Element] = []
        for _ in 0..<count {
            guard let element = read(&self) else { return nil }
            list.append(element)
        }
        return list
    }

    // MARK: Offsets

    mutating func write(_ offset: CommittedOffset) {
        writeMultipleIntegers(offset.offset, offset.leaderEpoch, offset.committedAtMilliseconds)
        writeInteger(UInt8(offset.metadata == nil ? 0 : 1))
        writeText(offset.metadata ?? "")
    }

    mutating func write(_ stored: StoredEntry.StoredOffset) {
        writeText(stored.group)
        write(stored.partition)
        write(stored.offset)
    }

    mutating func readOffset() -> StoredEntry.StoredOffset? {
        guard let group = readText(), let partition = readPartition(),
            let (offset, epoch, time) = readMultipleIntegers(as: (Int64, Int32, Int64).self),
            let hasMetadata: UInt8 = readInteger(), let metadata = readText()
        else { return nil }
        return StoredEntry.StoredOffset(
            group: group, partition: partition,
            offset: CommittedOffset(
                offset: offset, leaderEpoch: epoch, metadata: hasMetadata == 0 ? nil : metadata,
                committedAtMilliseconds: time))
    }

    // MARK: Transactions

    mutating func write(_ stored: Transaction.Stored) {
        writeText(stored.id)
        writeMultipleIntegers(stored.producer.id, stored.producer.epoch, UInt8(clamping: stored.state))
        writeMultipleIntegers(stored.timeoutMs, stored.startedMs, stored.lastChangeMs)
        writeMultipleIntegers(
            stored.lastEpoch, stored.previousProducerID, stored.nextProducerID, UInt8(stored.bumpsEpoch ? 1 : 0))
        writeList(stored.partitions) { $0.write($1) }
        writeList(stored.groups) { $0.writeText($1) }
    }

    mutating func readTransaction() -> Transaction.Stored? {
        guard let id = readText(),
            let (producerID, epoch, state) = readMultipleIntegers(as: (Int64, Int16, UInt8).self),
            let (timeout, started, lastChange) = readMultipleIntegers(as: (Int64, Int64, Int64).self),
            let (lastEpoch, previous, next, bumps) = readMultipleIntegers(as: (Int16, Int64, Int64, UInt8).self),
            let partitions = readList({ $0.readPartition() }), let groups = readList({ $0.readText() })
        else { return nil }
        return Transaction.Stored(
            id: id, producer: ProducerIdentity(id: producerID, epoch: epoch), state: Int(state), timeoutMs: timeout,
            partitions: partitions, groups: groups, startedMs: started, lastChangeMs: lastChange,
            lastEpoch: lastEpoch, previousProducerID: previous, nextProducerID: next, bumpsEpoch: bumps != 0)
    }

    // MARK: Share groups

    mutating func write(_ stored: StoredEntry.StoredShare) {
        writeMultipleIntegers(
            stored.partition.topicID.high, stored.partition.topicID.low, stored.partition.partition,
            stored.startOffset)
        writeList(stored.runs) { $0.writeMultipleIntegers($1.state, $1.count, $1.length) }
    }

    mutating func readShare() -> StoredEntry.StoredShare? {
        guard let (high, low, partition, start) = readMultipleIntegers(as: (UInt64, UInt64, Int32, Int64).self),
            let runs = readList({ bytes in
                bytes.readMultipleIntegers(as: (UInt8, Int16, UInt32).self).map {
                    SharePartition.Run(state: $0, count: $1, length: $2)
                }
            })
        else { return nil }
        return StoredEntry.StoredShare(
            partition: TopicIDPartition(topicID: TopicID(high: high, low: low), partition: partition),
            startOffset: start, runs: runs)
    }
}
