import KafkaProtocol
import NIOCore
import Testing

/// Whatever the bytes are, decoding ends with a message or an error: no trap, no endless loop, no great allocation.
/// What was decoded can be encoded again, except that tags which were skipped are gone.
@Suite struct `Bytes that were tampered with` {
    @Test(arguments: APIKey.allCases) func `do no harm as requests and replies`(apiKey: APIKey) throws {
        for version in apiKey.versions {
            var mutations = Mutations(seed: UInt64(apiKey.rawValue) << 16 | UInt64(version))
            for seed in 1...3 as ClosedRange<UInt64> {
                var request = ByteBuffer()
                try Request.sample(apiKey, version: version, seed: seed).encode(version: version, into: &request)
                var response = ByteBuffer()
                try Response.sample(apiKey, version: version, seed: seed).encode(version: version, into: &response)
                for _ in 0..<25 {
                    var bytes = mutations.mutate(request)
                    if let read = try? Request.decode(apiKey, version: version, from: &bytes) {
                        #expect(throws: Never.self) { try encode(read, version) }
                    }
                    bytes = mutations.mutate(response)
                    if let read = try? Response.decode(apiKey, version: version, from: &bytes) {
                        #expect(throws: Never.self) { try encode(read, version) }
                    }
                }
            }
        }
    }

    @Test func `do no harm as frames`() throws {
        var mutations = Mutations(seed: 3)
        for apiKey in APIKey.allCases {
            var frame = ByteBuffer()
            let version = apiKey.versions.upperBound
            try Frame.encode(
                Request.sample(apiKey, version: version, seed: 1), version: version, correlationID: 1,
                clientID: "fuzz", into: &frame)
            for _ in 0..<100 {
                var bytes = mutations.mutate(frame)
                if let cut = try? Frame.next(from: &bytes) { _ = try? Frame.decodeRequest(cut) }
            }
        }
    }

    @Test func `do no harm as record batches`() throws {
        var builder = RecordBatchBuilder()
        for index in 0..<5 as Range<Int64> {
            builder.append(
                key: index % 2 == 0 ? nil : ByteBuffer(string: "key"), value: ByteBuffer(string: "value \(index)"),
                headers: [.init(key: "a", value: nil), .init(key: "b", value: ByteBuffer(string: "c"))],
                timestampMs: 1_000 + index)
        }
        let batch = builder.build()
        var mutations = Mutations(seed: 4)
        for _ in 0..<20_000 {
            var bytes = mutations.mutate(batch)
            guard let (header, slice) = try? RecordBatch.next(from: &bytes) else { continue }
            try? header.validate(slice)
            guard var reader = try? RecordBatchReader(header, slice) else { continue }
            var count = 0
            while let record = try? reader.next() {
                count += 1
                _ = try? ControlRecord(record)
            }
            // A record takes seven bytes or more, whatever the header's count says.
            #expect(count <= slice.readableBytes / 7)
        }
    }

    @Test(arguments: [0, 1] as [Int8]) func `do no harm as message sets`(magic: Int8) throws {
        var body = ByteBuffer()
        body.writeMultipleIntegers(magic, 0 as Int8)
        if magic == 1 { body.writeInteger(1_234 as Int64) }
        body.writeMultipleIntegers(-1 as Int32, 5 as Int32)
        body.writeString("value")
        var mutations = Mutations(seed: UInt64(magic) + 5)
        for _ in 0..<10_000 {
            // The checksum is made right, so that mutations reach what lies behind it.
            let inner = mutations.mutate(body)
            var set = ByteBuffer()
            set.writeMultipleIntegers(0 as Int64, Int32(inner.readableBytes + 4), Checksum.crc32(inner))
            set.writeImmutableBuffer(inner)
            var reader = MessageSetReader(set)
            while (try? reader.next()) != nil {}
            var torn = MessageSetReader(mutations.mutate(set))
            while (try? torn.next()) != nil {}
        }
    }

    private func encode(_ request: consuming Request, _ version: Int16) throws {
        var bytes = ByteBuffer()
        try request.encode(version: version, into: &bytes)
    }

    private func encode(_ response: consuming Response, _ version: Int16) throws {
        var bytes = ByteBuffer()
        try response.encode(version: version, into: &bytes)
    }
}

/// Flips bits, cuts, doubles, and writes lengths that lie.
private struct Mutations {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func mutate(_ original: ByteBuffer) -> ByteBuffer {
        var bytes = original
        for _ in 0...below(3) {
            let count = bytes.readableBytes
            guard count > 0 else { return bytes }
            let index = bytes.readerIndex + below(count)
            switch below(6) {
            case 0: bytes.setInteger(UInt8(truncatingIfNeeded: next()), at: index)
            case 1: bytes.setInteger((bytes.getInteger(at: index) ?? 0 as UInt8) ^ UInt8(1 << below(8)), at: index)
            case 2: bytes.moveWriterIndex(to: index)
            case 3: bytes.setBytes([0xff, 0xff, 0xff, 0xff, 0x0f].prefix(count + bytes.readerIndex - index), at: index)
            case 4: bytes.setBytes([0x7f, 0xff, 0xff, 0xff].prefix(count + bytes.readerIndex - index), at: index)
            default: bytes.writeImmutableBuffer(bytes)
            }
        }
        return bytes
    }

    private mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    private mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 29)) &* 0xbf58_476d_1ce4_e5b9 >> 11
    }
}
