import NIOCore
import NIOHTTP1

struct RequestHead: MessageHead {
    let method: HTTPMethod
    /// As it came.
    let target: String
    let isHTTP1_0: Bool
    private(set) var headers = HTTPHeaders()
    var frame = MessageFrame()

    var isInterim: Bool { false }

    init(_ line: Range<Int>, of input: ByteBuffer, _ scanner: inout HeadScanner) throws(MessageError) {
        let input = input.readableBytesUInt8Span
        let (method, target, isHTTP1_0) = try Self.split(line, input)
        try scanner.count(target: target.count)
        self.method = HTTPMethod(rawValue: input.text(method))
        self.target = input.text(target)
        self.isHTTP1_0 = isHTTP1_0
        headers.reserveCapacity(8)
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

    mutating func keep(_ field: HeadScanner.Field, of input: Span<UInt8>) {
        headers.add(name: input.text(field.name), value: input.text(field.value))
    }

    func finish(_ head: ByteBuffer) {}

    func body(answersHEAD: Bool, _ limits: HTTPLimits) throws(MessageError) -> BodyReader {
        switch frame.coding {
        case .none: .length(frame.length ?? 0, limits)
        case .chunked: .chunked(limits)
        case .other: throw .malformed("the last Transfer-Encoding of a request has to be chunked")
        }
    }
}
