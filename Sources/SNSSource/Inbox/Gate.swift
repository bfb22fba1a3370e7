// Decides whether a request is one that SNS may have sent, before anything is fetched for it. A value without a clock
// or a socket.
//
// The cheap questions come first: method, path, credentials, then the message's own, its topic, its age and the hosts
// that it names. Only what passes them all may lead to a request of this source's own.

import HTTP
import NIOCore
import NIOHTTP1

struct Gate: Sendable {
    enum Passed: Sendable {
        /// Without a signature, but behind a secret.
        case raw(SNSDelivery)
        /// Its signature is to be checked with the certificate at the URL.
        case signed(SNSMessage, certificate: AllowedURL)
    }

    private let topics: Set<TopicARN>
    let hosts: AllowedHosts
    private let path: [UInt8]
    private let credentials: BasicCredentials?
    private let acceptsRawDelivery: Bool
    private let maximumAgeMilliseconds: Int64
    private let clockSkewMilliseconds: Int64

    init(_ configuration: SNSSourceConfiguration) throws(SNSConfigurationError) {
        (topics, hosts) = try configuration.checked()
        path = Array(configuration.path.utf8)
        credentials = configuration.basicAuth.map { BasicCredentials(user: $0.user, password: $0.password) }
        acceptsRawDelivery = configuration.acceptsRawDelivery
        maximumAgeMilliseconds = configuration.maximumAge.components.seconds * 1000
        clockSkewMilliseconds = configuration.clockSkew.components.seconds * 1000
    }

    /// - Parameter now: Milliseconds since 1970.
    func judge(_ request: HTTPServerRequest, now: Int64) throws(Refusal) -> Passed {
        let path = request.target.utf8.prefix { $0 != UInt8(ascii: "?") }
        guard ConstantTime.isEqual(path, self.path) else { throw Refusal(404, .unknownPath, "nothing is here") }
        guard request.method == .POST else { throw Refusal(405, .wrongMethod, "only POST is answered") }
        try checkCredentials(request.headers)
        let body = Array(request.body.readableBytesView)
        if request.headers.first(name: "x-amz-sns-rawdelivery")?.lowercased() == "true" {
            return .raw(try raw(request.headers, body))
        }
        let message = try SNSMessage(json: body)
        try check(request.headers, against: message)
        guard topics.contains(message.topic) else {
            throw Refusal(403, .foreignTopic, "the topic is not one of those allowed")
        }
        let age = now - message.timestampMilliseconds
        guard age <= maximumAgeMilliseconds else { throw Refusal(403, .expired, "Timestamp is too long ago") }
        guard age >= -clockSkewMilliseconds else { throw Refusal(403, .expired, "Timestamp is in the future") }
        if message.kind == .subscriptionConfirmation { _ = try hosts.confirmation(of: message) }
        return .signed(message, certificate: try hosts.certificate(of: message))
    }

    private func checkCredentials(_ headers: HTTPHeaders) throws(Refusal) {
        guard let credentials else { return }
        guard credentials.match(headers.first(name: "Authorization")) else {
            throw Refusal(401, .unauthenticated, "credentials are needed")
        }
    }

    /// SNS repeats some of the message in headers; compatible services may not.
    private func check(_ headers: HTTPHeaders, against message: SNSMessage) throws(Refusal) {
        let expected = [
            ("x-amz-sns-message-type", message.kind.rawValue), ("x-amz-sns-message-id", message.messageID),
            ("x-amz-sns-topic-arn", message.topic.description),
        ]
        for (name, value) in expected {
            guard headers.first(name: name) ?? value == value else {
                throw .malformed("the header \(name) is not what the message says")
            }
        }
    }

    private func raw(_ headers: HTTPHeaders, _ body: [UInt8]) throws(Refusal) -> SNSDelivery {
        guard acceptsRawDelivery else { throw Refusal(403, .rawDelivery, "raw message delivery is not allowed here") }
        guard headers.first(name: "x-amz-sns-message-type") ?? "Notification" == "Notification" else {
            throw .malformed("x-amz-sns-message-type of a raw message is not Notification")
        }
        guard let id = headers.first(name: "x-amz-sns-message-id"), SNSMessage.isMessageID(id) else {
            throw .malformed("x-amz-sns-message-id is not an id")
        }
        guard let topic = headers.first(name: "x-amz-sns-topic-arn").flatMap(TopicARN.init) else {
            throw .malformed("x-amz-sns-topic-arn names no topic")
        }
        guard topics.contains(topic) else {
            throw Refusal(403, .foreignTopic, "the topic is not one of those allowed")
        }
        return SNSDelivery(raw: body, topic: topic, messageID: id)
    }
}
