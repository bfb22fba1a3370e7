import KafkaProtocol
import NIOCore
import RecordCompression
import Testing

/// What each codec makes of bytes, and what it refuses.
@Suite struct `A codec` {
    static let codecs: [Compression] = [.gzip, .snappy, .lz4, .zstd]

    private func bytes(_ count: Int, _ random: inout Random, letters: UInt8) -> ByteBuffer {
        ByteBuffer(bytes: (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) % letters })
    }

    @Test(arguments: codecs) func `gives back what it was given`(codec: Compression) throws {
        var random = Random(seed: 7)
        for count in [0, 1, 3, 4, 59, 60, 61, 64, 65, 255, 256, 257, 65_535, 65_536, 70_001, 300_000] {
            for letters: UInt8 in [1, 3, 255] {
                let input = bytes(count, &random, letters: letters)
                let closed = try RecordCodec.close(input, codec)
                #expect(try RecordCodec.open(closed, codec) == input, "\(count) bytes of \(letters) letters")
            }
        }
    }

    @Test(arguments: codecs) func `makes less of what repeats itself`(codec: Compression) throws {
        let input = ByteBuffer(string: String(repeating: "the same words again and again, ", count: 1000))
        #expect(try RecordCodec.close(input, codec).readableBytes < input.readableBytes / 10)
    }

    /// By CPython's zlib, cramjam, kafka-python's framing in blocks of 256 bytes, lz4 4.4.5 and zstandard 0.25.
    @Test(arguments: [
        (Compression.gzip, "H4sIAAAAAAACAyvJSFUoTsxNVSjPL0opVkhMT8zMU0jMS4GwdBRKRuVH5WkoD2bmKaTmpQAAm3HEDIoCAAA="),
        (
            .snappy,
            "igVcdGhlIHNhbWUgd29yZHMgYWdhaW4gYW5kCQoELCD+IAD+IAD+IAD+IAD+IAD+IAD+IAD+IAD+IAB+IAAkYW5kIGFuIGVuZA=="
        ),
        (
            .snappy,
            "glNOQVBQWQAAAAABAAAAAQAAACyAAlx0aGUgc2FtZSB3b3JkcyBhZ2FpbiBhbmQJCgQsIP4gAP4gAP4gAH4gAAAAACyAAlx0aGUgc2Ft"
                + "ZSB3b3JkcyBhZ2FpbiBhbmQJCgQsIP4gAP4gAP4gAH4gAAAAADGKAVx0aGUgc2FtZSB3b3JkcyBhZ2FpbiBhbmQJCgQsIP4gAH4g"
                + "ACRhbmQgYW4gZW5k"
        ),
        (.lz4, "BCJNGGhAigIAAAAAAADfLwAAAPIJdGhlIHNhbWUgd29yZHMgYWdhaW4gYW5kCgAvLCAgAP//T6BhbmQgYW4gZW5kAAAAAA=="),
        (.zstd, "KLUv/WCKAWUBAPh0aGUgc2FtZSB3b3JkcyBhZ2FpbiBhbmQsIG4gZW5kAwBuhAC6DFUxHcoY"),
    ])
    func `opens what other libraries closed`(codec: Compression, text: String) throws {
        let expected = String(repeating: "the same words again and again, ", count: 20) + "and an end"
        #expect(String(buffer: try RecordCodec.open(Base64.decode(text), codec)) == expected)
    }

    @Test(arguments: [Compression.gzip, .lz4, .zstd]) func `opens streams that follow one another`(codec: Compression)
        throws
    {
        var closed = try RecordCodec.close(ByteBuffer(string: "one, "), codec)
        closed.writeImmutableBuffer(try RecordCodec.close(ByteBuffer(string: "two"), codec))
        #expect(String(buffer: try RecordCodec.open(closed, codec)) == "one, two")
    }

    @Test(arguments: codecs) func `ends at the limit`(codec: Compression) throws {
        let closed = try RecordCodec.close(ByteBuffer(repeating: 0, count: 1 << 20), codec)
        #expect(try RecordCodec.open(closed, codec, limit: 1 << 20).readableBytes == 1 << 20)
        #expect(throws: CompressionError(compression: codec, reason: .beyondLimit((1 << 20) - 1))) {
            try RecordCodec.open(closed, codec, limit: (1 << 20) - 1)
        }
    }

    @Test func `reserves nothing for what a snappy block only promises`() {
        // 100 MiB in four bytes.
        #expect(throws: CompressionError(compression: .snappy, reason: .damaged)) {
            try RecordCodec.open(ByteBuffer(bytes: [0x80, 0x80, 0x80, 0x32]), .snappy)
        }
    }

    @Test(arguments: codecs) func `says that the bytes end early`(codec: Compression) throws {
        var random = Random(seed: 3)
        let closed = try RecordCodec.close(bytes(500, &random, letters: 9), codec)
        for length in 0..<closed.readableBytes {
            let torn = try #require(closed.getSlice(at: 0, length: length))
            #expect(throws: CompressionError.self) { try RecordCodec.open(torn, codec) }
        }
    }

    @Test(arguments: codecs) func `survives whatever the bytes are`(codec: Compression) throws {
        var random = Random(seed: 11)
        let closed = try RecordCodec.close(bytes(2000, &random, letters: 5), codec)
        var framed = ByteBuffer(bytes: [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
        framed.writeInteger(UInt32(closed.readableBytes))
        framed.writeImmutableBuffer(closed)
        for round in 0..<4000 {
            var bytes = codec == .snappy && round % 2 == 0 ? framed : closed
            for _ in 0...random.next() % 4 {
                bytes.setInteger(
                    UInt8(truncatingIfNeeded: random.next()), at: Int(random.next() % UInt64(bytes.readableBytes)))
            }
            if let open = try? RecordCodec.open(bytes, codec, limit: 100_000) {
                #expect(open.readableBytes <= 100_000)
            }
        }
    }
}

/// SplitMix64, so that a failure comes again.
struct Random {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func decode(_ text: String) -> ByteBuffer {
        var output = ByteBuffer()
        var bits: UInt32 = 0
        var count = 0
        for byte in text.utf8 {
            guard let value = letters.firstIndex(of: byte) else { break }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                output.writeInteger(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return output
    }
}
