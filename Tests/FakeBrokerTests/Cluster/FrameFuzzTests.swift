import NIOCore
import Testing

@testable import FakeBroker
@testable import KafkaProtocol

/// Frames of every API, as clients send them and with bytes changed, against the decoder and the cluster: nothing
/// traps, everything that is answered can be written, and whoever waits is let go in time.
@Suite struct `Any frame` {
    @Test(arguments: UInt64(0)..<60)
    func `is answered, refused or waits, and never traps`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var brokers = VirtualCluster {
            $0.topics = [.init("t", partitions: 2), .init("a")]
            $0.groupSessionTimeouts = .zero ... .seconds(3_000_000)
            $0.limits.topics = 100
        }
        for number in 0..<150 {
            let api = Cluster.answeredAPIs.randomElement(using: &random) ?? .metadata
            let version = api.stableVersions.randomElement(using: &random) ?? 0
            var request = Request(api)
            var sampler = WireSampler(version: version, isFlexible: api.isFlexible(version), seed: random.next())
            request.wire(&sampler)
            aim(&request, using: &random)
            var bytes = ByteBuffer()
            try request.encode(version: version, into: &bytes)
            for _ in 0..<(Bool.random(using: &random) ? 0 : Int.random(in: 1...4, using: &random)) {
                mutate(&bytes, using: &random)
            }
            guard let decoded = try? Request.decode(api, version: version, from: &bytes) else { continue }
            if let answer = brokers.send(decoded, version: version, from: UInt64(number % 7)) {
                var reply = ByteBuffer()
                try answer.encode(version: version, into: &reply)
            }
            if Int.random(in: 0..<10, using: &random) == 0 { brokers.pass(.seconds(1)) }
        }
        // Waits end: a rebalance or long poll may last as long as its 32 bits of milliseconds, several in a row.
        brokers.pass(.seconds(100_000_000))
        let waiting = brokers.cluster.journal.all.filter { $0.outcome == .waiting }
        #expect(waiting.isEmpty, "\(waiting)")
    }

    /// Names something that is there, so that a request gets beyond the first check.
    private func aim(_ request: inout Request, using random: inout SeededGenerator) {
        let name = ["t", "t", "a", "x"].randomElement(using: &random) ?? "t"
        let partition = Int32.random(in: 0...2, using: &random)
        switch request {
        case .produce(var body):
            body.acks = Int16.random(in: -1...1, using: &random)
            for topic in body.topicData.indices {
                body.topicData[topic].name = name
                for index in body.topicData[topic].partitionData.indices {
                    body.topicData[topic].partitionData[index].index = partition
                    body.topicData[topic].partitionData[index].records = Batches.make(
                        ["1", "2"], producerID: Int64.random(in: -1...2, using: &random), epoch: 0,
                        sequence: Int32.random(in: -1...5, using: &random))
                }
            }
            request = .produce(body)
        case .fetch(var body):
            body.sessionID = 0
            body.sessionEpoch = 0
            for topic in body.topics.indices {
                body.topics[topic].topic = name
                for index in body.topics[topic].partitions.indices {
                    body.topics[topic].partitions[index].partition = partition
                    body.topics[topic].partitions[index].currentLeaderEpoch = -1
                    body.topics[topic].partitions[index].fetchOffset = Int64.random(in: -1...10, using: &random)
                }
            }
            request = .fetch(body)
        case .joinGroup(var body):
            body.groupID = "g"
            body.protocolType = "consumer"
            if Bool.random(using: &random) { body.memberID = "" }
            request = .joinGroup(body)
        case .syncGroup(var body):
            body.groupID = "g"
            request = .syncGroup(body)
        case .listOffsets(var body):
            for topic in body.topics.indices {
                body.topics[topic].name = name
                for index in body.topics[topic].partitions.indices {
                    body.topics[topic].partitions[index].partitionIndex = partition
                    body.topics[topic].partitions[index].currentLeaderEpoch = -1
                }
            }
            request = .listOffsets(body)
        default:
            break
        }
    }

    private func mutate(_ bytes: inout ByteBuffer, using random: inout SeededGenerator) {
        guard bytes.readableBytes > 0 else { return }
        let index = bytes.readerIndex + Int.random(in: 0..<bytes.readableBytes, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            bytes.setInteger(UInt8.random(in: .min ... .max, using: &random), at: index)
        case 1:
            bytes.moveWriterIndex(to: index)
        default:
            let extreme: UInt8 = [0, 0xFF, 0x7F].randomElement(using: &random) ?? 0
            bytes.setRepeatingByte(extreme, count: min(4, bytes.writerIndex - index), at: index)
        }
    }
}
