// Walks over the lines of a message's head (RFC 9112, sections 2 to 5).
//
// It is strict where two readers that are lenient in different ways see two messages (request smuggling): a line ends
// with CR LF, a name is a token with its colon right behind it, a value holds no control character, nothing is folded.

/// Where the lines of one head stand. Positions count from the head's first byte; more bytes may come behind those
/// that were looked at, and no line is looked at twice once it was whole.
struct HeadScanner {
    struct Field: Equatable {
        var name: Range<Int>
        /// Without the blanks around it.
        var value: Range<Int>
    }

    enum Step: Equatable {
        case field(Field)
        /// The empty line; the head is over.
        case end
        /// More bytes are needed.
        case incomplete
    }

    /// Blanks and line ends on top of the limit for a field.
    private static let slack = 256

    private let limits: HTTPLimits
    /// Where the next line begins.
    private(set) var position = 0
    private var fields = 0
    private var bytes = 0

    init(_ limits: HTTPLimits) { self.limits = limits }

    /// The first line, `nil` while it is not whole.
    mutating func startLine(in head: Span<UInt8>) throws(MessageError) -> Range<Int>? {
        var index = position
        while index < head.count, head[index] >= 0x20, head[index] != 0x7F { index += 1 }
        guard index - position <= limits.headerFieldBytes + Self.slack else { throw .headTooLarge }
        guard try endsLine(index, in: head) else { return nil }
        defer { position = index + 2 }
        return position..<index
    }

    /// Counts what of the first line is limited: a request's target.
    mutating func count(target: Int) throws(MessageError) {
        guard target <= limits.headerFieldBytes else { throw .headTooLarge }
        bytes += target
    }

    mutating func next(in head: Span<UInt8>) throws(MessageError) -> Step {
        guard position < head.count else { return .incomplete }
        if head[position] == .carriageReturn {
            guard try endsLine(position, in: head) else { return .incomplete }
            position += 2
            return .end
        }
        var index = position
        while index < head.count, HeaderSyntax.isTokenByte(head[index]) { index += 1 }
        let name = position..<index
        guard index < head.count else { return try incomplete(head) }
        guard head[index] == UInt8(ascii: ":"), !name.isEmpty else {
            throw .malformed("a header line does not begin with a name and a colon")
        }
        index += 1
        while index < head.count, head[index].isBlank { index += 1 }
        let start = index
        while index < head.count, HeaderSyntax.isFieldByte(head[index]) { index += 1 }
        guard try endsLine(index, in: head) else { return try incomplete(head) }
        var end = index
        while end > start, head[end - 1].isBlank { end -= 1 }
        try count(name, start..<end, line: index - position)
        position = index + 2
        return .field(Field(name: name, value: start..<end))
    }

    /// Whether a line ends at `index`; `false` while that is not to be seen.
    private func endsLine(_ index: Int, in head: Span<UInt8>) throws(MessageError) -> Bool {
        guard index < head.count else { return false }
        guard head[index] == .carriageReturn else { throw .malformed("a line of the head holds a control character") }
        guard index + 1 < head.count else { return false }
        guard head[index + 1] == .lineFeed else { throw .malformed("a line of the head does not end with CR LF") }
        return true
    }

    private func incomplete(_ head: Span<UInt8>) throws(MessageError) -> Step {
        guard head.count - position <= limits.headerFieldBytes + Self.slack, fields < limits.headerFields else {
            throw .headTooLarge
        }
        return .incomplete
    }

    private mutating func count(_ name: Range<Int>, _ value: Range<Int>, line: Int) throws(MessageError) {
        fields += 1
        bytes += name.count + value.count
        guard fields <= limits.headerFields, bytes <= limits.headerBytes,
            name.count + value.count <= limits.headerFieldBytes, line <= limits.headerFieldBytes + Self.slack
        else { throw .headTooLarge }
    }
}

extension UInt8 {
    static var carriageReturn: UInt8 { 0x0D }
    static var lineFeed: UInt8 { 0x0A }

    /// A space or a tab.
    var isBlank: Bool { self == 0x20 || self == 0x09 }
}
