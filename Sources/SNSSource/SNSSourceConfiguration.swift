package import HTTP

/// What an `SNSSource` is made of.
package struct SNSSourceConfiguration: Sendable {
    package struct BasicAuth: Equatable, Sendable {
        package var user: String
        package var password: String

        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    /// Where it listens; port 0 lets the system choose.
    package var host = "0.0.0.0"
    package var port = 8080
    /// `nil` for plain HTTP, behind something that ends TLS.
    package var tls: HTTPServerTLS?
    /// The one path that is answered. What cannot be guessed keeps strangers away, and is enough for raw delivery.
    package var path = "/"
    package var basicAuth: BasicAuth?
    /// Raw message delivery has no signature: taken only behind a secret path or basic authentication.
    package var acceptsRawDelivery = false

    /// Topics whose messages are taken and whose subscriptions are confirmed; the source is started with some of them.
    package var allowedTopics: [String]
    /// Where certificates and confirmations may be fetched.
    package var allowedHosts = AllowedHosts.amazon
    /// What a signing certificate has to be for.
    package var certificateNames = ["sns.amazonaws.com"]
    package var signingTrust = SigningTrust.system(intermediates: [])
    /// Certificates fetched at once; one more every 15 s. More than the default is for services that sign each message
    /// with another certificate.
    package var certificateFetches = 8

    /// Messages signed longer ago are refused. SNS tries for an hour at most.
    package var maximumAge = Duration.seconds(65 * 60)
    /// How far the clock of SNS may be ahead.
    package var clockSkew = Duration.seconds(5 * 60)
    /// The most messages remembered, to know what is delivered again.
    package var rememberedMessages = 100_000
    /// Events handed out and not settled.
    package var credit = 256
    /// Messages held at once, waiting ones included; beyond it requests are answered with 429.
    package var heldMessages = 1024
    /// From a request to its answer. SNS waits for 15 seconds.
    package var replyTimeout = Duration.seconds(12)
    /// Of one request. SNS's messages have 256 KiB, which JSON may make six times as long.
    package var bodyBytes = 2 << 20

    /// Shorter paths can be guessed.
    private static let secretPathBytes = 20

    package init(allowedTopics: [String]) { self.allowedTopics = allowedTopics }

    /// Whether only those can send who know something.
    package var isBehindSecret: Bool { basicAuth != nil || path.utf8.count >= Self.secretPathBytes }

    /// - Throws: For the first setting that cannot be used.
    func checked() throws(SNSConfigurationError) -> (topics: Set<TopicARN>, hosts: AllowedHosts) {
        var topics: Set<TopicARN> = []
        for text in allowedTopics {
            guard let topic = TopicARN(text) else {
                throw SNSConfigurationError(
                    description: "the topic '\(text)' cannot be used. Accepted: arn:aws:sns:REGION:ACCOUNT:NAME")
            }
            topics.insert(topic)
        }
        guard HeaderSyntax.isRequestTarget(path), !path.contains("?"), !path.contains("#") else {
            throw SNSConfigurationError(
                description: "the path '\(path)' cannot be used. Accepted: one that begins with '/', percent-encoded")
        }
        if acceptsRawDelivery, !isBehindSecret {
            throw SNSConfigurationError(
                description: "raw delivery is not signed: it needs basic authentication, or a secret path of "
                    + "\(Self.secretPathBytes) characters or more")
        }
        guard replyTimeout > .zero, replyTimeout < .seconds(15) else {
            throw SNSConfigurationError(
                description: "the reply timeout \(replyTimeout) cannot be used. Accepted: above zero, below 15 s")
        }
        guard credit > 0, heldMessages > 0, rememberedMessages > 0, bodyBytes > 0, certificateFetches > 0 else {
            throw SNSConfigurationError(description: "credit and bounds cannot be used. Accepted: 1 or more")
        }
        return (topics, try AllowedHosts(allowedHosts))
    }
}
