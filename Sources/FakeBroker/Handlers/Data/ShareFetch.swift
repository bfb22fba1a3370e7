internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

// ShareFetch (key 78): a member of a share group acquires records, and acknowledges others by the way (KIP-932).
//
// What a member reads at a broker is its share session there: epoch 0 opens one, the epochs after it tell only what
// changes, -1 closes it and frees what the member had from it. A fetch that finds nothing waits, and is tried again
// when records come in or are free again. From version 2 on a request may renew locks and then
// fetches nothing (KIP-1222). Whatever the acquire mode (KIP-1206), no more records are acquired than asked for.

/// The epochs that begin and end a share session.
enum ShareSessionEpoch {
    static let open: Int32 = 0
    static let close: Int32 = -1
}

extension Cluster {
    mutating func shareFetch(_ request: ShareFetchRequest, _ context: RequestContext, effects: inout Effects) {
        let key = ShareSession.Key(
            group: request.groupID ?? "", memberID: request.memberID ?? "", broker: context.broker)
        let error = beginShareFetch(request, key, context)
        guard error == .none else {
            let response = ShareFetchResponse(refusing: request, with: error)
            return reply(to: context, .shareFetch(response), error: error, effects: &effects)
        }
        var wait = ShareFetchWait(
            key: key, maxBytes: Int(request.maxBytes), maxRecords: Int(request.maxRecords),
            batchSize: Int(request.batchSize),
            deadline: now.elapsed + .milliseconds(Int64(max(0, request.maxWaitMs))), acknowledged: [:])
        wait.acknowledged = acknowledge(
            request.acknowledgements, by: key, mayRenew: request.isRenewAck, context)
        if request.shareSessionEpoch == ShareSessionEpoch.close {
            closeShareSession(key)
            replyShareFetch(wait, [:], context, effects: &effects)
        } else if request.isRenewAck {
            replyShareFetch(wait, [:], context, effects: &effects)
        } else {
            tryShareFetch(wait, context, effects: &effects)
        }
        wakeShareFetches(of: key.group, effects: &effects)
        finish(key.group, [], effects: &effects)
    }

    /// Checks the request, and opens, changes or looks up the session that it belongs to.
    private mutating func beginShareFetch(
        _ request: ShareFetchRequest, _ key: ShareSession.Key, _ context: RequestContext
    ) -> ErrorCode {
        let error = checkShareMember(key)
        guard error == .none else { return error }
        if request.isRenewAck {
            let fetches = [request.maxWaitMs, request.minBytes, request.maxBytes, request.maxRecords]
            guard fetches.allSatisfy({ $0 == 0 }) else { return .invalidRequest }
        }
        switch request.shareSessionEpoch {
        case ShareSessionEpoch.open:
            guard request.acknowledgements.isEmpty else { return .invalidRequest }
            closeShareSession(key)
            guard shareSessions.count < settings.shareGroups.maxSessions else { return .shareSessionLimitReached }
            shareSessions[key] = ShareSession(connection: context.connection)
        case ShareSessionEpoch.close:
            return shareSessions[key] == nil ? .shareSessionNotFound : .none
        default:
            guard let session = shareSessions[key] else { return .shareSessionNotFound }
            guard session.epoch == request.shareSessionEpoch else { return .invalidShareSessionEpoch }
            shareSessions[key]?.advance()
        }
        for topic in request.topics {
            for partition in topic.partitions {
                shareSessions[key]?.add(
                    TopicIDPartition(topicID: topic.topicID, partition: partition.partitionIndex))
            }
        }
        for topic in request.forgottenTopicsData {
            for partition in topic.partitions {
                shareSessions[key]?.forget(TopicIDPartition(topicID: topic.topicID, partition: partition))
            }
        }
        return .none
    }

    // MARK: Waiting

    /// Answers with what can be acquired, or has the fetch wait if that is nothing and it may.
    private mutating func tryShareFetch(
        _ wait: ShareFetchWait, _ context: RequestContext, effects: inout Effects
    ) {
        let found = acquire(wait, context)
        guard !mustAnswer(wait, found) else { return replyShareFetch(wait, found, context, effects: &effects) }
        timers.set(.shareFetch(shareWaits.insert(wait, from: context)), at: wait.deadline)
    }

    private func mustAnswer(
        _ wait: ShareFetchWait, _ found: OrderedDictionary<TopicIDPartition, ShareFetchResponse.PartitionData>
    ) -> Bool {
        now.elapsed >= wait.deadline || shareSessions[wait.key] == nil
            || found.values.contains { $0.errorCode != .none || !$0.acquiredRecords.isEmpty }
    }

    /// A fetch that waits is tried again; at its deadline it is answered whatever there is.
    mutating func retryShareFetch(_ id: ShareWaits.ID, effects: inout Effects) {
        guard let waiting = shareWaits[id] else { return }
        let found = acquire(waiting.fetch, waiting.context)
        guard mustAnswer(waiting.fetch, found) else { return }
        shareWaits.remove(id)
        replyShareFetch(waiting.fetch, found, waiting.context, effects: &effects)
        let group = waiting.fetch.key.group
        if let deadline = groups.deadlineWithoutTimer(group) { timers.set(.group(group), at: deadline) }
    }

    /// Records may have come in, or be free again: tries the fetches that wait, in the order in which they came.
    ///
    /// - Parameter group: nil for all groups.
    mutating func wakeShareFetches(of group: String?, effects: inout Effects) {
        for id in shareWaits.ids(of: group) { retryShareFetch(id, effects: &effects) }
    }

    // MARK: Acquiring

    /// Acquires for a member what it may have now. Partitions without records or errors are told while they are new.
    private mutating func acquire(
        _ wait: ShareFetchWait, _ context: RequestContext
    ) -> OrderedDictionary<TopicIDPartition, ShareFetchResponse.PartitionData> {
        guard let session = shareSessions[wait.key] else { return [:] }
        var found: OrderedDictionary<TopicIDPartition, ShareFetchResponse.PartitionData> = [:]
        var left = (
            records: max(0, wait.maxRecords), bytes: max(0, min(wait.maxBytes, settings.limits.fetchBytes)),
            isFirst: true
        )
        // Another partition comes first each time, lest one with much in it keep out the others.
        let count = session.partitions.count
        for step in 0..<count {
            let partition = session.partitions[(step + Int(session.epoch) % count) % count]
            var data = ShareFetchResponse.PartitionData(partition)
            if let error = shareError(partition, context) {
                data.errorCode = error
                if error == .notLeaderOrFollower { data.currentLeader = leader(of: partition) }
            } else if left.records > 0 {
                acquire(partition, wait, &left, into: &data)
            }
            if data.errorCode != .none || !data.acquiredRecords.isEmpty || session.unanswered.contains(partition) {
                found[partition] = data
            }
        }
        return found
    }

    private mutating func acquire(
        _ partition: TopicIDPartition, _ wait: ShareFetchWait, _ left: inout (records: Int, bytes: Int, isFirst: Bool),
        into data: inout ShareFetchResponse.PartitionData
    ) {
        guard let name = topics.name(of: partition.topicID),
            let source = topics[name]?.partitions[Int(partition.partition)]
        else { return }
        let id = wait.key.group
        let (log, limits) = (source.log, shareLimits(of: id))
        let committedOnly = shareReadsCommittedOnly(id)
        let end = committedOnly ? source.lastStableOffset : log.endOffset
        var share =
            groups[share: id]?.partitions[partition]
            ?? SharePartition(startOffset: shareOffsetReset(of: id) == .earliest ? log.startOffset : log.endOffset)
        defer { groups[share: id]?.partitions[partition] = share }
        share.advance(to: log.startOffset)
        guard let first = share.firstAvailable(before: end, limits: limits) else { return }
        let records = log.read(from: first, before: end, maxBytes: left.bytes, atLeastOne: left.isFirst)
        let acquired = share.acquire(
            records.batchOffsets(without: committedOnly ? source.aborted : AbortedTransactions()),
            count: left.records, for: wait.key.memberID, limits: limits, now: now.elapsed)
        guard let lastOffset = acquired.last?.lastOffset else { return }
        data.records = records.batches(through: lastOffset)
        data.acquiredRecords = acquired.flatMap { $0.split(by: wait.batchSize) }
        left.records -= acquired.reduce(0) { $0 + Int($1.lastOffset - $1.firstOffset) + 1 }
        left.bytes = max(0, left.bytes - data.records.readableBytes)
        left.isFirst = false
    }

    // MARK: Answering

    private mutating func replyShareFetch(
        _ wait: ShareFetchWait, _ found: OrderedDictionary<TopicIDPartition, ShareFetchResponse.PartitionData>,
        _ context: RequestContext, effects: inout Effects
    ) {
        var answers = found
        for (partition, error) in wait.acknowledged {
            answers[partition, default: ShareFetchResponse.PartitionData(partition)].acknowledgeErrorCode = error
        }
        var response = ShareFetchResponse()
        response.acquisitionLockTimeoutMs = Int32(
            clamping: shareLimits(of: wait.key.group).lockDuration.wholeMilliseconds)
        for (partition, data) in answers.sorted(by: { $0.key < $1.key }) {
            if response.responses.last?.topicID != partition.topicID {
                var topic = ShareFetchResponse.ShareFetchableTopicResponse()
                topic.topicID = partition.topicID
                response.responses.append(topic)
            }
            response.responses[response.responses.count - 1].partitions.append(data)
            if data.errorCode == .none { shareSessions[wait.key]?.unanswered.remove(partition) }
        }
        if answers.values.contains(where: { $0.errorCode == .notLeaderOrFollower }) {
            response.nodeEndpoints = brokers.up.map { .init($0, listener: context.listener) }
        }
        let firstError = answers.values.lazy.map { $0.errorCode == .none ? $0.acknowledgeErrorCode : $0.errorCode }
            .first { $0 != .none }
        reply(to: context, .shareFetch(response), error: firstError ?? .none, effects: &effects)
    }

    private func leader(of partition: TopicIDPartition) -> ShareFetchResponse.LeaderIdAndEpoch {
        var leader = ShareFetchResponse.LeaderIdAndEpoch()
        let found = topics.name(of: partition.topicID).flatMap { topics[$0] }?.partitions[Int(partition.partition)]
        leader.leaderID = found?.leader ?? -1
        leader.leaderEpoch = found?.leaderEpoch ?? -1
        return leader
    }
}

extension ShareFetchRequest {
    /// What the request says of records, by partition.
    fileprivate var acknowledgements: [(partition: TopicIDPartition, batches: [SharePartition.Batch])] {
        topics.flatMap { topic in
            topic.partitions.filter { !$0.acknowledgementBatches.isEmpty }.map { partition in
                (
                    TopicIDPartition(topicID: topic.topicID, partition: partition.partitionIndex),
                    partition.acknowledgementBatches.map {
                        SharePartition.Batch(
                            firstOffset: $0.firstOffset, lastOffset: $0.lastOffset, types: $0.acknowledgeTypes)
                    }
                )
            }
        }
    }
}

extension ShareFetchResponse.PartitionData {
    fileprivate init(_ partition: TopicIDPartition) {
        self.init()
        partitionIndex = partition.partition
        currentLeader.leaderID = -1
        currentLeader.leaderEpoch = -1
    }
}

extension SharePartition.Acquired {
    fileprivate func split(by size: Int) -> [ShareFetchResponse.AcquiredRecords] {
        let length = size > 0 ? Int64(size) : lastOffset - firstOffset + 1
        return stride(from: firstOffset, through: lastOffset, by: Int64.Stride(length)).map { first in
            var records = ShareFetchResponse.AcquiredRecords()
            records.firstOffset = first
            records.lastOffset = min(first + length - 1, lastOffset)
            records.deliveryCount = deliveryCount
            return records
        }
    }
}

extension ByteBuffer {
    /// The offsets of the record batches in it, empty for one that was aborted: its records are as if they were not
    /// there.
    fileprivate func batchOffsets(without aborted: AbortedTransactions) -> [Range<Int64>] {
        var offsets: [Range<Int64>] = []
        var rest = self
        while rest.readableBytes > 0, let batch = try? RecordBatch(headerOf: rest) {
            let range = batch.baseOffset..<max(batch.baseOffset, batch.nextOffset)
            let isAborted = aborted.count > 0 && aborted.overlapping(range).contains { $0.covers(batch) }
            offsets.append(isAborted ? range.upperBound..<range.upperBound : range)
            rest.moveReaderIndex(forwardBy: batch.sizeInBytes)
        }
        return offsets
    }

    /// Its first batches, up to the one that holds the offset.
    fileprivate func batches(through offset: Int64) -> ByteBuffer {
        var rest = self
        while rest.readableBytes > 0, let batch = try? RecordBatch(headerOf: rest), batch.baseOffset <= offset {
            rest.moveReaderIndex(forwardBy: batch.sizeInBytes)
        }
        return getSlice(at: readerIndex, length: rest.readerIndex - readerIndex) ?? self
    }
}

extension ShareFetchResponse {
    init(refusing request: ShareFetchRequest, with error: ErrorCode) {
        self.init()
        errorCode = error
    }
}
