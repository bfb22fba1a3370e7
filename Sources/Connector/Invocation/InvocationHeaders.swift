// Decides the headers of an invocation. The contract is docs/headers.md: the connector's own names can't be taken by a
// record, nothing illegal in HTTP leaves, and what a record says can be had back byte for byte.

import Base64Coding

/// Builds the headers of one invocation, in order.
struct InvocationHeaders {
    /// Bytes of names and values that the headers of one record may add; what is beyond is left out and counted.
    static let recordHeadersLimit = 16_384

    /// What the headers of every event of a source have in common.
    struct Source {
        /// `X-Kafka-`, `X-Rabbitmq-`, `X-Sns-`.
        let prefix: String
        let connector: String

        /// - Parameter kind: See `EventSource.kind`.
        init(kind: String) {
            prefix = "X-\(kind.prefix(1).uppercased())\(kind.dropFirst())-"
            connector = "openfaas-\(kind)-connector"
        }
    }

    private(set) var list: [EventAttribute] = []
    private let prefix: String

    init(for event: Event, of source: Source, contentType: String?) {
        prefix = source.prefix
        list.reserveCapacity(3 + event.attributes.count + event.headers.count)
        if let contentType { append("Content-Type", contentType) }
        append("X-Connector", source.connector)
        append("X-Topic", event.topic)
        list += event.attributes
        if event.isTombstone { append("\(prefix)Tombstone", "true") }
        if !event.headers.isEmpty { appendRecordHeaders(event.headers) }
    }

    mutating func append(_ name: String, _ value: String) {
        list.append(EventAttribute(name: name, value: value))
    }

    private mutating func appendRecordHeaders(_ headers: [EventHeader]) {
        let own = Set(list.map { $0.name.lowercased() } + reservedNames)
        var bytes = 0
        var leftOut = 0
        for header in headers {
            bytes += prefix.utf8.count + header.name.utf8.count + (header.value?.count ?? 0)
            guard bytes <= Self.recordHeadersLimit else {
                leftOut += 1
                continue
            }
            append(header, own: own)
        }
        if leftOut > 0 { append("\(prefix)Headers-Left-Out", "\(leftOut)") }
    }

    private mutating func append(_ header: EventHeader, own: Set<String>) {
        if HTTPText.traceHeaders.contains(header.name.lowercased()), let text = header.value.flatMap(HTTPText.init) {
            append(header.name.lowercased(), text.value)
        }
        var name = prefix + HTTPText.token(header.name)
        if own.contains(name.lowercased()) || own.contains("\(name.lowercased())-enc") || header.name.isEmpty {
            name = "\(prefix)Header-\(HTTPText.token(header.name))"
        }
        switch header.value {
        case nil:
            append(name, "")
            append("\(name)-Enc", "null")
        case .some(let value):
            if let text = HTTPText(value) {
                append(name, text.value)
            } else {
                append(name, Base64.encode(value.array))
                append("\(name)-Enc", "b64")
            }
        }
    }

    /// Names that the source may use for other events, and that mean something to a function.
    private var reservedNames: [String] {
        ["Partition", "Offset", "Key", "Key-Enc", "Tombstone", "Headers-Left-Out"].map { (prefix + $0).lowercased() }
    }
}

/// A text that HTTP carries in a header as it is.
struct HTTPText {
    /// W3C trace context and baggage: passed on under their own names as well.
    static let traceHeaders: Set<String> = ["traceparent", "tracestate", "baggage"]

    let value: String

    /// `nil` if the bytes are not visible ASCII, blanks inside it allowed.
    init?(_ bytes: Bytes) {
        let array = bytes.array
        guard array.allSatisfy({ (0x20...0x7e).contains($0) }), array.first != 0x20, array.last != 0x20 else {
            return nil
        }
        value = String(decoding: array, as: UTF8.self)
    }

    /// The name with everything that no header name may hold replaced by `-`.
    static func token(_ name: String) -> String {
        let bytes = name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                byte
            case _ where "!#$%&'*+-.^_`|~".utf8.contains(byte): byte
            default: UInt8(ascii: "-")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
