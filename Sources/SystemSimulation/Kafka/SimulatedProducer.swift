// A producer that sends each message until it is acknowledged, as an idempotent one does: by producer id and sequence,
// so that what was appended and not acknowledged is not appended twice.

import DequeModule
import KafkaProtocol
import NIOCore
import Simulation

// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class SimulatedProducer: @unchecked Sendable {
    private struct Outgoing {
        let number: Int
        let record: RecordSource.Made
        var sequence: Int32 = -1
    }

    private struct Partition {
        /// What is to be sent, in order; the first is under way if one is.
        var queue: Deque<Outgoing> = []
        var isUnderWay = false
        var nextSequence: Int32 = 0
    }

    private let brokers: SimulatedBrokers
    private let node: NodeID
    private let trace: Trace
    private let index: SystemIndex
    private var link: BrokerConnection?
    private var producerID: Int64 = -1
    private var isInitializing = false
    private var isOver = false
    private var leaderLinks: [Int32: BrokerConnection] = [:]
    private var partitions: [Partition]
    private var records: RecordSource
    private let timeout = Duration.seconds(2)
    private(set) var pending = 0

    init(_ brokers: SimulatedBrokers, _ trace: Trace, _ index: SystemIndex, values: ValuePlan) {
        self.brokers = brokers
        self.trace = trace
        self.index = index
        partitions = index.partitions.map { _ in Partition() }
        records = RecordSource(values)
        node = brokers.network.addNode("producer")
    }

    func stop() {
        isOver = true
        link?.close()
        for partition in partitions.indices { partitions[partition].queue = [] }
    }

    func schedule(_ messages: [MessagePlan]) {
        pending = messages.count
        for (number, message) in messages.enumerated() {
            brokers.executor.schedule(after: .milliseconds(message.atMilliseconds)) { [self] in
                let partition = index.partition("t\(message.topic)", Int32(message.partition))
                partitions[partition].queue.append(Outgoing(number: number, record: records.record(of: message)))
                send(partition)
            }
        }
    }

    private func connection() -> BrokerConnection? {
        if let link, link.isOpen { return link }
        link = nil
        for broker in Int32(1)...Int32(brokers.nodes.count) where link == nil {
            link = brokers.connect(
                from: node, to: broker, client: ClientIdentity(name: "producer", lane: -1, life: 0))
        }
        return link
    }

    private func later(_ partition: Int) {
        brokers.executor.schedule(after: .milliseconds(100)) { [self] in
            partitions[partition].isUnderWay = false
            send(partition)
        }
    }

    private func send(_ partition: Int) {
        guard !isOver, !partitions[partition].isUnderWay, let first = partitions[partition].queue.first else { return }
        guard producerID >= 0 else { return initialize() }
        partitions[partition].isUnderWay = true
        let (topic, number) = index.partitions[partition]
        let leader = brokers.leader(partition)
        guard leader > 0, let link = leaderConnection(leader) else { return later(partition) }
        var outgoing = first
        if outgoing.sequence < 0 {
            outgoing.sequence = partitions[partition].nextSequence
            partitions[partition].nextSequence += 1
            partitions[partition].queue[0] = outgoing
        }
        link.call(.produce(request(outgoing, topic, number)), version: 8, timeout: timeout) { [self] result in
            guard !isOver else { return }
            guard case .success(.produce(let response)) = result,
                let answer = response.responses.first?.partitionResponses.first,
                answer.errorCode == .none || answer.errorCode == .duplicateSequenceNumber
            else { return later(partition) }
            partitions[partition].queue.removeFirst()
            pending -= 1
            trace.fold(first.record.hash)
            trace.record(
                SystemEvent(.produced, partition: partition, offset: answer.baseOffset, detail: Int64(first.number)))
            partitions[partition].isUnderWay = false
            send(partition)
        }
    }

    private func leaderConnection(_ broker: Int32) -> BrokerConnection? {
        if let link = leaderLinks[broker], link.isOpen { return link }
        let link = brokers.connect(
            from: node, to: broker, client: ClientIdentity(name: "producer", lane: -1, life: 0))
        leaderLinks[broker] = link
        return link
    }

    private func request(_ outgoing: Outgoing, _ topic: String, _ partition: Int32) -> ProduceRequest {
        var builder = RecordBatchBuilder()
        builder.producerID = producerID
        builder.producerEpoch = 0
        builder.baseSequence = outgoing.sequence
        builder.append(
            key: outgoing.record.key, value: outgoing.record.value,
            timestampMs: outgoing.record.timestampMilliseconds)
        var data = ProduceRequest.PartitionProduceData()
        data.index = partition
        data.records = builder.build()
        var asked = ProduceRequest.TopicProduceData()
        asked.name = topic
        asked.partitionData = [data]
        var request = ProduceRequest()
        request.acks = -1
        request.timeoutMs = 2000
        request.topicData = [asked]
        return request
    }

    private func initialize() {
        guard !isInitializing else { return }
        isInitializing = true
        guard let link = connection() else { return initializeLater() }
        link.call(.initProducerId(InitProducerIdRequest()), version: 4, timeout: timeout) { [self] result in
            guard case .success(.initProducerId(let response)) = result, response.errorCode == .none else {
                return initializeLater()
            }
            producerID = response.producerID
            for partition in partitions.indices { send(partition) }
        }
    }

    private func initializeLater() {
        brokers.executor.schedule(after: .milliseconds(200)) { [self] in
            isInitializing = false
            if !isOver { initialize() }
        }
    }
}
