import Foundation
import NIOCore
import Testing

@testable import FakeBroker
@testable import KafkaProtocol

/// Requests of every API in every version, as clients send them and with bytes changed, from the frame's header on:
/// nothing traps, everything that is answered can be written, and memory stays bounded.
///
/// A debug build needs 70 µs a frame: a million take 35 s of two cores that do nothing else. So there are as many as
/// fit a quick test, and `FAKE_BROKER_FUZZ_FRAMES` says how many else, such as 1000000.
@Suite struct `Mutated frames` {
    private static let frames =
        ProcessInfo.processInfo.environment["FAKE_BROKER_FUZZ_FRAMES"].flatMap { Int($0) } ?? 250_000
    private static let rounds = UInt64(4)
    private static let seedsPerRound = UInt64(8)

    @Test func `are answered, refused or wait`() async throws {
        // Other tests run in this process too, and take memory of their own. What grows here grows in each round.
        var leastGrowth = Int.max
        for round in 0..<Self.rounds {
            let before = Self.residentBytes()
            // On all cores: each seed has a cluster of its own.
            try await withThrowingTaskGroup { group in
                for seed in 0..<Self.seedsPerRound {
                    group.addTask { try await Self.feed(round * Self.seedsPerRound + seed) }
                }
                try await group.waitForAll()
            }
            leastGrowth = min(leastGrowth, Self.residentBytes() - before)
        }
        #expect(leastGrowth < 128 << 20)
    }

    @concurrent private static func feed(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var counts = (decoded: 0, answered: 0)
        var brokers = Self.cluster(seed)
        let frames = Self.frames / Int(Self.rounds * Self.seedsPerRound)
        for number in 0..<frames {
            // Tests beside this one have deadlines, and no threads but those that this would keep.
            if number % 100 == 0 { await Task.yield() }
            var frame = Self.corpus.randomElement(using: &random) ?? ByteBuffer()
            for _ in 0..<Int(random.next() % 4) { Self.mutate(&frame, using: &random) }
            guard let header = try? RequestHeader.decode(from: &frame),
                Cluster.answers(header.apiKey, header.apiVersion),
                let request = try? Request.decode(header.apiKey, version: header.apiVersion, from: &frame)
            else { continue }
            counts.decoded += 1
            if let answer = brokers.send(request, version: header.apiVersion, from: random.next() % 7) {
                counts.answered += 1
                var reply = ByteBuffer()
                try answer.encode(version: header.apiVersion, into: &reply)
            }
            if number % 100 == 0 { brokers.pass(.milliseconds(500)) }
            // What one cluster keeps grows with what it is sent.
            if number % 10_000 == 9_999 { brokers = Self.cluster(random.next()) }
        }
        #expect(counts.decoded > frames / 4)
        #expect(counts.answered > counts.decoded / 4)
    }

    private static func cluster(_ seed: UInt64) -> VirtualCluster {
        VirtualCluster {
            $0.seed = seed
            $0.topics = [.init("t", partitions: 2), .init("a")]
            $0.limits.topics = 100
            $0.limits.partitionsPerTopic = 100
            $0.limits.journalEntries = 100
        }
    }

    /// Zero where there is no /proc.
    private static func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }

    // MARK: What is sent

    /// Two frames of each version of each API.
    private static let corpus: [ByteBuffer] = Cluster.answeredAPIs.flatMap { api in
        api.stableVersions.flatMap { version in
            (UInt64(0)..<2).compactMap { seed in
                var request = Request.sample(api, version: version, seed: seed)
                var aim = Aim(
                    version: version, isFlexible: api.isFlexible(version), random: SeededGenerator(seed: seed))
                request.wire(&aim)
                var frame = ByteBuffer()
                try? Frame.encode(request, version: version, correlationID: 1, clientID: "fuzz", into: &frame)
                frame.moveReaderIndex(forwardBy: 4)
                return frame
            }
        }
    }

    private static func mutate(_ bytes: inout ByteBuffer, using random: inout SeededGenerator) {
        guard bytes.readableBytes > 0 else { return }
        let index = bytes.readerIndex + Int(random.next() % UInt64(bytes.readableBytes))
        switch random.next() % 8 {
        case 0: bytes.moveWriterIndex(to: index)
        case 1, 2:
            let extreme: UInt8 = [0, 0xFF, 0x7F, 0x80][Int(random.next() % 4)]
            bytes.setRepeatingByte(
                extreme, count: min(Int(random.next() % 4) + 1, bytes.writerIndex - index), at: index)
        default: bytes.setInteger(UInt8(truncatingIfNeeded: random.next()), at: index)
        }
    }
}

/// Makes a request name what is there, with numbers that make sense, so that it gets beyond the first check.
private struct Aim: WireVisitor {
    let version: Int16
    let isFlexible: Bool
    var random: SeededGenerator

    private mutating func below(_ bound: UInt64) -> Int { Int(random.next() % bound) }

    mutating func string(_ name: StaticString, _ value: inout String) {
        switch "\(name)" {
        case "GroupId", "GroupIds", "Groups", "Key", "CoordinatorKeys": value = "g"
        case "TransactionalId", "V3AndBelowTransactionalId": value = "tx"
        case "ProtocolType": value = "consumer"
        case "MemberId": value = below(2) == 0 ? "" : value
        default: if below(2) == 0 { value = ["t", "a", "x", "1"][below(4)] }
        }
    }

    mutating func int8(_ name: StaticString, _ value: inout Int8) {
        if below(4) != 0 { value = [0, 1, 2, 4, 8, 16, 32, -1][below(8)] }
    }

    mutating func int16(_ name: StaticString, _ value: inout Int16) { value = Int16(below(3)) - 1 }

    mutating func int32(_ name: StaticString, _ value: inout Int32) {
        if below(8) == 0 { return }
        value = "\(name)".hasSuffix("Ms") ? Int32(below(60_000)) : Int32(below(5)) - 1
    }

    mutating func int64(_ name: StaticString, _ value: inout Int64) {
        if below(8) != 0 { value = Int64(below(12)) - 2 }
    }

    mutating func records(_ name: StaticString, _ value: inout ByteBuffer?) {
        value = Batches.make(
            ["1", "2"], producerID: Int64(below(3)) - 1, epoch: 0, sequence: Int32(below(4)) - 1)
    }
}
