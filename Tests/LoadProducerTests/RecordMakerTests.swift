import Kafka
import LoadGenerators
import LoadProducer
import SeededRandom
import Testing

/// What a record maker made, taken out of its batch.
private struct Record {
    var topic: Int
    var partition: Int32
    var key: [UInt8]?
    var value: [UInt8]?
    var headers: [MessageHeader]
    var timestampMilliseconds: Int64?
}

@Suite struct RecordMakerTests {
    private func records(
        _ count: Int, seed: UInt64 = 1, partitions: Int = 3, _ change: (inout RecordPlan) -> Void
    ) -> [Record] {
        var plan = RecordPlan()
        plan.topics = [.init(name: "t", weight: 1)]
        plan.isVerified = false
        change(&plan)
        var generator = SeededGenerator(seed: seed)
        var maker = RecordMaker(
            plan, partitionCounts: plan.topics.map { _ in partitions }, generator: &generator)
        var batches = maker.emptyBatches()
        return (0..<count).flatMap { number in
            maker.make(
                number, intended: 1_700_000_000_000_000_000 + Int64(number) * 1_000_000, token: UInt(number),
                line: [7, 8], into: &batches)
            // Records that are not at the start of their batch too.
            return number % 3 == 2 || number == count - 1 ? taken(from: &batches) : []
        }
    }

    private func taken(from batches: inout [MessageBatch]) -> [Record] {
        var records: [(token: UInt, record: Record)] = []
        for topic in batches.indices {
            let batch = batches[topic]
            for message in batch.messages {
                let own = message.header.map { [MessageHeader(batch.ownHeader, Array(batch.bytes[$0]))] } ?? []
                records.append(
                    (
                        message.token,
                        Record(
                            topic: topic, partition: message.partition, key: message.key.map { Array(batch.bytes[$0]) },
                            value: message.value.map { Array(batch.bytes[$0]) }, headers: batch.headers + own,
                            timestampMilliseconds: message.timestampMilliseconds)
                    ))
            }
            batches[topic].removeAll()
        }
        return records.sorted { $0.token < $1.token }.map(\.record)
    }

    @Test func `lines are as given, tombstones have their share`() {
        let lines = records(2) { $0.payload = PayloadSource(.lines, sizes: .fixed(0), most: 0) }
        #expect(lines.map(\.value) == [[7, 8], [7, 8]])
        let tombstones = records(4_000) { $0.tombstones = 0.25 }.filter { $0.value == nil }.count
        #expect(abs(tombstones - 1_000) < 100)
    }

    @Test func `a template is told of the run, the record and its key`() throws {
        let template = try Template("{{run}}/{{producer}} {{sequence}} {{time}} {{key}}")
        let record = records(4) {
            $0.keys = KeySource(.sequential(count: nil))
            $0.payload = PayloadSource(.template(template), sizes: .fixed(0), most: 0)
        }[3]
        #expect(String(decoding: record.value ?? [], as: UTF8.self) == "run/0 3 1700000000003 key-3")
    }

    @Test func `topics get what their weights say`() {
        let records = records(8_000) {
            $0.topics = [.init(name: "a", weight: 3), .init(name: "b", weight: 1)]
        }
        #expect(abs(records.filter { $0.topic == 0 }.count - 6_000) < 200)
    }

    @Test func `partitions and timestamps are chosen`() {
        let round = records(4) { $0.partitioning = .roundRobin }
        #expect(round.map(\.partition) == [0, 1, 2, 0])
        #expect(records(2) { $0.partitioning = .fixed(2) }.map(\.partition) == [2, 2])
        #expect(records(1) { _ in }[0].partition == -1)
        #expect(
            records(3) { $0.timestamps = .counted(from: 10, step: 5) }.map(\.timestampMilliseconds) == [10, 15, 20])
        #expect(records(2) { $0.timestamps = .intended }[1].timestampMilliseconds == 1_700_000_000_001)
        #expect(records(1) { _ in }[0].timestampMilliseconds == nil)
    }

    @Test func `the same seed makes the same records, another one others`() {
        func all(_ seed: UInt64) -> [[UInt8]?] {
            records(200, seed: seed) {
                $0.keys = KeySource(.uniform(count: 50))
                $0.tombstones = 0.1
                $0.payload = PayloadSource(
                    .random(compressibility: 0), sizes: .uniform(1...50), most: 50)
            }.flatMap { [$0.key, $0.value] }
        }
        #expect(all(5) == all(5))
        #expect(all(5) != all(6))
    }

    @Test func `each record carries what it is to be verified by`() throws {
        let record = records(2) {
            $0.isVerified = true
            $0.keys = KeySource(.sequential(count: nil))
            $0.headers = [MessageHeader("a", "b")]
        }[1]
        #expect(record.headers.first == MessageHeader("a", "b"))
        let header = try #require(record.headers.last)
        #expect(header.name == "Load-Record")
        let text = String(decoding: header.value ?? [], as: UTF8.self)
        let read = try #require(VerificationHeader(text))
        #expect(read.run == "run" && read.producer == "0" && read.sequence == 1)
        #expect(read.intended == 1_700_000_000_001_000_000)
        #expect(read.checksum == VerificationHeader.checksum(key: record.key, value: record.value))
    }

    @Test func `keys and values without a byte are there all the same`() {
        let empty = records(1) {
            $0.keys = KeySource(.file("x"), lines: [[]])
            $0.payload = PayloadSource(.sentence, sizes: .fixed(0), most: 0)
        }[0]
        #expect(empty.key == [] && empty.value == [])
        let absent = records(1) { $0.tombstones = 1 }[0]
        #expect(absent.key == nil && absent.value == nil)
    }

    @Test func `the checksum is Castagnoli's`() {
        // Of RFC 3720, appendix B.4: thirty-two bytes of zeros; and the usual check of the digits.
        #expect(VerificationHeader.checksum(key: nil, value: [UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(VerificationHeader.checksum(key: Array("1234".utf8), value: Array("56789".utf8)) == 0xE306_9283)
    }
}
