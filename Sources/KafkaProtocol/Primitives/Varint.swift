package import NIOCore

// Kafka's variable-length integers: seven bits a byte, the lowest first, the top bit saying that more follow.
// Lengths and counts of flexible versions are unsigned; records use the zigzag form, so that small negative numbers
// (null is -1) stay short.

extension ByteBuffer {
    /// Nil if the buffer ends in the middle or the number has more than five bytes; the reader index then stays.
    @inline(__always)
    package mutating func readUnsignedVarint() -> UInt32? {
        // Most lengths are below 127.
        if let first: UInt8 = getInteger(at: readerIndex), first < 0x80 {
            moveReaderIndex(forwardBy: 1)
            return UInt32(first)
        }
        return readVarintBits(atMost: UInt64(UInt32.max)).map(UInt32.init(truncatingIfNeeded:))
    }

    @inline(__always)
    package mutating func readVarint() -> Int32? {
        guard let bits = readUnsignedVarint() else { return nil }
        return Int32(bitPattern: bits >> 1) ^ -Int32(bitPattern: bits & 1)
    }

    package mutating func readVarlong() -> Int64? {
        guard let bits = readVarintBits(atMost: .max) else { return nil }
        return Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
    }

    /// Leaves the reader index where it is on failure.
    private mutating func readVarintBits(atMost limit: UInt64) -> UInt64? {
        var value: UInt64 = 0
        var index = readerIndex
        for position in 0..<(limit > UInt64(UInt32.max) ? 10 : 5) {
            guard let byte: UInt8 = getInteger(at: index) else { return nil }
            index += 1
            let bits = UInt64(byte & 0x7f)
            let shift = UInt64(7 * position)
            guard (bits << shift) >> shift == bits else { return nil }
            value |= bits << shift
            if byte < 0x80 {
                guard value <= limit else { return nil }
                moveReaderIndex(to: index)
                return value
            }
        }
        return nil
    }

    @inline(__always)
    package mutating func writeUnsignedVarint(_ value: UInt32) {
        writeVarintBits(UInt64(value))
    }

    @inline(__always)
    package mutating func writeVarint(_ value: Int32) {
        writeVarintBits(UInt64(UInt32(bitPattern: (value << 1) ^ (value >> 31))))
    }

    @inline(__always)
    package mutating func writeVarlong(_ value: Int64) {
        writeVarintBits(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    @inline(__always)
    private mutating func writeVarintBits(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        writeInteger(UInt8(truncatingIfNeeded: rest))
    }
}

/// How many bytes a varint takes.
enum VarintSize {
    @inline(__always)
    static func int32(_ value: Int32) -> Int { bytes(UInt64(UInt32(bitPattern: (value << 1) ^ (value >> 31)))) }

    @inline(__always)
    static func int64(_ value: Int64) -> Int { bytes(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

    @inline(__always)
    private static func bytes(_ bits: UInt64) -> Int {
        (70 - (bits | 1).leadingZeroBitCount) / 7
    }
}
