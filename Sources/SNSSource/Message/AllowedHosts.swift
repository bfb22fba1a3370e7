// Decides which URLs in messages may be visited: those of SNS, or of the services that the configuration names.
//
// Whoever can reach the endpoint can put any URL into a message. A rule is matched as a whole, never by its ending,
// and `<region>` stands for the region of the message's own topic.

package import HTTP

/// Why a configuration cannot be used.
package struct SNSConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
}

/// A URL that was found to be allowed.
package struct AllowedURL: Hashable, Sendable, CustomStringConvertible {
    package let endpoint: HTTPEndpoint
    /// Path and query.
    package let target: String

    package var description: String { "\(endpoint)\(target)" }
}

package struct AllowedHosts: Sendable, Equatable {
    /// Amazon's, all over the world and in China.
    package static let amazon = ["sns.<region>.amazonaws.com", "sns.<region>.amazonaws.com.cn"]
    private static let regionMark = "<region>"
    /// In place of the mark where a host's name is read, which may not hold it.
    private static let regionLabel = "region--mark"

    private struct Rule: Sendable, Equatable {
        let scheme: HTTPEndpoint.Scheme
        /// In lower case, with `<region>` as it stands.
        let host: String
        let port: Int
    }

    private let rules: [Rule]

    /// - Parameter texts: `host`, `host:port`, or `http://host:port` for a service without TLS.
    package init(_ texts: [String]) throws(SNSConfigurationError) {
        var rules: [Rule] = []
        for text in texts {
            let url = text.contains("://") ? text : "https://\(text)"
            guard let endpoint = try? HTTPEndpoint(url.replacing(Self.regionMark, with: Self.regionLabel)),
                endpoint.basePath.isEmpty
            else {
                throw SNSConfigurationError(
                    description: "the allowed host '\(text)' cannot be used. "
                        + "Accepted: sns.<region>.amazonaws.com, HOST[:PORT] or http://HOST[:PORT]")
            }
            let host = endpoint.host.lowercased().replacing(Self.regionLabel, with: Self.regionMark)
            rules.append(Rule(scheme: endpoint.scheme, host: host, port: endpoint.port))
        }
        guard !rules.isEmpty else { throw SNSConfigurationError(description: "no host is allowed") }
        self.rules = rules
    }

    /// The URL, if it may be visited for a message of `topic`.
    package func allow(_ text: String, _ name: String, for topic: TopicARN) throws(Refusal) -> AllowedURL {
        func refuse(_ reason: String) -> Refusal { Refusal(403, .foreignURL, "\(name) \(reason)") }

        guard let separator = text.firstRange(of: "://") else { throw refuse("is no URL") }
        let rest = text[separator.upperBound...]
        let start = rest.firstIndex { "/?#\\".contains($0) } ?? rest.endIndex
        guard start < rest.endIndex, rest[start] == "/" else { throw refuse("has no path") }
        let target = String(rest[start...])
        guard HeaderSyntax.isRequestTarget(target), !target.contains("#"), !target.contains("\\") else {
            throw refuse("holds what a URL must not hold")
        }
        guard let endpoint = try? HTTPEndpoint(String(text[..<start])) else { throw refuse("is no URL of a host") }
        let host = endpoint.host.lowercased()
        let isAllowed = rules.contains { rule in
            rule.scheme == endpoint.scheme && rule.port == endpoint.port
                && rule.host.replacing(Self.regionMark, with: topic.region.lowercased()) == host
        }
        guard isAllowed else { throw refuse("is not at an allowed host") }
        return AllowedURL(endpoint: endpoint, target: target)
    }

    /// Where a message's certificate is.
    func certificate(of message: SNSMessage) throws(Refusal) -> AllowedURL {
        let url = try allow(message.signingCertificateURL, "SigningCertURL", for: message.topic)
        guard url.target.hasSuffix(".pem"), !url.target.contains("?"), !url.target.contains("..") else {
            throw Refusal(403, .foreignURL, "SigningCertURL is not that of a .pem file")
        }
        return url
    }

    /// What confirms a subscription to the message's own topic.
    func confirmation(of message: SNSMessage) throws(Refusal) -> AllowedURL {
        guard let text = message.subscribeURL else { throw .malformed("SubscribeURL is missing") }
        let url = try allow(text, "SubscribeURL", for: message.topic)
        let parts = url.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = QueryString(parts.count == 2 ? parts[1] : "")
        guard query.first("Action") == "ConfirmSubscription", query.first("TopicArn") == message.topic.description,
            query.first("Token") == message.token
        else { throw Refusal(403, .foreignURL, "SubscribeURL does not confirm this subscription") }
        return url
    }
}
