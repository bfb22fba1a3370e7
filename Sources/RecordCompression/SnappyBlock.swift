/// One block of Snappy: the length that it has when open, and then pieces that are either bytes as they are
/// (literals) or a repetition of what came before (copies).
enum SnappyBlock {
    /// The two lowest bits of a piece's first byte.
    private enum Tag {
        static let literal: UInt8 = 0
        static let copyWithOneByteOffset: UInt8 = 1
        static let copyWithTwoByteOffset: UInt8 = 2
    }

    // MARK: Opening

    /// Appends what the block holds.
    ///
    /// - Parameter limit: of all that `output` may hold then.
    static func open(_ input: [UInt8], into output: inout [UInt8], limit: Int) throws(CompressionError) {
        var position = 0
        let start = output.count
        let length = try readLength(input, &position)
        guard length <= limit - start else { throw Snappy.error(.beyondLimit(limit)) }
        // Three bytes stand for 64 at most, so what promises more than that is no block.
        guard length <= input.count * 22 else { throw Snappy.error(.damaged) }
        output.reserveCapacity(start + length)
        while position < input.count {
            let tag = input[position]
            position += 1
            if tag & 3 == Tag.literal {
                let count = try literalLength(tag, input, &position)
                guard count <= input.count - position else { throw Snappy.error(.truncated) }
                guard count <= start + length - output.count else { throw Snappy.error(.damaged) }
                output.append(contentsOf: input[position..<(position + count)])
                position += count
            } else {
                let (count, offset) = try copy(tag, input, &position)
                guard offset > 0, offset <= output.count - start,
                    count <= start + length - output.count
                else { throw Snappy.error(.damaged) }
                // A copy may reach into what it writes itself.
                let from = output.count - offset
                for index in from..<(from + count) { output.append(output[index]) }
            }
        }
        guard output.count == start + length else { throw Snappy.error(.truncated) }
    }

    private static func readLength(_ input: [UInt8], _ position: inout Int) throws(CompressionError) -> Int {
        var length = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard position < input.count else { throw Snappy.error(.truncated) }
            let byte = input[position]
            position += 1
            length |= Int(byte & 0x7f) << shift
            if byte < 0x80 { return length }
        }
        throw Snappy.error(.damaged)
    }

    private static func literalLength(
        _ tag: UInt8, _ input: [UInt8], _ position: inout Int
    ) throws(CompressionError) -> Int {
        let short = Int(tag >> 2)
        return short < 60 ? short + 1 : try number(of: short - 59, input, &position) + 1
    }

    private static func copy(
        _ tag: UInt8, _ input: [UInt8], _ position: inout Int
    ) throws(CompressionError) -> (count: Int, offset: Int) {
        switch tag & 3 {
        case Tag.copyWithOneByteOffset:
            let low = try number(of: 1, input, &position)
            return (4 + Int(tag >> 2 & 7), Int(tag >> 5) << 8 | low)
        case Tag.copyWithTwoByteOffset: return (1 + Int(tag >> 2), try number(of: 2, input, &position))
        default: return (1 + Int(tag >> 2), try number(of: 4, input, &position))
        }
    }

    /// The lowest byte first.
    private static func number(
        of bytes: Int, _ input: [UInt8], _ position: inout Int
    ) throws(CompressionError) -> Int {
        guard bytes <= input.count - position else { throw Snappy.error(.truncated) }
        defer { position += bytes }
        return (0..<bytes).reduce(0) { $0 | Int(input[position + $1]) << (8 * $1) }
    }

    // MARK: Closing

    private static let hashBits: UInt32 = 14
    private static let shortestCopy = 4
    private static let longestCopy = 64
    private static let farthestCopy = 0xffff

    /// Greedy: a repetition of four bytes or more that the table remembers is taken at once.
    static func close(_ input: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(input.count / 2 + 16)
        writeLength(input.count, &output)
        /// Where the four bytes of this hash stood last, plus one.
        var table = [Int](repeating: 0, count: 1 << hashBits)
        var written = 0
        var position = 0
        while position + shortestCopy <= input.count {
            let hash = hash(input, position)
            let candidate = table[hash] - 1
            table[hash] = position + 1
            let count = candidate < 0 || position - candidate > farthestCopy ? 0 : match(input, candidate, position)
            guard count >= shortestCopy else {
                position += 1
                continue
            }
            writeLiteral(input[written..<position], &output)
            writeCopies(count, offset: position - candidate, &output)
            position += count
            written = position
        }
        writeLiteral(input[written...], &output)
        return output
    }

    private static func hash(_ input: [UInt8], _ position: Int) -> Int {
        let word = (0..<4).reduce(UInt32(0)) { $0 | UInt32(input[position + $1]) << (8 * UInt32($1)) }
        return Int((word &* 0x1e35_a7bd) >> (32 - hashBits))
    }

    private static func match(_ input: [UInt8], _ candidate: Int, _ position: Int) -> Int {
        var count = 0
        while position + count < input.count, input[candidate + count] == input[position + count] { count += 1 }
        return count
    }

    private static func writeLength(_ length: Int, _ output: inout [UInt8]) {
        var rest = length
        while rest >= 0x80 {
            output.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        output.append(UInt8(rest))
    }

    private static func writeLiteral(_ bytes: ArraySlice<UInt8>, _ output: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let last = bytes.count - 1
        if last < 60 {
            output.append(UInt8(last) << 2 | Tag.literal)
        } else {
            let size = (Int.bitWidth - last.leadingZeroBitCount + 7) / 8
            output.append(UInt8(59 + size) << 2 | Tag.literal)
            for index in 0..<size { output.append(UInt8(truncatingIfNeeded: last >> (8 * index))) }
        }
        output.append(contentsOf: bytes)
    }

    private static func writeCopies(_ count: Int, offset: Int, _ output: inout [UInt8]) {
        var rest = count
        while rest > 0 {
            let part = min(rest, longestCopy)
            output.append(UInt8(part - 1) << 2 | Tag.copyWithTwoByteOffset)
            output.append(UInt8(offset & 0xff))
            output.append(UInt8(offset >> 8))
            rest -= part
        }
    }
}
