internal import KafkaProtocol
internal import NIOCore

// Fetch (key 1): record batches as they were produced, and the long poll.
//
// A fetch that finds fewer bytes than it wants, and no error, is parked: the produce that brings the rest answers it
// at once, its max wait at the latest. Whole batches only; the first of a response is returned whatever its size
// (KIP-74). Sessions (KIP-227) are in FetchSessions.swift, the choice of a replica (KIP-392) in ReadReplicas.swift.

extension Cluster {
    mutating func fetch(_ request: FetchRequest, _ context: RequestContext, effects: inout Effects) {
        let start = fetchSessions.begin(
            request, broker: context.broker, namesByID: context.fetchesByTopicID, now: now.elapsed)
        let request: FetchRequest
        switch start {
        case .fetch(let whole): request = whole
        case .refused(let error):
            var response = FetchResponse()
            response.errorCode = error
            return reply(to: context, .fetch(response), error: error, effects: &effects)
        }
        let found = read(request, for: context)
        let wanted = Int(request.minBytes)
        if request.maxWaitMs <= 0 || found.bytes >= wanted || found.error != .none || found.partitions.isEmpty
            || found.sendsElsewhere || context.fetchFailure != nil
        {
            return answer(request, found, context, effects: &effects)
        }
        park(request, context, partitions: found.partitions, bytesMissing: wanted - found.bytes)
    }

    private mutating func answer(
        _ request: FetchRequest, _ found: Found, _ context: RequestContext, effects: inout Effects
    ) {
        var response = found.response
        if let failure = context.fetchFailure {
            var failed = Response.fetch(response)
            failed.stamp(failure.error, on: failure.topics, forgets: true, version: context.apiVersion)
            if case .fetch(let body) = failed { response = body }
        }
        fetchSessions.finish(&response, of: request)
        reply(to: context, .fetch(response), error: found.error, effects: &effects)
    }

    // MARK: Waiting

    private mutating func park(
        _ request: FetchRequest, _ context: RequestContext, partitions: [TopicPartition], bytesMissing: Int
    ) {
        let id = parkedFetches.insert(
            ParkedFetches.Parked(
                context: context, request: request, partitions: partitions, bytesMissing: bytesMissing))
        for partition in partitions {
            guard let slot = topics.slot(of: partition.topic) else { continue }
            topics[slot: slot]?.partitions[Int(partition.partition)].wait(id)
        }
        timers.set(.fetch(id), at: now.elapsed + .milliseconds(Int64(request.maxWaitMs)))
    }

    @discardableResult
    mutating func unpark(_ id: ParkedFetches.ID) -> ParkedFetches.Parked? {
        guard let parked = parkedFetches.take(id) else { return nil }
        for partition in parked.partitions {
            // The topic may have been deleted since, and created again with fewer partitions.
            guard let slot = topics.slot(of: partition.topic),
                let position = topics.position(of: partition.partition, inSlot: slot)
            else { continue }
            topics[slot: slot]?.partitions[position].stopWaiting(id)
        }
        return parked
    }

    mutating func expireFetch(_ id: ParkedFetches.ID, effects: inout Effects) {
        guard let parked = unpark(id) else { return }
        let found = read(parked.request, for: parked.context)
        answer(parked.request, found, parked.context, effects: &effects)
    }

    /// Partitions have grown: answers the fetches that now have enough.
    mutating func wakeFetches(_ growths: [Growth], effects: inout Effects) {
        for growth in growths {
            for id in growth.waiting { wakeFetch(id, growth, effects: &effects) }
        }
        wakeShareFetches(of: nil, effects: &effects)
    }

    private mutating func wakeFetch(_ id: ParkedFetches.ID, _ growth: Growth, effects: inout Effects) {
        guard let parked = parkedFetches[id] else { return }
        guard parked.request.readsCommittedOnly else {
            if parkedFetches.received(growth.bytes, for: id) { expireFetch(id, effects: &effects) }
            return
        }
        // How much became stable is not how much came in.
        guard growth.isStable else { return }
        let found = read(parked.request, for: parked.context)
        guard found.error != .none || found.bytes >= Int(parked.request.minBytes) else { return }
        unpark(id)
        answer(parked.request, found, parked.context, effects: &effects)
    }

    // MARK: Reading

    private struct Found {
        var response = FetchResponse()
        var bytes = 0
        var error = ErrorCode.none
        var partitions: [TopicPartition] = []
        var sendsElsewhere = false
    }

    private func read(_ request: FetchRequest, for context: RequestContext) -> Found {
        var found = Found()
        let limit = min(Int(request.maxBytes), settings.limits.fetchBytes)
        found.response.responses.reserveCapacity(request.topics.count)
        found.partitions.reserveCapacity(request.topics.reduce(0) { $0 + $1.partitions.count })
        for asked in request.topics {
            var answer = FetchResponse.FetchableTopicResponse()
            answer.topic = asked.topic
            answer.topicID = asked.topicID
            answer.partitions.reserveCapacity(asked.partitions.count)
            let name = topics.name(asked.topic, or: asked.topicID)
            let refusal = authorizationError(.read, topic: name ?? asked.topic, context)
            let slot = refusal == nil ? name.flatMap { topics.slot(of: $0) } : nil
            for partition in asked.partitions {
                let data = read(
                    partition, of: slot,
                    unknown: refusal ?? Topics.unknown(asked.topic),
                    broker: context.broker, bytesLeft: limit - found.bytes, isFirst: found.bytes == 0,
                    committedOnly: request.readsCommittedOnly,
                    rack: context.mayReadFromFollower ? request.rackID : nil)
                if data.preferredReadReplica >= 0 { found.sendsElsewhere = true }
                if data.errorCode == .none, let name {
                    found.partitions.append(TopicPartition(topic: name, partition: partition.partition))
                } else if found.error == .none {
                    found.error = data.errorCode
                }
                if data.currentLeader.leaderID >= 0 {
                    addEndpoint(
                        of: data.currentLeader.leaderID, listener: context.listener,
                        to: &found.response.nodeEndpoints)
                }
                found.bytes += data.records?.readableBytes ?? 0
                answer.partitions.append(data)
            }
            found.response.responses.append(answer)
        }
        return found
    }

    private func read(
        _ asked: FetchRequest.FetchPartition, of slot: Int?, unknown: ErrorCode, broker: Int32, bytesLeft: Int,
        isFirst: Bool, committedOnly: Bool, rack: String?
    ) -> FetchResponse.PartitionData {
        var data = FetchResponse.PartitionData()
        data.partitionIndex = asked.partition
        // Some clients take null for the end of the reply.
        data.records = ByteBuffer()
        guard let slot, let position = topics.position(of: asked.partition, inSlot: slot) else {
            data.errorCode = slot == nil ? unknown : .unknownTopicOrPartition
            data.highWatermark = -1
            return data
        }
        let replica = readReplica(slot, position, broker: broker, rack: rack)
        // In one call, for a partition is copied for each.
        topics[slot: slot]?.partitions[position].serve(
            asked, broker: broker, replica, maxBytes: min(Int(asked.partitionMaxBytes), bytesLeft), isFirst: isFirst,
            committedOnly: committedOnly, &data)
        return data
    }
}

extension Partition {
    /// May this broker serve the partition to a client that knows its leader by this epoch (KIP-320)?
    ///
    /// - Parameter broker: nil if it may whoever leads.
    func leadershipError(broker: Int32?, leaderEpoch asked: Int32) -> ErrorCode {
        guard broker == nil || leader == broker else { return .notLeaderOrFollower }
        guard asked >= 0, asked != leaderEpoch else { return .none }
        return asked < leaderEpoch ? .fencedLeaderEpoch : .unknownLeaderEpoch
    }

    /// Where the log begins and ends, and its records, if the broker may serve what is asked.
    fileprivate func serve(
        _ asked: FetchRequest.FetchPartition, broker: Int32, _ replica: ReadReplica, maxBytes: Int, isFirst: Bool,
        committedOnly: Bool, _ data: inout FetchResponse.PartitionData
    ) {
        data.errorCode = leadershipError(
            broker: replica == .servesHere ? nil : broker, leaderEpoch: asked.currentLeaderEpoch)
        guard data.errorCode == .none else {
            data.highWatermark = -1
            if data.errorCode == .notLeaderOrFollower || data.errorCode == .fencedLeaderEpoch {
                data.currentLeader.leaderID = leader
                data.currentLeader.leaderEpoch = leaderEpoch
            }
            return
        }
        data.highWatermark = log.endOffset
        data.lastStableOffset = lastStableOffset
        data.logStartOffset = log.startOffset
        guard log.startOffset...log.endOffset ~= asked.fetchOffset else {
            data.errorCode = .offsetOutOfRange
            return
        }
        if case .elsewhere(let preferred) = replica {
            data.preferredReadReplica = preferred
            return
        }
        data.records = log.read(
            from: asked.fetchOffset, before: committedOnly ? lastStableOffset : .max, maxBytes: maxBytes,
            atLeastOne: isFirst)
        if committedOnly { data.abortedTransactions = abortedTransactions(from: asked.fetchOffset, data.records) }
    }

    /// What a reader of these records must leave out.
    private func abortedTransactions(
        from offset: Int64, _ records: ByteBuffer?
    ) -> [FetchResponse.AbortedTransaction] {
        guard aborted.count > 0, var records else { return [] }
        var end = offset
        while records.readableBytes > 0, let batch = try? RecordBatch(headerOf: records) {
            end = batch.nextOffset
            records.moveReaderIndex(forwardBy: batch.sizeInBytes)
        }
        guard end > offset else { return [] }
        return aborted.overlapping(offset..<end).map { entry in
            var transaction = FetchResponse.AbortedTransaction()
            transaction.producerID = entry.producerID
            transaction.firstOffset = entry.firstOffset
            return transaction
        }
    }
}

extension FetchRequest {
    /// 1 is Kafka's number for READ_COMMITTED.
    var readsCommittedOnly: Bool { isolationLevel == 1 }
}

extension FetchResponse {
    init(refusing request: FetchRequest, with error: ErrorCode) {
        self.init()
        errorCode = error
        responses = request.topics.map { topic in
            var answer = FetchableTopicResponse()
            answer.topic = topic.topic
            answer.topicID = topic.topicID
            answer.partitions = topic.partitions.map { partition in
                var data = PartitionData()
                data.partitionIndex = partition.partition
                data.errorCode = error
                data.highWatermark = -1
                data.records = ByteBuffer()
                return data
            }
            return answer
        }
    }
}
