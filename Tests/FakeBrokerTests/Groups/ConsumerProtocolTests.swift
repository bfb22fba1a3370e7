import NIOCore
import Testing

@testable import FakeBroker

/// What members of a classic group tell, read by the coordinator.
@Suite struct `A classic member's metadata` {
    @Test func `is read in each of its versions`() throws {
        var bytes = VirtualCluster.subscription(["a", "b"], owning: [("a", [1, 2])])
        let one = try #require(ConsumerProtocol.Subscription(bytes))
        #expect((one.version, one.topics) == (1, ["a", "b"]))
        #expect(
            one.ownedPartitions == [TopicPartition(topic: "a", partition: 1), TopicPartition(topic: "a", partition: 2)])
        bytes.setInteger(Int16(3), at: bytes.readerIndex)
        #expect(ConsumerProtocol.Subscription(bytes) == nil)
        bytes.writeInteger(Int32(7))
        bytes.writeInteger(Int16(1))
        bytes.writeString("r")
        #expect(ConsumerProtocol.Subscription(bytes)?.rack == "r")
        bytes.setInteger(Int16(0), at: bytes.readerIndex)
        let zero = try #require(ConsumerProtocol.Subscription(bytes))
        #expect((zero.ownedPartitions, zero.rack) == ([], nil))
    }

    @Test func `is written as it is read`() {
        let bytes = ConsumerProtocol.assignment([("a", [0, 3]), ("b", [1])], version: 2)
        #expect(
            ConsumerProtocol.partitions(ofAssignment: bytes)?.map { "\($0.topic)-\($0.partition)" }
                == ["a-0", "a-3", "b-1"])
        #expect(ConsumerProtocol.partitions(ofAssignment: ByteBuffer()) == [])
    }

    /// It comes from clients: counts and lengths may be anything.
    @Test(arguments: UInt64(0)..<20)
    func `never traps whatever is in it`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let good = Array(VirtualCluster.subscription(["a", "b"], owning: [("a", [1, 2])]).readableBytesView)
        for _ in 0..<1000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    [0, 1, 0x7F, 0x80, 0xFF].randomElement(
                        using: &random) ?? 0
            }
            let mutated = ByteBuffer(bytes: bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            _ = ConsumerProtocol.Subscription(mutated)
            _ = ConsumerProtocol.partitions(ofAssignment: mutated)
        }
    }
}
