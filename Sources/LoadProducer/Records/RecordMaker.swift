// Makes the records of a run, one after the other: all that chance decides is drawn here, from the seed.

package import Kafka
package import SeededRandom

package struct Record: Sendable {
    /// Of `RecordPlan.topics`.
    package var topic: Int
    package var partition: Int32
    package var key: [UInt8]?
    package var value: [UInt8]?
    package var headers: [MessageHeader]
    package var timestampMilliseconds: Int64?

    package var byteCount: Int { (key?.count ?? 0) + (value?.count ?? 0) }
}

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

    /// - Parameters:
    ///   - intended: In nanoseconds since 1970.
    ///   - aborted: Records so far in transactions to be aborted.
    package mutating func make(
        _ sequence: Int, intended: Int64, aborted: Int = 0, isToBeAborted: Bool = false
    ) -> Record {
        let topic = topicIndex()
        let key = plan.keys.key(sequence, using: &keyGenerator)
        let context = Template.Context(
            run: plan.run, producer: plan.producer, sequence: sequence, intended: intended, key: key)
        var value: [UInt8]? = plan.payload.payload(context, using: &payloadGenerator)
        if plan.tombstones > 0, Double.random(in: 0..<1, using: &tombstoneGenerator) < plan.tombstones { value = nil }
        var headers = plan.headers
        if plan.isVerified {
            let header = VerificationHeader(
                run: plan.run, producer: plan.producer, sequence: sequence, intended: intended,
                checksum: VerificationHeader.checksum(key: key, value: value), aborted: aborted,
                isToBeAborted: isToBeAborted)
            headers.append(MessageHeader(VerificationHeader.name, header.text))
        }
        return Record(
            topic: topic, partition: partition(of: topic), key: key, value: value, headers: headers,
            timestampMilliseconds: timestamp(sequence, intended))
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
