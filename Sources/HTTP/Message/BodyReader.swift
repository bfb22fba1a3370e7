// Takes a message's body out of the bytes that come (RFC 9112, sections 6 and 7). Trailers are read and dropped.

import NIOCore

struct BodyReader {
    enum Step: Equatable {
        /// A piece of the body, never empty: a slice of the input.
        case bytes(ByteBuffer)
        /// The body is over.
        case end
        case incomplete
    }

    private enum State {
        case length(Int)
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailers(HeadScanner)
        case untilClose
    }

    /// The longest line that tells a chunk's size, extensions included.
    private static let longestSizeLine = 4096

    private let limits: HTTPLimits
    private var state: State

    private init(_ state: State, _ limits: HTTPLimits) {
        (self.state, self.limits) = (state, limits)
    }

    static func length(_ length: Int, _ limits: HTTPLimits) -> BodyReader { BodyReader(.length(length), limits) }
    static func chunked(_ limits: HTTPLimits) -> BodyReader { BodyReader(.chunkSize, limits) }
    /// The end of the connection ends it.
    static func untilClose(_ limits: HTTPLimits) -> BodyReader { BodyReader(.untilClose, limits) }

    /// Whether the end of the connection is the end of the body.
    var endsWithConnection: Bool { if case .untilClose = state { true } else { false } }

    mutating func next(_ input: inout ByteBuffer) throws(MessageError) -> Step {
        while true {
            switch state {
            case .length(0): return .end
            case .length(let left):
                guard let bytes = Self.take(left, &input) else { return .incomplete }
                state = .length(left - bytes.readableBytes)
                return .bytes(bytes)
            case .chunkSize:
                guard let size = try readSize(&input) else { return .incomplete }
                state = size == 0 ? .trailers(HeadScanner(limits)) : .chunk(size)
            case .chunk(let left):
                guard let bytes = Self.take(left, &input) else { return .incomplete }
                state = left == bytes.readableBytes ? .chunkEnd : .chunk(left - bytes.readableBytes)
                return .bytes(bytes)
            case .chunkEnd:
                guard input.readableBytes >= 2 else { return .incomplete }
                guard input.readInteger(as: UInt16.self) == 0x0D0A else {
                    throw .malformed("a chunk is longer than its size")
                }
                state = .chunkSize
            case .trailers(var scanner):
                let step = try Self.skip(&scanner, input.readableBytesUInt8Span)
                state = .trailers(scanner)
                guard step == .end else { return .incomplete }
                input.moveReaderIndex(forwardBy: scanner.position)
                return .end
            case .untilClose:
                guard let bytes = Self.take(.max, &input) else { return .incomplete }
                return .bytes(bytes)
            }
        }
    }

    private static func take(_ most: Int, _ input: inout ByteBuffer) -> ByteBuffer? {
        guard input.readableBytes > 0 else { return nil }
        return input.readSlice(length: min(most, input.readableBytes))
    }

    private static func skip(
        _ scanner: inout HeadScanner, _ trailers: Span<UInt8>
    ) throws(MessageError) -> HeadScanner.Step {
        while true {
            let step = try scanner.next(in: trailers)
            if case .field = step { continue }
            return step
        }
    }

    /// The size of the next chunk; `nil` while its line is not whole.
    private func readSize(_ input: inout ByteBuffer) throws(MessageError) -> Int? {
        guard let (size, length) = try Self.size(input.readableBytesUInt8Span) else { return nil }
        input.moveReaderIndex(forwardBy: length)
        return size
    }

    private static func size(_ line: Span<UInt8>) throws(MessageError) -> (size: Int, length: Int)? {
        var (index, size) = (0, 0)
        while index < line.count, let digit = hexadecimal(line[index]) {
            guard size <= Int.max >> 4 else { throw .malformed("a chunk's size is too large") }
            size = size << 4 | digit
            index += 1
        }
        guard index <= longestSizeLine else { throw .malformed("a chunk's size is too long") }
        guard index < line.count else { return nil }
        guard index > 0 else { throw .malformed("a chunk does not begin with its size") }
        guard [.carriageReturn, UInt8(ascii: ";"), 0x20, 0x09].contains(line[index]) else {
            throw .malformed("a chunk's size is no hexadecimal number")
        }
        while index < line.count, HeaderSyntax.isFieldByte(line[index]) { index += 1 }
        guard index <= longestSizeLine else { throw .malformed("a chunk's extensions are too long") }
        guard index + 1 < line.count else { return nil }
        guard line[index] == .carriageReturn, line[index + 1] == .lineFeed else {
            throw .malformed("the line of a chunk's size does not end with CR LF")
        }
        return (size, index + 2)
    }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
