import NIOCore

struct ReplyHead: MessageHead {
    let status: Int
    let isHTTP1_0: Bool
    var frame = MessageFrame()
    private(set) var fields = HTTPFields()

    /// Interim replies, but for 101, which nobody asked for.
    var isInterim: Bool { (100..<200).contains(status) && status != 101 }

    init(_ line: Range<Int>, of input: ByteBuffer, _ scanner: inout HeadScanner) throws(MessageError) {
        (status, isHTTP1_0) = try Self.split(line, input.readableBytesUInt8Span)
    }

    private static func split(
        _ line: Range<Int>, _ bytes: Span<UInt8>
    ) throws(MessageError) -> (status: Int, isHTTP1_0: Bool) {
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
        return (status, isHTTP1_0)
    }

    mutating func keep(_ field: HeadScanner.Field, of input: Span<UInt8>) { fields.add(field) }

    mutating func finish(_ head: ByteBuffer) { fields.keep(head) }

    func body(answersHEAD: Bool, _ limits: HTTPLimits) -> BodyReader {
        if answersHEAD || status < 200 || status == 204 || status == 304 { return .length(0, limits) }
        switch frame.coding {
        case .none: return frame.length.map { .length($0, limits) } ?? .untilClose(limits)
        case .chunked: return .chunked(limits)
        case .other: return .untilClose(limits)
        }
    }
}
