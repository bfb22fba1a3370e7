// Makes replies of the bytes of a connection: head, pieces of the body, end. A value without a socket. Interim replies
// (1xx) are passed over, but for 101, which nobody asked for.

import NIOCore
import NIOHTTP1

struct ReplyHead {
    var status: Int
    var isHTTP1_0: Bool
    var frame = MessageFrame()
    var fields = HTTPFields(lines: ByteBuffer())
}

struct ReplyParser {
    enum Part {
        case head(ReplyHead)
        case body(ByteBuffer)
        case end
    }

    private enum Stage {
        case startLine
        case fields(ReplyHead, from: Int)
        case body(BodyReader)
    }

    private let limits: HTTPLimits
    private var input = ByteBuffer()
    private var stage = Stage.startLine
    private var scanner: HeadScanner

    /// Of the request that is answered: a reply to HEAD has no body whatever its head says.
    var method = HTTPMethod.GET

    init(limits: HTTPLimits) {
        self.limits = limits
        scanner = HeadScanner(limits)
    }

    /// Whether nothing of a reply has come that was not taken.
    var isEmpty: Bool {
        if case .startLine = stage { return input.readableBytes == 0 }
        return false
    }

    /// Whether the end of the connection ends the reply in order.
    var endsWithConnection: Bool {
        if case .body(let reader) = stage { reader.endsWithConnection } else { false }
    }

    mutating func append(_ bytes: ByteBuffer) { input.append(bytes) }

    /// The next part; `nil` until more bytes have come. After an error there is nothing to be had any more.
    mutating func next() throws(MessageError) -> Part? {
        while true {
            if case .body(var reader) = stage {
                let step = try reader.next(&input)
                stage = .body(reader)
                switch step {
                case .bytes(let bytes): return .body(bytes)
                case .incomplete: return nil
                case .end:
                    stage = .startLine
                    return .end
                }
            }
            guard let head = try readHead() else { return nil }
            if (100..<200).contains(head.status), head.status != 101 {
                stage = .startLine
            } else {
                return .head(head)
            }
        }
    }

    private mutating func readHead() throws(MessageError) -> ReplyHead? {
        var head: ReplyHead
        let start: Int
        if case .fields(let begun, let from) = stage {
            (head, start) = (begun, from)
        } else {
            input.skipEmptyLines()
            var scanner = scanner
            guard let line = try scanner.startLine(in: input.readableBytesUInt8Span) else { return nil }
            self.scanner = scanner
            head = try Self.startLine(line, input.readableBytesUInt8Span)
            start = scanner.position
        }
        var scanner = scanner
        while true {
            switch try scanner.next(in: input.readableBytesUInt8Span) {
            case .field(let field): try head.frame.note(field, in: input.readableBytesUInt8Span)
            case .incomplete:
                self.scanner = scanner
                stage = .fields(head, from: start)
                return nil
            case .end:
                try head.frame.check(isHTTP1_0: head.isHTTP1_0)
                head.fields = fields(start..<(scanner.position - 2))
                input.moveReaderIndex(forwardBy: scanner.position)
                self.scanner = HeadScanner(limits)
                stage = .body(body(of: head))
                return head
            }
        }
    }

    /// A copy, so that what the socket is read into can be used again.
    private func fields(_ lines: Range<Int>) -> HTTPFields {
        guard !lines.isEmpty, let slice = input.getSlice(at: input.readerIndex + lines.lowerBound, length: lines.count)
        else { return HTTPFields(lines: ByteBuffer()) }
        var copy = ByteBuffer()
        copy.writeImmutableBuffer(slice)
        return HTTPFields(lines: copy)
    }

    private static func startLine(_ line: Range<Int>, _ bytes: Span<UInt8>) throws(MessageError) -> ReplyHead {
        let version = line.lowerBound..<min(line.lowerBound + 8, line.upperBound)
        let isHTTP1_0 = try bytes.isHTTP1_0(version)
        let digits = (version.upperBound + 1)..<(version.upperBound + 4)
        guard digits.upperBound <= line.upperBound, bytes[version.upperBound] == 0x20,
            digits.upperBound == line.upperBound || bytes[digits.upperBound] == 0x20
        else { throw .malformed("the first line of the reply has no status") }
        var status = 0
        for index in digits {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { throw .malformed("the status of the reply is no number") }
            status = status * 10 + Int(digit)
        }
        guard status >= 100 else { throw .malformed("the status of the reply is below 100") }
        return ReplyHead(status: status, isHTTP1_0: isHTTP1_0)
    }

    private func body(of head: ReplyHead) -> BodyReader {
        if method == .HEAD || head.status < 200 || head.status == 204 || head.status == 304 {
            return .length(0, limits)
        }
        switch head.frame.coding {
        case .none: return head.frame.length.map { .length($0, limits) } ?? .untilClose(limits)
        case .chunked: return .chunked(limits)
        case .other: return .untilClose(limits)
        }
    }
}
