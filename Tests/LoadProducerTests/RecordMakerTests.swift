import Kafka
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

    private func sizes(_ text: String, most: Int = 1_000_000) throws -> [Double] {
        let distribution = try #require(SizeDistribution(text))
        return records(4_000) { $0.payload = PayloadSource(.sentence, sizes: distribution, most: most) }
            .map { Double($0.value?.count ?? -1) }
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    @Test func `sizes are distributed as they are asked for`() throws {
        #expect(Set(try sizes("123")) == [123])
        let uniform = try sizes("uniform:100:300")
        #expect(uniform.min() == 100 && uniform.max() == 300)
        #expect(abs(mean(uniform) - 200) < 5)
        let normal = try sizes("normal:500:50")
        #expect(abs(mean(normal) - 500) < 5)
        let deviation = mean(normal.map { ($0 - 500) * ($0 - 500) }).squareRoot()
        #expect(abs(deviation - 50) < 3)
        let logNormal = try sizes("lognormal:200:1").sorted()
        #expect(abs(logNormal[2_000] - 200) < 15)
        // One sigma up is e times the median.
        #expect(abs(logNormal[3_365] - 543) < 60)
        #expect(try sizes("lognormal:200:3", most: 1_000).max() == 1_000)
    }

    @Test func `bytes by chance are as compressible as they are asked to be`() {
        let record = records(1) {
            $0.payload = PayloadSource(
                .random(compressibility: 0.25), sizes: .fixed(10_000), most: 10_000)
        }[0]
        let value = record.value ?? []
        #expect(value.count == 10_000)
        #expect(value.suffix(2_500).allSatisfy { $0 == 0 })
        #expect(Set(value.prefix(7_500)).count == 256)
    }

    @Test func `text is words, lines are as given, tombstones have their share`() {
        let text = records(3) { $0.payload = PayloadSource(.text, sizes: .fixed(50), most: 50) }
        #expect(text.allSatisfy { $0.value?.count == 50 })
        #expect(text[0].value != text[1].value)
        let lines = records(2) { $0.payload = PayloadSource(.lines, sizes: .fixed(0), most: 0) }
        #expect(lines.map(\.value) == [[7, 8], [7, 8]])
        let tombstones = records(4_000) { $0.tombstones = 0.25 }.filter { $0.value == nil }.count
        #expect(abs(tombstones - 1_000) < 100)
    }

    @Test func `a template fills its fields`() throws {
        let template = try Template(
            "{\"n\":{{sequence}},\"t\":{{time}},\"r\":\"{{run}}/{{producer}}\",\"k\":\"{{key}}\",\"u\":\"{{uuid}}\","
                + "\"i\":{{int:5:6}},\"f\":{{float:0:1}},\"w\":\"{{text:4}}\",\"c\":\"{{choice:x|y}}\"}")
        let record = records(4) {
            $0.keys = KeySource(.sequential(count: nil))
            $0.payload = PayloadSource(.template(template), sizes: .fixed(0), most: 0)
        }[3]
        let text = String(decoding: record.value ?? [], as: UTF8.self)
        let uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
        let pattern = try Regex(
            #"\{"n":3,"t":1700000000003,"r":"run/0","k":"key-3","u":""# + uuid
                + #"","i":[56],"f":0\.[0-9e-]+,"w":"[a-z ]{4}","c":"[xy]"\}"#)
        #expect(text.wholeMatch(of: pattern) != nil, "\(text)")
        for text in ["{{nope}}", "{{int:5}}", "{{int:6:5}}", "{{sequence", "{{text:-1}}"] {
            #expect(throws: Template.UnknownField.self) { try Template(text) }
        }
    }

    @Test func `keys are none, in turn, at random, or hot`() {
        func keys(_ kind: KeySource.Kind, lines: [[UInt8]] = []) -> [String?] {
            records(5_000) { $0.keys = KeySource(kind, lines: lines) }
                .map { $0.key.map { String(decoding: $0, as: UTF8.self) } }
        }
        #expect(Set(keys(.none)) == [nil])
        #expect(Array(keys(.sequential(count: 2)).prefix(3)) == ["key-0", "key-1", "key-0"])
        let uniform = Dictionary(grouping: keys(.uniform(count: 10))) { $0 }.mapValues(\.count)
        #expect(uniform.count == 10 && uniform.values.allSatisfy { abs($0 - 500) < 120 })
        let zipf = Dictionary(grouping: keys(.zipf(exponent: 1, count: 100))) { $0 }.mapValues(\.count)
        // The harmonic number of 100 is 5.187: the first has a share of 0.193, the second half of it.
        #expect(abs((zipf["key-0"] ?? 0) - 964) < 120)
        #expect(abs((zipf["key-1"] ?? 0) - 482) < 100)
        #expect(Set(keys(.file("x"), lines: [[65], [66]])) == ["A", "B"])
        #expect(KeySource.kind("zipf:1.1:1000") == .zipf(exponent: 1.1, count: 1_000))
        #expect(KeySource.kind("uniform:5") == .uniform(count: 5))
        #expect(KeySource.kind("zipf:1.1") == nil)
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
