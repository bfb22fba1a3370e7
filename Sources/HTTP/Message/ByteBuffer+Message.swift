import NIOCore

extension ByteBuffer {
    /// Adds what has come. Without a copy where nothing waits, as is the rule.
    mutating func append(_ bytes: ByteBuffer) {
        if readableBytes == 0 {
            self = bytes
        } else {
            var bytes = bytes
            discardReadBytes()
            writeBuffer(&bytes)
        }
    }

    /// Empty lines in front of a message mean nothing (RFC 9112, section 2.2).
    mutating func skipEmptyLines() {
        while readableBytes >= 2, getInteger(at: readerIndex, as: UInt16.self) == 0x0D0A {
            moveReaderIndex(forwardBy: 2)
        }
    }
}

extension Span<UInt8> {
    /// The text of a range; what is not UTF-8 is mended.
    func text(_ range: Range<Int>) -> String {
        unsafe extracting(range).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Whether the version that stands there is 1.0 and not 1.1.
    func isHTTP1_0(_ range: Range<Int>) throws(MessageError) -> Bool {
        let start = range.lowerBound
        guard range.count == 8, self[start] == UInt8(ascii: "H"), self[start + 1] == UInt8(ascii: "T"),
            self[start + 2] == UInt8(ascii: "T"), self[start + 3] == UInt8(ascii: "P"),
            self[start + 4] == UInt8(ascii: "/"), self[start + 6] == UInt8(ascii: ".")
        else { throw .malformed("the first line has no version of HTTP") }
        let (major, minor) = (self[start + 5], self[start + 7])
        switch (major, minor) {
        case (UInt8(ascii: "1"), UInt8(ascii: "1")): return false
        case (UInt8(ascii: "1"), UInt8(ascii: "0")): return true
        case (UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "0")...UInt8(ascii: "9")): throw .version
        default: throw .malformed("the first line has no version of HTTP")
        }
    }
}
