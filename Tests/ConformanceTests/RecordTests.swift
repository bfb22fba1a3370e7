import KafkaProtocol
import NIOCore
import Testing

/// Record batches and message sets, against kafka-python.
@Suite struct `Records agree with kafka-python's` {
    struct OracleRecord: Codable, Equatable, Sendable {
        var offset: Int64?
        var timestamp: Int64
        var key: String?
        var value: String?
        var headers: [[String?]]

        init(_ record: Record) {
            offset = record.offset
            timestamp = record.timestampMs
            key = record.key?.hex
            value = record.value?.hex
            headers = record.headers.map { [$0.key, $0.value?.hex] }
        }

        // Nil is said, not left out: the other side looks for every name.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(timestamp, forKey: .timestamp)
            try container.encode(key, forKey: .key)
            try container.encode(value, forKey: .value)
            try container.encode(headers, forKey: .headers)
        }
    }

    private let records = [
        Record(offset: 0, timestampMs: 1_700_000_000_000, key: nil, value: ByteBuffer(string: "first")),
        Record(
            offset: 1, timestampMs: 1_700_000_000_900, key: ByteBuffer(string: "key"), value: nil,
            headers: [.init(key: "trace", value: ByteBuffer(string: "a")), .init(key: "trace", value: nil)]),
        Record(
            offset: 2, timestampMs: 1_700_000_000_100, key: ByteBuffer(), value: ByteBuffer(repeating: 9, count: 70_000)
        ),
    ]

    @Test(arguments: [false, true]) func `batches are the same to the byte`(isTransactional: Bool) async throws {
        struct Question: Encodable {
            var ask = "build records"
            var records: [OracleRecord]
            var is_transactional: Bool
            var producer_id: Int64 = 77
            var producer_epoch: Int16 = 3
            var base_sequence: Int32 = 12
        }
        let oracle = try Oracle.get()
        let question = Question(records: records.map(OracleRecord.init), is_transactional: isTransactional)
        let theirs = try await ByteBuffer(hex: oracle.ask(question, String.self))

        var builder = RecordBatchBuilder()
        builder.producerID = 77
        builder.producerEpoch = 3
        builder.baseSequence = 12
        builder.attributes.isTransactional = isTransactional
        for record in records {
            builder.append(
                key: record.key, value: record.value, headers: record.headers, timestampMs: record.timestampMs)
        }
        var ours = builder.build()
        // A producer's leader epoch is nobody's business: kafka-python says 0.
        ours.setPartitionLeaderEpoch(try RecordBatch(headerOf: theirs).partitionLeaderEpoch, ofBatchAt: 0)
        #expect(ours == theirs)

        let header = try RecordBatch(headerOf: theirs)
        try header.validate(theirs)
        var reader = try RecordBatchReader(header, theirs)
        for record in records { #expect(try reader.next() == record) }
        #expect(try reader.next() == nil)
    }

    @Test func `batches that a broker has stamped are read`() async throws {
        struct Question: Encodable {
            var ask = "read records"
            var data: String
        }
        let oracle = try Oracle.get()
        var builder = RecordBatchBuilder()
        for record in records {
            builder.append(
                key: record.key, value: record.value, headers: record.headers, timestampMs: record.timestampMs)
        }
        var bytes = builder.build()
        bytes.setBaseOffset(1_000, ofBatchAt: 0)
        bytes.setLogAppendTime(1_800_000_000_000, of: try RecordBatch(headerOf: bytes), at: 0)
        let read = try await oracle.ask(Question(data: bytes.hex), [OracleRecord].self)
        #expect(read.map(\.offset) == [1_000, 1_001, 1_002])
        #expect(read.allSatisfy { $0.timestamp == 1_800_000_000_000 })
        #expect(read.map(\.value) == records.map { $0.value?.hex })
        #expect(read.map(\.headers) == records.map { OracleRecord($0).headers })
    }

    @Test(arguments: [0, 1]) func `message sets are read`(magic: Int) async throws {
        struct Question: Encodable {
            var ask = "build legacy records"
            var records: [OracleRecord]
            var magic: Int
        }
        let oracle = try Oracle.get()
        let plain = records.map { Record(offset: $0.offset, timestampMs: $0.timestampMs, key: $0.key, value: $0.value) }
        let question = Question(records: plain.map(OracleRecord.init), magic: magic)
        let bytes = try await ByteBuffer(hex: oracle.ask(question, String.self))
        #expect(RecordBatch.magic(of: bytes) == Int8(magic))
        var reader = MessageSetReader(bytes)
        for record in plain {
            var expected = record
            if magic == 0 { expected.timestampMs = -1 }
            #expect(try reader.next() == expected)
        }
        #expect(try reader.next() == nil)
    }

    @Test func `error codes have the same names and are retriable alike`() async throws {
        struct Question: Encodable { var ask = "error codes" }
        struct Entry: Decodable, Sendable {
            var name: String
            var isRetriable: Bool
            init(from decoder: any Decoder) throws {
                var values = try decoder.unkeyedContainer()
                name = try values.decode(String.self)
                isRetriable = try values.decode(Bool.self)
            }
        }
        let oracle = try Oracle.get()
        let theirs = try await oracle.ask(Question(), [String: Entry].self)
        #expect(theirs.count == ErrorCode.known.count)
        for code in ErrorCode.known {
            #expect(theirs["\(code.rawValue)"]?.name == "\(code)")
            #expect(theirs["\(code.rawValue)"]?.isRetriable == code.isRetriable)
        }
    }
}
