internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

extension FakeBroker {
    /// Makes a topic. Nil partitions or replicas are as many as the ``configuration`` says.
    ///
    /// - Parameter configs: by Kafka's names, such as `cleanup.policy`.
    /// - Throws: ``FakeBrokerError`` if the name, a number or a config is not accepted, or the topic is there.
    public func createTopic(
        _ name: String, partitions: Int? = nil, replicationFactor: Int? = nil, configs: [String: String] = [:]
    ) async throws {
        try await onLoop { host in
            let result = host.cluster.createTopic(
                name, partitions: partitions, replicationFactor: replicationFactor, configs: .init(sorting: configs))
            if case .failure(let refusal) = result {
                throw FakeBrokerError(.refused, "\(refusal.message) (\(refusal.code))")
            }
        }
    }

    /// Adds partitions to a topic, until it has so many.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such topic, or it has as many already.
    public func createPartitions(topic: String, count: Int) async throws {
        try await onLoop { host in
            do throws(TopicRefusal) {
                try host.cluster.addPartitions(to: topic, count: count)
            } catch {
                throw FakeBrokerError(.refused, "\(error.message) (\(error.code))")
            }
        }
    }

    /// Removes a topic with its records and the offsets committed for it.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such topic.
    public func deleteTopic(_ name: String) async throws {
        try await onLoop { host in
            guard host.change({ cluster, _, effects in cluster.deleteTopic(name, effects: &effects) }) else {
                throw FakeBrokerError.unknownTopic(name)
            }
        }
    }

    /// The topics in the order of their creation.
    public func topics() async throws -> [String] {
        try await onLoop { host in host.cluster.topics.allNames }
    }

    /// Appends records as one batch, as a producer would; consumers that wait get them at once.
    ///
    /// - Returns: the offset of the first record.
    /// - Throws: ``FakeBrokerError`` if there is no such topic or partition.
    @discardableResult
    public func append(_ records: [Record], to topic: String, partition: Int = 0) async throws -> Int64 {
        try await onLoop { host in
            try host.change { cluster, now, effects in
                try cluster.append(records, to: topic, partition: partition, now: now, effects: &effects)
            }
        }
    }

    /// Reads records back, decoded.
    ///
    /// - Parameter committedOnly: leaves out what transactions have aborted, and stops before the first that is open.
    /// - Throws: ``FakeBrokerError`` if there is no such topic or partition, or a batch is compressed or damaged.
    public func records(
        topic: String, partition: Int = 0, from offset: Int64 = 0, limit: Int = .max, committedOnly: Bool = false
    ) async throws -> [StoredRecord] {
        try await onLoop { host in
            try host.cluster.records(
                topic: topic, partition: partition, from: offset, limit: limit, committedOnly: committedOnly)
        }
    }

    /// The offset that the next record of each partition gets, in the order of the partitions.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such topic.
    public func endOffsets(topic: String) async throws -> [Int64] {
        try await onLoop { host in
            guard let found = host.cluster.topics[topic] else { throw FakeBrokerError.unknownTopic(topic) }
            return found.partitions.map(\.log.endOffset)
        }
    }

    /// The first offset that can be read of each partition, in the order of the partitions.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such topic.
    public func startOffsets(topic: String) async throws -> [Int64] {
        try await onLoop { host in
            guard let found = host.cluster.topics[topic] else { throw FakeBrokerError.unknownTopic(topic) }
            return found.partitions.map(\.log.startOffset)
        }
    }

    /// Records before an offset can no longer be read.
    ///
    /// - Parameter offset: at most the end offset, which makes the partition empty.
    /// - Throws: ``FakeBrokerError`` if there is no such topic, partition or offset.
    public func deleteRecords(topic: String, partition: Int = 0, before offset: Int64) async throws {
        try await onLoop { host in
            try host.change { cluster, _, _ in
                let position = try cluster.position(of: partition, in: topic)
                let end = cluster.topics[topic]?.partitions[position].log.endOffset ?? 0
                guard 0...end ~= offset else {
                    throw FakeBrokerError(
                        .refused, "Offset \(offset) of '\(topic)' partition \(partition): 0 to \(end) are accepted.")
                }
                cluster.topics[topic]?.partitions[position].deleteRecords(before: offset)
                cluster.storage.note(topic, position)
            }
        }
    }

    /// Does at once what time would do to a topic's logs: deletes records by age and size, and compacts, as its
    /// configs say.
    ///
    /// - Throws: ``FakeBrokerError`` if there is no such topic.
    public func cleanLogs(topic: String) async throws {
        try await onLoop { host in
            try host.change { cluster, now, _ in
                guard let found = cluster.topics[topic] else { throw FakeBrokerError.unknownTopic(topic) }
                cluster.now = now
                for position in found.partitions.indices { cluster.clean(topic, position) }
            }
        }
    }
}

extension Cluster {
    fileprivate func position(of partition: Int, in topic: String) throws(FakeBrokerError) -> Int {
        guard let found = topics[topic] else { throw .unknownTopic(topic) }
        guard found.partitions.indices.contains(partition) else {
            throw .unknownPartition(partition, of: topic, count: found.partitions.count)
        }
        return partition
    }

    package mutating func append(
        _ records: [FakeBroker.Record], to topic: String, partition: Int, now: ClusterTime, effects: inout Effects
    ) throws(FakeBrokerError) -> Int64 {
        let position = try position(of: partition, in: topic)
        self.now = now
        guard !records.isEmpty else { return topics[topic]?.partitions[position].log.endOffset ?? 0 }
        var builder = RecordBatchBuilder()
        for record in records {
            builder.append(
                key: record.key.map { ByteBuffer(bytes: $0) }, value: record.value.map { ByteBuffer(bytes: $0) },
                headers: record.headers.map { header in
                    KafkaProtocol.Record.Header(key: header.name, value: header.value.map { ByteBuffer(bytes: $0) })
                }, timestampMs: record.timestamp ?? now.wallMilliseconds)
        }
        let bytes = builder.build()
        let size = bytes.readableBytes
        let stable = topics[topic]?.partitions[position].lastStableOffset ?? 0
        let result = topics[topic]?.partitions[position].append(bytes, AppendRules())
        guard case .appended(let baseOffset) = result else {
            throw FakeBrokerError(
                .refused, "The records were not appended to '\(topic)': \(String(describing: result)).")
        }
        scheduleCleanup(topic, position)
        storage.note(topic, position)
        if let growth = topics[topic]?.partitions[position].growth(bytes: size, stableBefore: stable) {
            wakeFetches([growth], effects: &effects)
        }
        wakeShareFetches(of: nil, effects: &effects)
        return baseOffset
    }

    func records(
        topic: String, partition: Int, from offset: Int64, limit: Int, committedOnly: Bool = false
    ) throws(FakeBrokerError) -> [FakeBroker.StoredRecord] {
        let position = try position(of: partition, in: topic)
        guard let partition = topics[topic]?.partitions[position] else { return [] }
        let log = partition.log
        let end = committedOnly ? partition.lastStableOffset : log.endOffset
        let aborted = committedOnly ? partition.aborted.overlapping(min(offset, end)..<end) : []
        var found: [FakeBroker.StoredRecord] = []
        let first = max(offset, log.startOffset)
        var next = first
        while next < end, found.count < limit {
            var batches = log.read(from: next, before: end, maxBytes: PartitionLog.joinedBytes, atLeastOne: true)
            guard batches.readableBytes > 0 else { break }
            do {
                while let (batch, bytes) = try RecordBatch.next(from: &batches), found.count < limit {
                    next = batch.nextOffset
                    if batch.attributes.isControl || aborted.contains(where: { $0.covers(batch) }) { continue }
                    var reader = try RecordBatchReader(opening: batch, bytes)
                    while let record = try reader.next(), found.count < limit {
                        if record.offset >= first { found.append(FakeBroker.StoredRecord(record)) }
                    }
                }
            } catch {
                throw FakeBrokerError(
                    .unreadable, "'\(topic)' partition \(position) cannot be read at offset \(next).", cause: error)
            }
        }
        return found
    }
}

extension FakeBroker.StoredRecord {
    fileprivate init(_ record: KafkaProtocol.Record) {
        offset = record.offset
        timestamp = record.timestampMs
        key = record.key.map { Array($0.readableBytesView) }
        value = record.value.map { Array($0.readableBytesView) }
        headers = record.headers.map { header in
            FakeBroker.Record.Header(header.key, header.value.map { Array($0.readableBytesView) })
        }
    }
}
