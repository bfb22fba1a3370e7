internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

// What a cluster says of itself to be kept, and how it comes back from that.
//
// Kept are topics with their ids and configs, records, committed offsets, transactional ids with what they are doing,
// what share groups have done with, and which producer ids were given out. Producers' sequence numbers and aborted
// transactions are read out of the records. Not kept are groups' members, access rules, quotas and users: clients join
// again, and rules come from the settings.

extension Cluster {
    func stored(topic name: String) -> StoredEntry {
        guard let topic = topics[name] else { return .topicDeleted(name) }
        return .topic(
            StoredEntry.StoredTopic(
                name: name, id: topic.id, replicas: topic.partitions.map(\.replicas), configs: topic.settings.own))
    }

    func stored(_ offset: OffsetStore.Key) -> StoredEntry {
        offsets.offset(group: offset.group, partition: offset.partition).map {
            .offset(group: offset.group, offset.partition, $0)
        } ?? .offsetRemoved(group: offset.group, offset.partition)
    }

    func stored(transaction id: String) -> StoredEntry {
        guard let transaction = transactions[id] else { return .transactionRemoved(id) }
        let pending = transactions.offsets.offsets(producerID: transaction.producer.id)
        return .transaction(
            transaction.stored(now: now),
            pending.map { StoredEntry.StoredOffset(group: $0.group, partition: $0.partition, offset: $0.offset) })
    }

    func stored(shareGroup id: String) -> StoredEntry {
        guard let group = groups[share: id] else { return .shareRemoved(id) }
        return .share(
            group: id,
            group.partitions.map {
                StoredEntry.StoredShare(partition: $0.key, startOffset: $0.value.startOffset, runs: $0.value.stored)
            })
    }

    var storedIdentity: StoredEntry { .cluster(id: clusterID, nextProducerID: transactions.nextProducerID) }

    var allPartitions: [TopicPartition] {
        topics.all.flatMap { topic in
            topic.partitions.map { TopicPartition(topic: topic.name, partition: $0.index) }
        }
    }

    func log(of partition: TopicPartition) -> PartitionLog? {
        guard let topic = topics[partition.topic], let position = topic.position(of: partition.partition) else {
            return nil
        }
        return topic.partitions[position].log
    }

    /// Whether nothing has changed that is to be kept.
    var isStored: Bool {
        storage.isEmpty && offsets.changes.isEmpty && transactions.changes.isEmpty && groups.shareChanges.isEmpty
    }

    /// From now on changes are noted.
    mutating func startNoting() {
        storage = StorageNotes()
        storage.isOn = true
        offsets.startNoting()
        transactions.startNoting()
        groups.startNoting()
    }

    /// Everything that is not records.
    var allStored: [StoredEntry] {
        var entries = [storedIdentity]
        for topic in topics.all {
            entries.append(stored(topic: topic.name))
            for partition in topic.partitions where partition.log.startOffset > 0 {
                entries.append(
                    .start(
                        TopicPartition(topic: topic.name, partition: partition.index), partition.log.startOffset))
            }
        }
        for (group, partition, offset) in offsets.all { entries.append(.offset(group: group, partition, offset)) }
        for id in transactions.ids { entries.append(stored(transaction: id)) }
        for id in groups.ids where groups.kind(of: id) == .share { entries.append(stored(shareGroup: id)) }
        return entries
    }

    // MARK: Coming back

    /// Takes over what an entry says. Those of one cluster must come in the order in which they were written.
    mutating func restore(_ entry: StoredEntry) {
        switch entry {
        case .cluster(let id, let nextProducerID):
            clusterID = id
            transactions.reserveProducerIDs(before: nextProducerID)
        case .topic(let stored): restore(stored)
        case .topicDeleted(let name):
            _ = topics.remove(name)
            offsets.forget(topic: name)
        // Only once the records are there; see ``restore(_:_:_:)``.
        case .start: break
        case .offset(let group, let partition, let offset):
            guard topics[partition.topic]?.position(of: partition.partition) != nil else { return }
            groups.makeIfAbsent(group)
            offsets.commit(offset, group: group, partition: partition)
            watchRetention(of: group)
        case .offsetRemoved(let group, let partition): offsets.remove(group: group, partition: partition)
        case .transaction(let stored, let pending): restore(stored, pending)
        case .transactionRemoved(let id): transactions.remove(id)
        case .share(let group, let partitions): restore(shareGroup: group, partitions)
        case .shareRemoved(let group):
            if groups.kind(of: group) == .share { groups.remove(group) }
        }
    }

    private mutating func restore(_ stored: Transaction.Stored, _ pending: [StoredEntry.StoredOffset]) {
        guard let transaction = Transaction(stored, now: now) else { return }
        for producer in [transactions[stored.id]?.producer.id, transaction.producer.id].compactMap({ $0 }) {
            for group in transactions.offsets.groups(producerID: producer) {
                _ = transactions.offsets.take(group: group, producerID: producer)
            }
        }
        for offset in pending {
            groups.makeIfAbsent(offset.group)
            transactions.offsets.add(
                offset.offset, group: offset.group, partition: offset.partition, producerID: transaction.producer.id)
        }
        transactions[stored.id] = transaction
    }

    private mutating func restore(shareGroup id: String, _ partitions: [StoredEntry.StoredShare]) {
        let settings = groups.settings
        if groups[share: id] == nil { groups.put(ShareGroup(id: id, settings: settings.share)) }
        groups[share: id]?.partitions = [:]
        for stored in partitions {
            groups[share: id]?.partitions[stored.partition] = SharePartition(
                startOffset: stored.startOffset, stored: stored.runs, limits: settings.sharePartition)
        }
    }

    private mutating func restore(_ stored: StoredEntry.StoredTopic) {
        guard Topics.isValid(name: stored.name) else { return }
        var former = topics.remove(stored.name)
        if former?.id != stored.id { former = nil }
        var settings = defaultTopicSettings
        // What an earlier version accepted and this one does not is left out.
        for (name, value) in stored.configs { try? settings.set(name, to: value) }
        var topic = Topic(name: stored.name, id: stored.id, partitions: [], settings: settings)
        for (index, kept) in stored.replicas.enumerated() {
            let known = kept.filter { brokers[$0] != nil }
            let replicas = known.isEmpty ? brokers.ring(from: index, count: 1) : known
            if let partition = former?.partitions.dropFirst(index).first, partition.replicas == replicas {
                topic.partitions.append(partition)
            } else {
                topic.partitions.append(
                    Partition(
                        index: Int32(index), replicas: replicas, leader: replicas.first(where: brokers.isUp) ?? -1))
            }
        }
        topics.insert(topic)
    }

    /// Takes over a partition's batches, in order, from a file that may be torn.
    ///
    /// - Parameter bytes: of one or more files in a row. On return what is left cannot be read as a next batch.
    mutating func restore(_ bytes: inout ByteBuffer, into partition: TopicPartition) {
        guard let position = topics[partition.topic]?.position(of: partition.partition) else { return }
        topics[partition.topic]?.partitions[position].restore(&bytes)
    }

    /// Everything is there: time goes on for what was under way.
    mutating func finishRestoring() {
        for id in transactions.ids { setTransactionTimer(id) }
    }

    /// All records are there: lets them be read from `start` on, and leads with a new epoch, as a leader does that
    /// comes back. A transaction of which no transactional id knows that it is under way is ended: if the process ended
    /// between writing down how and writing the markers, then in that way, and else it is aborted.
    mutating func finishRestoring(_ partition: TopicPartition, start: Int64) {
        guard let position = topics[partition.topic]?.position(of: partition.partition) else { return }
        topics[partition.topic]?.partitions[position].finishRestoring(start: start)
        let producers = topics[partition.topic]?.partitions[position].producers.all ?? []
        transactions.reserveProducerIDs(before: (producers.last?.id ?? -1) + 1)
        for (id, producer) in producers
        where topics[partition.topic]?.partitions[position].producers.openOffset(of: id) != nil {
            let owner = transactions.all.first { $0.producer.id == id }
            if owner?.partitions.contains(partition) == true { continue }
            _ = writeMarker(
                owner?.state == .completeCommit ? .commit : .abort,
                as: ProducerIdentity(id: id, epoch: max(producer.epoch, owner?.producer.epoch ?? 0)),
                coordinatorEpoch: 0, to: partition)
        }
        scheduleCleanup(partition.topic, position)
    }
}

extension Partition {
    fileprivate mutating func restore(_ bytes: inout ByteBuffer) {
        var whole = 0
        var rest = bytes
        var next = log.endOffset
        while rest.readableBytes > 0, let batch = try? RecordBatch(headerOf: rest),
            let slice = rest.readSlice(length: batch.sizeInBytes), batch.baseOffset >= next,
            batch.lastOffsetDelta >= 0, RecordBatch.checksum(of: slice) == batch.crc
        {
            restoreProducer(batch, slice)
            next = batch.nextOffset
            whole += batch.sizeInBytes
        }
        guard whole > 0, let kept = bytes.readSlice(length: whole) else { return }
        log.restore(kept)
    }

    private mutating func restoreProducer(_ batch: RecordBatch, _ bytes: ByteBuffer) {
        guard batch.isIdempotent else { return }
        let producer = ProducerIdentity(id: batch.producerID, epoch: batch.producerEpoch)
        if batch.attributes.isControl {
            guard var reader = try? RecordBatchReader(batch, bytes), let record = try? reader.next(),
                let marker = try? ControlRecord(record)
            else { return }
            let first = producers.ended(
                producer, coordinatorEpoch: marker.coordinatorEpoch, timestamp: batch.maxTimestamp)
            if marker.kind == .abort, let first {
                aborted.append(
                    .init(producerID: producer.id, firstOffset: first, lastOffset: batch.baseOffset))
            }
        } else {
            producers.appended(
                ProducerStates.Stamp(
                    producerID: batch.producerID, epoch: batch.producerEpoch, firstSequence: batch.baseSequence,
                    lastSequence: batch.lastSequence, isTransactional: batch.attributes.isTransactional),
                baseOffset: batch.baseOffset, timestamp: batch.maxTimestamp)
        }
    }

    fileprivate mutating func finishRestoring(start: Int64) {
        log.goOn(from: start)
        deleteRecords(before: start)
        leaderEpoch = (log.epochs.entries.last?.epoch ?? -1) + 1
    }
}

extension PartitionLog {
    /// The offset that follows the last of these batches.
    static func nextOffset(after batches: ByteBuffer) -> Int64? {
        var rest = batches
        var next: Int64?
        while rest.readableBytes > 0, let batch = try? RecordBatch(headerOf: rest) {
            next = batch.nextOffset
            rest.moveReaderIndex(forwardBy: batch.sizeInBytes)
        }
        return next
    }

    /// All records may be gone, but not the offsets that they had.
    fileprivate mutating func goOn(from offset: Int64) {
        guard endOffset < offset else { return }
        endOffset = offset
        startOffset = offset
    }

    /// Whole batches that follow what is there. They keep their offsets, and share their memory.
    fileprivate mutating func restore(_ bytes: ByteBuffer) {
        var rest = bytes
        while rest.readableBytes > 0 {
            guard let segment = Segment(restoring: &rest, limit: Segment.gatheredBytes) else { return }
            segments.append(segment)
            sizeInBytes += segment.bytes.readableBytes
            segment.forEachBatch { batch, _ in epochs.appended(batch.partitionLeaderEpoch, at: batch.baseOffset) }
            endOffset = segment.nextOffset
        }
    }
}
