// Reading: who leads what, where each partition goes on, what is fetched ahead, and what is handed out.

import DequeModule
import Kafka
import KafkaProtocol
import NIOCore
import Simulation

extension SimulatedConsumer {
    // MARK: Metadata

    func refreshMetadata() {
        guard !isMetadataUnderWay, !isOver else { return }
        isMetadataUnderWay = true
        guard let link = anyConnection() else { return refreshMetadataLater() }
        var request = MetadataRequest()
        request.topics = topics.map { name in
            var topic = MetadataRequest.MetadataRequestTopic()
            topic.name = name
            return topic
        }
        request.allowAutoTopicCreation = false
        link.call(.metadata(request), version: 9, timeout: settings.requestTimeout) { [self] result in
            guard case .success(.metadata(let response)) = result else { return refreshMetadataLater() }
            isMetadataUnderWay = false
            for topic in response.topics {
                for partition in topic.partitions {
                    leaders[TopicPartition(topic.name ?? "", partition.partitionIndex)] = partition.leaderID
                }
            }
            let isMissing = leaders.isEmpty || leaders.values.contains(-1)
            if isMissing { refreshMetadataLater() }
            fetchCommittedOffsets()
            serveFetches()
        }
    }

    private func refreshMetadataLater() {
        isMetadataUnderWay = true
        after(.milliseconds(300)) { [self] in
            isMetadataUnderWay = false
            refreshMetadata()
        }
    }

    // MARK: Where to go on

    /// Asks for the committed offsets of partitions that have no position yet.
    func fetchCommittedOffsets() {
        let unknown = held.filter { $0.position == nil && !$0.isLeaving }
        guard !unknown.isEmpty, !isOver else { return }
        guard let coordinator, coordinator.isOpen else { return fetchCommittedOffsetsLater() }
        var request = OffsetFetchRequest()
        request.groupID = SimulatedBrokers.group
        request.requireStable = true
        request.topics = Set(unknown.map(\.partition.topic)).sorted().map { name in
            var topic = OffsetFetchRequest.OffsetFetchRequestTopic()
            topic.name = name
            topic.partitionIndexes = unknown.filter { $0.partition.topic == name }.map(\.partition.partition)
            return topic
        }
        coordinator.call(.offsetFetch(request), version: 7, timeout: settings.requestTimeout) { [self] result in
            guard case .success(.offsetFetch(let response)) = result, response.errorCode == .none else {
                return fetchCommittedOffsetsLater()
            }
            var isIncomplete = false
            for topic in response.topics {
                for partition in topic.partitions {
                    guard partition.errorCode == .none else {
                        isIncomplete = true
                        continue
                    }
                    let named = TopicPartition(topic.name, partition.partitionIndex)
                    guard let asked = unknown.first(where: { $0.partition == named }), let index = position(of: named),
                        held[index].epoch == asked.epoch, held[index].position == nil
                    else { continue }
                    // Without one, `auto.offset.reset` is `earliest` here.
                    held[index].position = max(0, partition.committedOffset)
                    held[index].committed = partition.committedOffset
                }
            }
            if isIncomplete { fetchCommittedOffsetsLater() }
            serveFetches()
        }
    }

    private func fetchCommittedOffsetsLater() {
        after(.milliseconds(300)) { [self] in fetchCommittedOffsets() }
    }

    // MARK: Fetch

    /// What a fetch asks of a partition, and under which assignment and since which seek.
    private struct Wanted {
        let partition: TopicPartition
        let offset: Int64
        let epoch: UInt64
        let version: Int
    }

    /// Has one fetch under way at each broker that leads something to be read.
    func serveFetches() {
        guard !isOver, state != .closing, !isEnded else { return }
        for broker in Int32(1)...Int32(brokers.nodes.count) where !fetching.contains(broker) {
            let wanted = wanted(of: broker)
            if !wanted.isEmpty { fetch(wanted, from: broker) }
        }
    }

    private func wanted(of broker: Int32) -> [Wanted] {
        let leaders = leaders
        var wanted: [Wanted] = []
        wanted.reserveCapacity(held.count)
        for held in held {
            guard let offset = held.position, !held.isPaused, !held.isLeaving, held.queue.count < settings.queueLimit,
                leaders[held.partition] == broker
            else { continue }
            wanted.append(
                Wanted(partition: held.partition, offset: offset, epoch: held.epoch, version: held.version))
        }
        return wanted
    }

    private func fetch(_ all: [Wanted], from broker: Int32) {
        fetching.insert(broker)
        guard let link = connection(to: broker) else { return fetchLater(broker) }
        var request = FetchRequest()
        request.maxWaitMs = 500
        request.minBytes = 1
        request.isolationLevel = 1
        for wanted in all {
            var partition = FetchRequest.FetchPartition()
            partition.partition = wanted.partition.partition
            partition.fetchOffset = wanted.offset
            partition.partitionMaxBytes = 1_048_576
            if request.topics.last?.topic != wanted.partition.topic {
                var topic = FetchRequest.FetchTopic()
                topic.topic = wanted.partition.topic
                topic.partitions.reserveCapacity(all.count)
                request.topics.append(topic)
            }
            request.topics[request.topics.count - 1].partitions.append(partition)
        }
        link.call(.fetch(request), version: 11, timeout: settings.requestTimeout) { [self] result in
            guard !isOver else { return }
            guard case .success(.fetch(let response)) = result, response.errorCode == .none else {
                return fetchLater(broker)
            }
            fetching.remove(broker)
            if take(response, of: all) {
                handOut()
                serveFetches()
            } else {
                fetching.insert(broker)
                fetchLater(broker)
            }
        }
    }

    private func fetchLater(_ broker: Int32) {
        refreshMetadata()
        after(.milliseconds(100)) { [self] in
            fetching.remove(broker)
            handOut()
            serveFetches()
        }
    }

    /// False if some partition said an error.
    private func take(_ response: FetchResponse, of wanted: [Wanted]) -> Bool {
        var isWhole = true
        for topic in response.responses {
            for part in topic.partitions {
                let named = TopicPartition(topic.topic, part.partitionIndex)
                guard let asked = wanted.first(where: { $0.partition == named }), let index = position(of: named),
                    held[index].epoch == asked.epoch, held[index].version == asked.version, !held[index].isLeaving
                else { continue }
                switch part.errorCode {
                case .none:
                    guard let records = part.records else { continue }
                    if !append(records, to: index) { isWhole = false }
                case .offsetOutOfRange:
                    held[index].position = 0
                    isWhole = false
                default: isWhole = false
                }
            }
        }
        return isWhole
    }

    /// False if a batch is spoiled; it is fetched again.
    private func append(_ records: ByteBuffer, to index: Int) -> Bool {
        var rest = records
        do {
            while let (batch, bytes) = try RecordBatch.next(from: &rest) {
                try batch.validate(bytes)
                var reader = try RecordBatchReader(batch, bytes)
                while let record = try reader.next() {
                    guard record.offset >= held[index].position ?? 0 else { continue }
                    held[index].queue.append(record)
                    held[index].position = record.offset + 1
                }
            }
            return true
        } catch {
            return false
        }
    }

    // MARK: Handing out

    /// Waits for messages: at least one, at most `limit`; nil once drained or closed.
    func next(limit: Int) async -> [Message]? {
        guard !isEnded, !Task.isCancelled else { return nil }
        if let batch = takeMessages(limit) { return batch }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiter = Waiter(limit: limit, continuation: continuation)
            }
        } onCancel: {
            waiter?.continuation.resume(returning: nil)
            waiter = nil
        }
    }

    /// Gives whoever waits what is there.
    func handOut() {
        guard let waiter, let batch = takeMessages(waiter.limit) else { return }
        self.waiter = nil
        waiter.continuation.resume(returning: batch)
    }

    /// Of all partitions in turn, beginning with another each time.
    private func takeMessages(_ limit: Int) -> [Message]? {
        var batch: [Message] = []
        turn += 1
        for step in held.indices {
            let index = (step + turn) % held.count
            guard !held[index].isPaused, !held[index].isLeaving else { continue }
            while batch.count < limit, let record = held[index].queue.popFirst() {
                batch.append(
                    Message(partition: held[index].partition, record: record, epoch: held[index].epoch))
            }
        }
        guard !batch.isEmpty else { return nil }
        executor.schedule(after: .zero) { [self] in serveFetches() }
        return batch
    }
}
