// Decides the headers of an invocation. The contract is docs/headers.md: the connector's own names can't be taken by a
// record, nothing illegal in HTTP leaves, and what a record says can be had back byte for byte.

import Base64Coding

/// Builds the headers of one invocation, in order.
struct InvocationHeaders {
    /// Bytes of lines that the headers of one record may add; what is beyond is left out and counted.
    static let recordHeadersLimit = 16_384
    /// What a line has beside name and value: `: ` and its end.
    private static let lineBytes = 4

    /// What the headers of every event of a source have in common.
    struct Source {
        /// `X-Kafka-`, `X-Rabbitmq-`, `X-Sns-`.
        let prefix: String
        let connector: String
        /// Whole names that no header of a record gets.
        let reservedNames: [String]

        /// - Parameter attributeNames: See `EventSource`.
        init(kind: String, attributeNames: [String]) {
            let prefix = "X-\(kind.prefix(1).uppercased())\(kind.dropFirst())-"
            self.prefix = prefix
            connector = "openfaas-\(kind)-connector"
            reservedNames = attributeNames + InvocationHeaders.reservedNames.map { prefix + $0 }
        }
    }

    /// Behind the prefix, as the source's names: what means something to a function.
    private static let reservedNames = ["Tombstone", "Headers-Left-Out"]
    /// Set around names that would be taken for another header's.
    private static let mark = "Header"
    /// Behind the name of a header, the one that tells how its value is encoded.
    private static let encoding = "-Enc"

    private(set) var list: [EventAttribute] = []
    private let prefix: String
    private let reservedNames: [String]

    /// The headers of every event of a topic, which come first. No name of a record's header can be one of theirs, for
    /// none of them has the source's prefix.
    static func common(to topic: String, of source: Source, contentType: String?) -> [EventAttribute] {
        let type = contentType.map { [EventAttribute(name: "Content-Type", value: $0)] } ?? []
        return type + [
            EventAttribute(name: "X-Connector", value: source.connector),
            EventAttribute(name: "X-Topic", value: topic),
        ]
    }

    /// Those of one event alone.
    init(for event: Event, of source: Source) {
        prefix = source.prefix
        reservedNames = source.reservedNames
        // Most events have no more, and need no list of their own.
        list = event.attributes
        if event.isTombstone { append("\(prefix)Tombstone", "true") }
        if !event.headers.isEmpty { appendRecordHeaders(event.headers) }
    }

    mutating func append(_ name: String, _ value: String) {
        list.append(EventAttribute(name: name, value: value))
    }

    private mutating func appendRecordHeaders(_ headers: [EventHeader]) {
        let own = list.count
        var bytes = 0
        var leftOut = 0
        let trace = TraceParent(headers)
        for (index, header) in headers.enumerated() {
            guard (header.value?.count ?? 0) <= Self.recordHeadersLimit else {
                leftOut += 1
                continue
            }
            let first = list.count
            let before = bytes
            if let trace, trace.index == index { append(TraceParent.name, trace.value) }
            append(header, behind: own)
            // What trace context has under its own name is there once more with the prefix.
            for line in list[first...] where line.name.hasPrefix(prefix) {
                bytes += line.name.utf8.count + line.value.utf8.count + Self.lineBytes
            }
            if bytes > Self.recordHeadersLimit {
                list.removeSubrange(first...)
                bytes = before
                leftOut += 1
            }
        }
        if leftOut > 0 { append("\(prefix)Headers-Left-Out", "\(leftOut)") }
    }

    /// - Parameter own: How many headers come before the record's, whose names it cannot have.
    private mutating func append(_ header: EventHeader, behind own: Int) {
        if let name = HTTPText.traceHeaders.first(where: { header.name.equalsIgnoringCase($0) }),
            let text = header.value?.headerText
        {
            append(name, text)
        }
        let name = name(of: HTTPText.token(header.name), behind: own)
        switch header.value {
        case nil:
            append(name, "")
            append("\(name)\(Self.encoding)", "null")
        case .some(let value):
            if let text = value.headerText {
                append(name, text)
            } else {
                append(name, Base64.encode(value.array))
                append("\(name)\(Self.encoding)", "b64")
            }
        }
    }

    /// A name that no other name of a record gets, nor the connector's headers have, nor the encoding of another.
    private func name(of token: String, behind own: Int) -> String {
        var token = token
        if token.endsIgnoringCase(with: Self.encoding) || token.endsIgnoringCase(with: "-\(Self.mark)") {
            token += "-\(Self.mark)"
        }
        let name = prefix + token
        let isTaken =
            token.isEmpty || token.startsIgnoringCase(with: "\(Self.mark)-")
            || reservedNames.contains { name.equalsIgnoringCase($0) }
            || list[..<own].contains { name.equalsIgnoringCase($0.name) }
        return isTaken ? "\(prefix)\(Self.mark)-\(token)" : name
    }
}

extension String {
    fileprivate func equalsIgnoringCase(_ other: String) -> Bool {
        utf8.count == other.utf8.count && utf8Span.span.startsIgnoringCase(with: other.utf8Span.span)
    }

    fileprivate func startsIgnoringCase(with other: String) -> Bool {
        utf8.count >= other.utf8.count && utf8Span.span.startsIgnoringCase(with: other.utf8Span.span)
    }

    fileprivate func endsIgnoringCase(with other: String) -> Bool {
        guard utf8.count >= other.utf8.count else { return false }
        let end = utf8Span.span.extracting(last: other.utf8.count)
        return end.startsIgnoringCase(with: other.utf8Span.span)
    }
}

extension Span<UInt8> {
    /// Compares ASCII; no byte may be missing. `_` is `-`, for CGI and what came after make both the same.
    fileprivate func startsIgnoringCase(with other: Span<UInt8>) -> Bool {
        for index in other.indices where folded(self[index]) != folded(other[index]) { return false }
        return true
    }

    private func folded(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        case UInt8(ascii: "_"): UInt8(ascii: "-")
        default: byte
        }
    }
}

/// What HTTP carries in headers (see `Bytes.headerText`).
enum HTTPText {
    /// W3C: passed on under their own names as well, as often as they come. `traceparent` is, once.
    static let traceHeaders = ["tracestate", "baggage"]

    /// The name with everything that no header name may hold replaced by `-`.
    static func token(_ name: String) -> String {
        if name.utf8.allSatisfy(isTokenByte) { return name }
        return String(decoding: name.utf8.map { isTokenByte($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
