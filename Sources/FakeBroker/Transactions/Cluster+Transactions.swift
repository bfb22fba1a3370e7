internal import KafkaProtocol
internal import NIOCore

// What the handlers of transactions share: who coordinates, how a transaction ends, and what time does to it.

/// Fetches to be woken once the request at hand is answered: what has come in, and where.
struct Growth: Sendable {
    var waiting: [ParkedFetches.ID]
    var bytes: Int
    /// Whether there is more for those who read committed records only.
    var isStable: Bool
}

extension Cluster {
    /// May the broker that was asked speak for this transactional id?
    func transactionCoordinatorError(_ id: String, broker: Int32) -> ErrorCode {
        guard !id.isEmpty else { return .invalidRequest }
        guard let coordinator = brokers.coordinator(for: id) else { return .coordinatorNotAvailable }
        return coordinator.id == broker ? .none : .notCoordinator
    }

    /// Writes the markers of a transaction that ends, now or when the cluster's settings say.
    mutating func finishTransaction(_ id: String) -> [Growth] {
        let growth = settings.transactionMarkerDelay == .zero ? writeMarkers(id) : []
        setTransactionTimer(id)
        return growth
    }

    private mutating func writeMarkers(_ id: String) -> [Growth] {
        guard let ending = transactions[id]?.ending else { return [] }
        var growth: [Growth] = []
        for partition in ending.partitions {
            if let grown = writeMarker(ending.kind, as: ending.producer, coordinatorEpoch: 0, to: partition) {
                growth.append(grown)
            }
        }
        for group in ending.groups { endOffsets(ending.kind, group: group, producerID: ending.producer.id) }
        transactions[id]?.complete(now: now.elapsed)
        return growth
    }

    /// Nil if nobody waits for it, or there is no such partition any more.
    mutating func writeMarker(
        _ kind: ControlRecord.Kind, as producer: ProducerIdentity, coordinatorEpoch: Int32, to partition: TopicPartition
    ) -> Growth? {
        guard let position = topics[partition.topic]?.position(of: partition.partition) else { return nil }
        let marker = ControlRecord(kind, coordinatorEpoch: coordinatorEpoch).batch(
            producerID: producer.id, producerEpoch: producer.epoch, timestampMs: now.wallMilliseconds)
        let bytes = marker.readableBytes
        let stable = topics[partition.topic]?.partitions[position].lastStableOffset ?? 0
        topics[partition.topic]?.partitions[position].appendMarker(
            kind, marker, producer: producer, coordinatorEpoch: coordinatorEpoch, timestamp: now.wallMilliseconds)
        storage.note(partition.topic, position)
        return topics[partition.topic]?.partitions[position].growth(bytes: bytes, stableBefore: stable)
    }

    mutating func endOffsets(_ kind: ControlRecord.Kind, group: String, producerID: Int64) {
        for (partition, offset) in transactions.offsets.take(group: group, producerID: producerID)
        where kind == .commit {
            offsets.commit(offset, group: group, partition: partition)
        }
        watchRetention(of: group)
    }

    // MARK: Time

    mutating func setTransactionTimer(_ id: String) {
        let delay = settings.transactionMarkerDelay
        if let deadline = transactions.deadlineWithoutTimer(id, markerDelay: delay) {
            timers.set(.transaction(id), at: deadline)
        }
    }

    mutating func expireTransaction(_ id: String, effects: inout Effects) {
        transactions.timerFired(id)
        guard let deadline = transactions.deadline(id, markerDelay: settings.transactionMarkerDelay),
            deadline <= now.elapsed
        else { return setTransactionTimer(id) }
        if transactions[id]?.ending != nil {
            let growth = writeMarkers(id)
            setTransactionTimer(id)
            wakeFetches(growth, effects: &effects)
        } else if transactions[id]?.expire(now: now.elapsed) == true {
            wakeFetches(finishTransaction(id), effects: &effects)
        } else {
            transactions.remove(id)
        }
    }
}
