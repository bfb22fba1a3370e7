import TestSupport
import FakeBroker
import Foundation
import Testing

/// kcat is Debian's, on Debian's librdkafka 2.0.2: the version whose quirks contracts must be kept.
@Suite(.serialized) struct `FakeBroker serves kcat` {
    private func kcat(_ broker: FakeBroker, _ arguments: [String], input: String? = nil) async throws -> String {
        let output = try await Command.run(
            ["kcat", "-b", broker.bootstrapServers] + arguments, input: Data((input ?? "").utf8))
        try #require(output.status == 0, "\(output.errors)")
        return output.text
    }

    @Test(arguments: ["none", "gzip", "snappy", "lz4", "zstd"])
    func `producing and consuming with a codec`(codec: String) async throws {
        try await withFakeBroker { broker in
            let lines = (0..<1000).map { "key-\($0):value \($0)" }.joined(separator: "\n")
            _ = try await kcat(broker, ["-P", "-t", "t", "-K:", "-z", codec, "-H", "h=1"], input: lines)
            let read = try await kcat(broker, ["-C", "-t", "t", "-e", "-q", "-o", "beginning", "-f", "%k:%s %h %o\\n"])
            #expect(read == (0..<1000).map { "key-\($0):value \($0) h=1 \($0)\n" }.joined())
        }
    }

    @Test func `listing brokers and topics`() async throws {
        try await withFakeBroker({
            $0.brokers = 3
            $0.topics = [.init("t", partitions: 2)]
        }) { broker in
            let listing = try await kcat(broker, ["-L"])
            #expect(listing.contains(" 3 brokers:"))
            #expect(listing.contains("topic \"t\" with 2 partitions:"))
        }
    }

    @Test func `creating a topic by producing to it`() async throws {
        try await withFakeBroker { broker in
            _ = try await kcat(broker, ["-P", "-t", "new"], input: "a\nb\n")
            #expect(try await broker.records(topic: "new").map(\.text) == ["a", "b"])
        }
    }

    @Test func `consuming in a group and going on where it left off`() async throws {
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            try await broker.append((0..<10).map { .init("\($0)") }, to: "t")
            let arguments = ["-G", "g", "t", "-e", "-q", "-X", "auto.offset.reset=earliest"]
            #expect(try await kcat(broker, arguments) == (0..<10).map { "\($0)\n" }.joined())
            #expect(try await broker.committedOffset(group: "g", topic: "t") == 10)
            try await broker.append([.init("more")], to: "t")
            #expect(try await kcat(broker, arguments) == "more\n")
        }
    }

    @Test(arguments: ["range", "roundrobin", "cooperative-sticky"])
    func `sharing partitions out by an assignor`(assignor: String) async throws {
        try await withFakeBroker({ $0.topics = [.init("t", partitions: 6)] }) { broker in
            // The group has an offset of each partition. librdkafka would ask for the first ones, and a late answer
            // about a partition that went and came back sends it to the beginning (see `StartLookup`).
            for partition in 0..<6 { try await broker.append([.init("first")], to: "t", partition: partition) }
            _ = try await kcat(broker, ["-G", "g", "t", "-q", "-c", "6", "-X", "auto.offset.reset=earliest"])
            // Each ends after so many messages, and cannot have them before it has its share.
            let arguments = [
                "-G", "g", "t", "-q", "-c", "15", "-X", "auto.offset.reset=earliest", "-X",
                "partition.assignment.strategy=\(assignor)", "-X", "heartbeat.interval.ms=100",
            ]
            async let one = kcat(broker, arguments)
            async let two = kcat(broker, arguments)
            try await eventually("both have three") {
                let members = try await broker.describeGroup("g")?.members ?? []
                return members.count == 2 && members.allSatisfy { $0.assignment["t"]?.count == 3 }
            }
            // The last of each partition come together: who has its fifteen leaves, and the other would share again.
            for number in 0..<5 {
                for partition in 0..<6 {
                    try await broker.append([.init("\(partition).\(number)")], to: "t", partition: partition)
                }
            }
            let lines = try await (one + two).split(separator: "\n")
            #expect(Set(lines).count == 30)
        }
    }

    @Test func `coming back as the static member that it was`() async throws {
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            let arguments = ["-G", "g", "t", "-e", "-q", "-X", "group.instance.id=one"]
            var generations: [Int] = []
            for _ in 0..<2 {
                _ = try await kcat(broker, arguments)
                let group = try #require(try await broker.describeGroup("g"))
                #expect(group.members.map(\.instanceID) == ["one"])
                generations.append(Int(group.generation))
            }
            #expect(generations == [1, 1])
        }
    }

    @Test func `asking for offsets by time`() async throws {
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            for time in [Int64(1000), 2000] { try await broker.append([.init("\(time)", timestamp: time)], to: "t") }
            #expect(try await kcat(broker, ["-Q", "-t", "t:0:1500"]).contains("t [0] offset 1"))
            #expect(try await kcat(broker, ["-Q", "-t", "t:0:-1"]).contains("t [0] offset 2"))
            #expect(try await kcat(broker, ["-Q", "-t", "t:0:-2"]).contains("t [0] offset 0"))
        }
    }

    @Test func `producing idempotently, a hundred thousand`() async throws {
        try await withFakeBroker { broker in
            let lines = (0..<100_000).map { "\($0)" }.joined(separator: "\n")
            _ = try await kcat(broker, ["-P", "-t", "t", "-X", "enable.idempotence=true"], input: lines)
            #expect(try await broker.endOffsets(topic: "t") == [100_000])
            #expect(try await broker.records(topic: "t", from: 99_999).map(\.text) == ["99999"])
        }
    }

    @Test func `going on when its broker is stopped and another leads`() async throws {
        try await withFakeBroker({
            $0.brokers = 3
            $0.topics = [.init("t", replicationFactor: 3)]
        }) { broker in
            _ = try await kcat(broker, ["-P", "-t", "t"], input: "a\n")
            for id in 1...2 {
                try await broker.stopBroker(id)
                _ = try await kcat(broker, ["-P", "-t", "t"], input: "b\(id)\n")
            }
            let read = try await kcat(broker, ["-C", "-t", "t", "-e", "-q", "-o", "beginning"])
            #expect(read == "a\nb1\nb2\n")
        }
    }
}
