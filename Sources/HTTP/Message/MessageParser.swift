// Makes messages of the bytes of a connection: head, pieces of the body, end. A value without a socket. What was not
// asked for yet stays as it came, so that requests that a client sends ahead wait here.

import NIOCore

/// What is made of the first lines of a request, or of a reply.
protocol MessageHead {
    /// Of the first line.
    init(_ line: Range<Int>, of input: ByteBuffer, _ scanner: inout HeadScanner) throws(MessageError)

    var isHTTP1_0: Bool { get }
    var frame: MessageFrame { get set }
    /// A reply before the real one, which is passed over.
    var isInterim: Bool { get }

    /// Keeps a field, which the frame knows already.
    mutating func keep(_ field: HeadScanner.Field, of input: Span<UInt8>)
    /// All of it has come.
    mutating func finish(_ head: ByteBuffer)
    /// - Parameter answersHEAD: See the parser's.
    func body(answersHEAD: Bool, _ limits: HTTPLimits) throws(MessageError) -> BodyReader
}

struct MessageParser<Head: MessageHead> {
    enum Part {
        case head(Head)
        case body(ByteBuffer)
        case end
    }

    private enum Stage {
        case startLine
        case fields(Head)
        case body(BodyReader)
    }

    private let limits: HTTPLimits
    private var input = ByteBuffer()
    private var stage = Stage.startLine
    private var scanner: HeadScanner

    /// A reply to HEAD has no body whatever its head says.
    var answersHEAD = false

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

    /// Whether nothing of a message has come that was not taken.
    var isEmpty: Bool {
        if case .startLine = stage { return !hasUnread }
        return false
    }

    /// Whether the end of the connection ends the message in order.
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
                    // Held on to, its memory could not be read into again.
                    if !hasUnread { input = ByteBuffer() }
                    return .end
                }
            }
            guard let head = try readHead() else { return nil }
            if !head.isInterim { return .head(head) }
            stage = .startLine
        }
    }

    private mutating func readHead() throws(MessageError) -> Head? {
        var scanner = scanner
        var head: Head
        if case .fields(let begun) = stage {
            head = begun
        } else {
            input.skipEmptyLines()
            guard let line = try scanner.startLine(in: input.readableBytesUInt8Span) else { return nil }
            head = try Head(line, of: input, &scanner)
        }
        stage = .startLine
        guard try Self.readFields(of: &head, with: &scanner, in: input.readableBytesUInt8Span) else {
            self.scanner = scanner
            stage = .fields(head)
            return nil
        }
        if let bytes = input.readSlice(length: scanner.position) { head.finish(bytes) }
        self.scanner = HeadScanner(limits)
        stage = .body(try head.body(answersHEAD: answersHEAD, limits))
        return head
    }

    /// - Returns: Whether the head is whole.
    private static func readFields(
        of head: inout Head, with scanner: inout HeadScanner, in bytes: Span<UInt8>
    ) throws(MessageError) -> Bool {
        while true {
            switch try scanner.next(in: bytes) {
            case .field(let field):
                try head.frame.note(field, in: bytes)
                head.keep(field, of: bytes)
            case .incomplete: return false
            case .end:
                try head.frame.check(isHTTP1_0: head.isHTTP1_0)
                return true
            }
        }
    }
}
