// Makes requests of the bytes of a connection: head, pieces of the body, end. A value without a socket. What was not
// asked for yet stays as it came, so that requests that a client sends ahead wait here.

import NIOCore
import NIOHTTP1

struct RequestHead {
    var method: HTTPMethod
    /// As it came.
    var target: String
    var isHTTP1_0: Bool
    var headers = HTTPHeaders()
    var frame = MessageFrame()
}

struct RequestParser {
    enum Part {
        case head(RequestHead)
        case body(ByteBuffer)
        case end
    }

    private enum Stage {
        case startLine
        case fields(RequestHead)
        case body(BodyReader)
    }

    private let limits: HTTPLimits
    private var input = ByteBuffer()
    private var stage = Stage.startLine
    private var scanner: HeadScanner

    init(limits: HTTPLimits) {
        self.limits = limits
        scanner = HeadScanner(limits)
    }

    /// Whether bytes wait that nobody has asked for.
    var hasUnread: Bool { input.readableBytes > 0 }
    /// Whether a part of a head has come, and not all of it.
    var isWithinHead: Bool {
        switch stage {
        case .startLine: hasUnread
        case .fields: true
        case .body: false
        }
    }

    mutating func append(_ bytes: ByteBuffer) { input.append(bytes) }

    /// The next part; `nil` until more bytes have come. After an error there is nothing to be had any more.
    mutating func next() throws(MessageError) -> Part? {
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
        return try readHead().map { .head($0) }
    }

    private mutating func readHead() throws(MessageError) -> RequestHead? {
        var head: RequestHead
        if case .fields(let begun) = stage {
            head = begun
        } else {
            input.skipEmptyLines()
            var scanner = scanner
            guard let line = try scanner.startLine(in: input.readableBytesUInt8Span) else { return nil }
            self.scanner = scanner
            head = try startLine(line)
        }
        stage = .startLine
        var scanner = scanner
        while true {
            switch try scanner.next(in: input.readableBytesUInt8Span) {
            case .field(let field):
                try head.frame.note(field, in: input.readableBytesUInt8Span)
                head.headers.add(name: input.text(field.name), value: input.text(field.value))
            case .incomplete:
                self.scanner = scanner
                stage = .fields(head)
                return nil
            case .end:
                try head.frame.check(isHTTP1_0: head.isHTTP1_0)
                input.moveReaderIndex(forwardBy: scanner.position)
                self.scanner = HeadScanner(limits)
                stage = .body(try body(of: head))
                return head
            }
        }
    }

    private mutating func startLine(_ line: Range<Int>) throws(MessageError) -> RequestHead {
        let (method, target, isHTTP1_0) = try Self.split(line, input.readableBytesUInt8Span)
        try scanner.count(target: target.count)
        var head = RequestHead(
            method: HTTPMethod(rawValue: input.text(method)), target: input.text(target), isHTTP1_0: isHTTP1_0)
        head.headers.reserveCapacity(8)
        return head
    }

    private static func split(
        _ line: Range<Int>, _ bytes: Span<UInt8>
    ) throws(MessageError) -> (method: Range<Int>, target: Range<Int>, isHTTP1_0: Bool) {
        var index = line.lowerBound
        while index < line.upperBound, HeaderSyntax.isTokenByte(bytes[index]) { index += 1 }
        let method = line.lowerBound..<index
        guard !method.isEmpty, index < line.upperBound, bytes[index] == 0x20 else {
            throw .malformed("the request line does not begin with a method")
        }
        index += 1
        let start = index
        while index < line.upperBound, bytes[index] != 0x20 { index += 1 }
        guard index > start, index < line.upperBound else {
            throw .malformed("the request line is not method, target and version")
        }
        return (method, start..<index, try bytes.isHTTP1_0((index + 1)..<line.upperBound))
    }

    private func body(of head: RequestHead) throws(MessageError) -> BodyReader {
        switch head.frame.coding {
        case .none: .length(head.frame.length ?? 0, limits)
        case .chunked: .chunked(limits)
        case .other: throw .malformed("the last Transfer-Encoding of a request has to be chunked")
        }
    }
}
