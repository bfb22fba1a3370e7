// Dresses an event as a CloudEvent. Source: CloudEvents 1.0.2, its HTTP protocol binding and JSON format.

import Base64Coding

/// The attributes of one event as a CloudEvent.
struct CloudEvent {
    let id: String
    let source: String
    let type: String
    let subject: String
    let time: String?

    init(_ event: Event, sourceKind: String) {
        id = "\(event.id)"
        source = "/\(sourceKind)/\(HTTPText.percentEncoded(event.topic))"
        type = "com.openfaas.\(sourceKind).message"
        subject = "\(event.id.partition)/\(event.id.offset)"
        time = event.timestampMilliseconds.map(Timestamp.rfc3339)
    }

    private var attributes: [(name: String, value: String)] {
        var list = [
            ("specversion", "1.0"), ("id", id), ("source", source), ("type", type), ("subject", subject),
        ]
        if let time { list.append(("time", time)) }
        return list
    }

    /// Binary mode: the attributes as headers.
    var headers: [EventAttribute] {
        attributes.map { EventAttribute(name: "ce-\($0.name)", value: HTTPText.percentEncoded($0.value)) }
    }

    /// Structured mode: one JSON object. Data goes in base64, for it need not be text; a tombstone has none.
    func json(payload: Bytes?, contentType: String?) -> Bytes {
        var members = attributes.map { "\(JSONText.quoted($0.name)):\(JSONText.quoted($0.value))" }
        if let contentType { members.append("\"datacontenttype\":\(JSONText.quoted(contentType))") }
        if let payload { members.append("\"data_base64\":\"\(Base64.encode(payload.array))\"") }
        return Bytes("{\(members.joined(separator: ","))}")
    }

    /// `Content-Type` of structured mode.
    static let contentType = "application/cloudevents+json; charset=utf-8"
}

extension HTTPText {
    /// As the CloudEvents binding wants header values: blanks, quotes, percent signs and everything beyond visible
    /// ASCII as `%XX` of their UTF-8 bytes.
    static func percentEncoded(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        let bytes = text.utf8.flatMap { byte in
            let isPlain = (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "%")
            return isPlain ? [byte] : [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

package enum JSONText {
    /// A JSON string of the text.
    package static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
