// Makes the records of a run, one after the other: all that chance decides is drawn here, from the seed.

package import Kafka
package import LoadGenerators
package import SeededRandom

/// What the records of a run are to be like.
package struct RecordPlan: Sendable {
    package enum Partitioning: Sendable, Equatable {
        /// By librdkafka's partitioner.
        case partitioner
        case roundRobin
        case fixed(Int32)
    }

    package enum Timestamps: Sendable, Equatable {
        /// When librdkafka takes the record.
        case now
        /// When the record is meant to be sent.
        case intended
        /// In milliseconds: a first one since 1970, and so many more with each record.
        case counted(from: Int64, step: Int64)
    }

    package struct Topic: Sendable, Equatable {
        package var name: String
        package var weight: Double

        package init(name: String, weight: Double) {
            self.name = name
            self.weight = weight
        }
    }

    package var run = "run"
    package var producer = "0"
    package var topics: [Topic] = []
    package var keys = KeySource(.none)
    package var payload = PayloadSource(.sentence, sizes: .fixed(100), most: SizeDistribution.largest)
    /// Where values are lines.
    package var lines: LineSource?
    package var tombstones = 0.0
    package var headers: [MessageHeader] = []
    package var partitioning = Partitioning.partitioner
    package var timestamps = Timestamps.now
    package var isVerified = true

    package init() {}
}

package struct RecordMaker: Sendable {
    private var plan: RecordPlan
    private let cumulatedWeights: [Double]
    private let partitionCounts: [Int]
    private var nextPartition: [Int32]
    private let headerPrefix: [UInt8]
    // Of its own each, so that one setting changes nothing that another draws.
    private var topicGenerator: SeededGenerator
    private var keyGenerator: SeededGenerator
    private var payloadGenerator: SeededGenerator
    private var tombstoneGenerator: SeededGenerator

    /// - Parameter partitionCounts: Of each topic; for records that go round.
    package init(_ plan: RecordPlan, partitionCounts: [Int], generator: inout SeededGenerator) {
        self.plan = plan
        self.partitionCounts = partitionCounts
        nextPartition = plan.topics.map { _ in 0 }
        headerPrefix = Array(VerificationHeader.prefix(run: plan.run, producer: plan.producer).utf8)
        var sum = 0.0
        cumulatedWeights = plan.topics.map { topic in
            sum += topic.weight
            return sum
        }
        topicGenerator = generator.fork()
        keyGenerator = generator.fork()
        payloadGenerator = generator.fork()
        tombstoneGenerator = generator.fork()
    }

    /// A batch for each of the plan's topics.
    package func emptyBatches() -> [MessageBatch] {
        plan.topics.map { _ in MessageBatch(headers: plan.headers, ownHeader: VerificationHeader.name) }
    }

    /// Appends the next record to the batch of its topic.
    ///
    /// - Parameters:
    ///   - intended: In nanoseconds since 1970.
    ///   - token: Of the message.
    ///   - line: The value, where values are lines.
    ///   - aborted: Records so far in transactions to be aborted.
    /// - Returns: Its bytes, header included.
    @discardableResult
    package mutating func make(
        _ sequence: Int, intended: Int64, token: UInt, line: ArraySlice<UInt8> = [], aborted: Int = 0,
        isToBeAborted: Bool = false, into batches: inout [MessageBatch]
    ) -> Int {
        let topic = topicIndex()
        let start = batches[topic].bytes.count
        let key = plan.keys.append(sequence, to: &batches[topic].bytes, using: &keyGenerator)
        let valueStart = batches[topic].bytes.count
        let context = Template.Context(
            run: plan.run, producer: plan.producer, sequence: sequence, intended: intended, key: key)
        plan.payload.append(context, line: line, to: &batches[topic].bytes, using: &payloadGenerator)
        var value: Range<Int>? = valueStart..<batches[topic].bytes.count
        if plan.tombstones > 0, Double.random(in: 0..<1, using: &tombstoneGenerator) < plan.tombstones {
            batches[topic].bytes.removeSubrange(valueStart...)
            value = nil
        }
        var header: Range<Int>?
        if plan.isVerified {
            var crc = CRC32C()
            crc.update(batches[topic].bytes[start...])
            let own = VerificationHeader(
                run: plan.run, producer: plan.producer, sequence: sequence, intended: intended,
                checksum: crc.value, aborted: aborted, isToBeAborted: isToBeAborted)
            let headerStart = batches[topic].bytes.count
            batches[topic].bytes += headerPrefix
            own.append(to: &batches[topic].bytes)
            header = headerStart..<batches[topic].bytes.count
        }
        batches[topic].append(
            .init(
                key: key, value: value, header: header, partition: partition(of: topic),
                timestampMilliseconds: timestamp(sequence, intended), token: token))
        return batches[topic].bytes.count - start
    }

    private mutating func topicIndex() -> Int {
        guard cumulatedWeights.count > 1, let sum = cumulatedWeights.last else { return 0 }
        let wanted = Double.random(in: 0..<sum, using: &topicGenerator)
        return cumulatedWeights.firstIndex { wanted < $0 } ?? 0
    }

    private mutating func partition(of topic: Int) -> Int32 {
        switch plan.partitioning {
        case .partitioner: return ProducerTopic.anyPartition
        case .fixed(let partition): return partition
        case .roundRobin:
            let partition = nextPartition[topic]
            nextPartition[topic] = Int(partition) + 1 < partitionCounts[topic] ? partition + 1 : 0
            return partition
        }
    }

    private func timestamp(_ sequence: Int, _ intended: Int64) -> Int64? {
        switch plan.timestamps {
        case .now: nil
        case .intended: intended / 1_000_000
        case .counted(let from, let step): from &+ step &* Int64(sequence)
        }
    }
}
