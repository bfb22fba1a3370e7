// One message as SNS signs and posts it: read from JSON, within bounds, and the bytes that its signature covers.
//
// Source: the SNS developer guide, "Parsing message formats" and "Verifying the signatures of messages".

import Foundation

package struct SNSMessage: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case notification = "Notification"
        case subscriptionConfirmation = "SubscriptionConfirmation"
        case unsubscribeConfirmation = "UnsubscribeConfirmation"
    }

    package enum SignatureVersion: String, Sendable {
        /// SHA-1 with RSA.
        case one = "1"
        /// SHA-256 with RSA.
        case two = "2"
    }

    /// Not covered by the signature.
    package struct Attribute: Equatable, Sendable {
        package var name: String
        package var type: String
        package var value: String
    }

    package let kind: Kind
    package let messageID: String
    package let topic: TopicARN
    package let message: String
    /// `nil` if the publisher set none.
    package let subject: String?
    package let timestamp: String
    package let timestampMilliseconds: Int64
    package let signatureVersion: SignatureVersion
    package let signature: [UInt8]
    package let signingCertificateURL: String
    /// Of confirmations.
    package let subscribeURL: String?
    package let token: String?
    /// By name.
    package let attributes: [Attribute]

    /// What a message may hold beside its text, whose bound is that of the request's body.
    private enum Limits {
        static let urlBytes = 2048
        static let tokenBytes = 2048
        static let subjectBytes = 4096
        static let attributes = 64
        /// RSA with 2048 to 8192 bits.
        static let signatureBytes = 256...1024
    }

    package init(json: [UInt8]) throws(Refusal) {
        let document = try Document.read(json)
        guard let kind = Kind(rawValue: try document.required(document.Type, "Type")) else {
            throw .malformed("Type is not one that SNS sends")
        }
        self.kind = kind
        messageID = try document.required(document.MessageId, "MessageId")
        guard Self.isMessageID(messageID) else { throw .malformed("MessageId is not an id") }
        guard let topic = TopicARN(try document.required(document.TopicArn, "TopicArn")) else {
            throw .malformed("TopicArn names no topic")
        }
        self.topic = topic
        message = try document.required(document.Message, "Message")
        subject = document.Subject
        guard subject?.utf8.count ?? 0 <= Limits.subjectBytes else { throw .malformed("Subject is too long") }
        timestamp = try document.required(document.Timestamp, "Timestamp")
        guard let milliseconds = SNSTimestamp.milliseconds(timestamp) else {
            throw .malformed("Timestamp is not a time such as 2012-04-26T20:45:04.751Z")
        }
        timestampMilliseconds = milliseconds
        guard
            let version = SignatureVersion(
                rawValue: try document.required(document.SignatureVersion, "SignatureVersion"))
        else { throw .malformed("SignatureVersion is neither 1 nor 2") }
        signatureVersion = version
        guard let signature = Data(base64Encoded: try document.required(document.Signature, "Signature")),
            Limits.signatureBytes.contains(signature.count)
        else { throw .malformed("Signature is not one of RSA in base64") }
        self.signature = Array(signature)
        signingCertificateURL = try document.required(document.SigningCertURL, "SigningCertURL", Limits.urlBytes)
        if kind == .notification {
            subscribeURL = nil
            token = nil
        } else {
            subscribeURL = try document.required(document.SubscribeURL, "SubscribeURL", Limits.urlBytes)
            token = try document.required(document.Token, "Token", Limits.tokenBytes)
        }
        let attributes = document.MessageAttributes ?? [:]
        guard attributes.count <= Limits.attributes else { throw .malformed("too many MessageAttributes") }
        self.attributes = attributes.map { Attribute(name: $0.key, type: $0.value.Type, value: $0.value.Value.text) }
            .sorted { $0.name < $1.name }
    }

    /// SNS uses UUIDs; a compatible service may use others.
    static func isMessageID(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "-")
            }
    }

    /// What the signature covers: names and values, each on a line, in the order of the names.
    package var signedBytes: [UInt8] {
        var text = ""
        func add(_ name: String, _ value: String?) {
            if let value { text += "\(name)\n\(value)\n" }
        }
        add("Message", message)
        add("MessageId", messageID)
        if kind == .notification { add("Subject", subject) }
        add("SubscribeURL", subscribeURL)
        add("Timestamp", timestamp)
        add("Token", token)
        add("TopicArn", topic.description)
        add("Type", kind.rawValue)
        return Array(text.utf8)
    }
}

/// The JSON, with the names of SNS.
private struct Document: Decodable {
    struct Attribute: Decodable {
        let `Type`: String
        let Value: AttributeValue
    }

    /// A text; compatible services write numbers as such.
    struct AttributeValue: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self.text = text
            } else if let number = try? container.decode(Int64.self) {
                text = "\(number)"
            } else {
                text = "\(try container.decode(Double.self))"
            }
        }
    }

    let `Type`: String?
    let MessageId: String?
    let TopicArn: String?
    let Message: String?
    let Subject: String?
    let Timestamp: String?
    let SignatureVersion: String?
    let Signature: String?
    let SigningCertURL: String?
    let SubscribeURL: String?
    let Token: String?
    let MessageAttributes: [String: Attribute]?

    static func read(_ json: [UInt8]) throws(Refusal) -> Document {
        do { return try JSONDecoder().decode(Document.self, from: Data(json)) } catch {
            throw .malformed("the body is not the JSON of a message of SNS")
        }
    }

    func required(_ value: String?, _ name: String, _ maximumBytes: Int = .max) throws(Refusal) -> String {
        guard let value else { throw .malformed("\(name) is missing") }
        guard value.utf8.count <= maximumBytes else { throw .malformed("\(name) is too long") }
        return value
    }
}
