// What sns-connector can be told of its source. What concerns the gateway, the events and the log is named as for
// kafka-connector.

import Connector
import Foundation
import HTTP
import KafkaConnector
import SNSSource
import X509

struct SNSConnectorSettings: Sendable {
    var source: SNSSourceConfiguration
    var fetchTLS = HTTPClientTLS()
    /// Asked in place of the hosts that messages name.
    var standIn: HTTPEndpoint?

    static let about = """
        Invokes OpenFaaS functions with messages of AWS SNS topics, which SNS delivers by HTTP or HTTPS. A topic is
        named by its ARN. docs/sns.md says who may send, and what is answered.
        """

    static let all: [SettingDescription] = [
        .init(
            "topics", nil,
            "ARNs of the topics, separated by commas: only their messages are taken and their subscriptions confirmed. "
                + "Required."),
        .init("listen", "0.0.0.0:8080", "Where SNS delivers: `host:port`."),
        .init(
            "path", "/", "The one path that is answered. One that cannot be guessed keeps strangers away.",
            isSecret: true),
        .init("path_file", nil, "File of the path, where it is a secret."),
        .init("cert_file", nil, "PEM of the endpoint's certificate and intermediate ones, for HTTPS."),
        .init("key_file", nil, "PEM of its key."),
        .init("username_file", nil, "File of the user's name that the endpoint asks for, by basic authentication."),
        .init("password_file", nil, "File of the user's password."),
        .init(
            "raw_delivery", "false",
            "Take raw message delivery, which is not signed; only with a user, or with a path of 20 characters or more."
        ),
        .init(
            "allowed_hosts", AllowedHosts.amazon.joined(separator: ","),
            "Where certificates and confirmations may be fetched; `http://HOST:PORT` for a service without TLS."),
        .init("certificate_names", "sns.amazonaws.com", "What a signing certificate has to be for one of."),
        .init(
            "signing_trust", "chain",
            "Whom to believe that a signing certificate is SNS's: a `chain` to an authority, or the allowed `host` "
                + "that it was fetched from, for services that sign their certificates themselves."),
        .init("signing_ca_file", nil, "PEM of the authorities that a chain may lead to; else the system's."),
        .init("signing_intermediates_file", nil, "PEM of certificates that a chain to the system's may lead through."),
        .init(
            "sns_endpoint_url", nil,
            "A service that stands in for SNS: it is asked for certificates and confirmations in place of the hosts in "
                + "messages, which must be allowed all the same."),
        .init("fetch_ca_file", nil, "PEM of who may have signed the certificates of those hosts; else the system's."),
        .init("certificate_fetches", "8", "Signing certificates fetched at once; one more every 15 seconds."),
        .init("max_age", "65m", "Messages signed longer ago are refused. SNS tries for an hour at most."),
        .init("clock_skew", "5m", "How far the clock of SNS may be ahead."),
        .init("remembered_messages", "100000", "The most messages remembered, to know what is delivered again."),
        .init("held_messages", "1024", "The most messages held; beyond it requests are answered with 429."),
        .init("reply_timeout", "12s", "From a request to its answer, below 15s, which is what SNS waits."),
        .init("max_body_bytes", "2097152", "Of one request."),
    ]

    /// - Throws: For the first setting that cannot be used.
    init(_ settings: Settings, maxInFlight: Int) throws(SettingError) {
        source = SNSSourceConfiguration(allowedTopics: try Self.topics(settings))
        source.credit = maxInFlight
        try readEndpoint(settings)
        try readTrust(settings)
        try readBounds(settings)
    }

    private static func topics(_ settings: Settings) throws(SettingError) -> [String] {
        let names = settings.list("topics") ?? []
        guard !names.isEmpty, names.allSatisfy({ TopicARN($0) != nil }) else {
            throw settings.error(
                "topics", accepted: "ARNs of topics, separated by commas, such as arn:aws:sns:REGION:ACCOUNT:NAME")
        }
        return names
    }

    // MARK: The endpoint

    private mutating func readEndpoint(_ settings: Settings) throws(SettingError) {
        let address = try StatusAddress.read("listen", settings, default: "0.0.0.0:8080")
        (source.host, source.port) = (address.host, address.port)
        if let (certificate, key) = try Self.pair("cert_file", "key_file", settings) {
            _ = try settings.fileText("cert_file")
            _ = try settings.fileText("key_file")
            source.tls = HTTPServerTLS(
                identity: HTTPIdentity(certificateChain: .file(certificate), privateKey: .file(key)))
        }
        if settings.string("path") != nil, settings.string("path_file") != nil {
            throw settings.error("path_file", accepted: "either path or path_file")
        }
        let isSecret = settings.string("path_file") != nil
        source.path = try settings.fileText("path_file") ?? settings.string("path") ?? "/"
        guard source.path.hasPrefix("/"), HeaderSyntax.isRequestTarget(source.path),
            !source.path.contains(where: { "?#".contains($0) })
        else {
            throw settings.error(
                isSecret ? "path_file" : "path", accepted: "a path that begins with '/', percent-encoded")
        }
        if try Self.pair("username_file", "password_file", settings) != nil {
            source.basicAuth = .init(
                user: try settings.fileText("username_file") ?? "",
                password: try settings.fileText("password_file") ?? "")
        }
        source.acceptsRawDelivery = try settings.bool("raw_delivery", default: false)
        guard !source.acceptsRawDelivery || source.isBehindSecret else {
            throw settings.error(
                "raw_delivery",
                accepted: "with username_file and password_file, or with a path of 20 characters or more: it is not "
                    + "signed")
        }
    }

    // MARK: Who is believed

    private enum Trust: String, CaseIterable { case chain, host }

    private mutating func readTrust(_ settings: Settings) throws(SettingError) {
        source.allowedHosts = settings.list("allowed_hosts") ?? AllowedHosts.amazon
        do throws(SNSConfigurationError) {
            _ = try AllowedHosts(source.allowedHosts)
        } catch {
            throw settings.error(
                "allowed_hosts", accepted: "sns.<region>.amazonaws.com, HOST[:PORT] or http://HOST[:PORT]")
        }
        source.certificateNames = settings.list("certificate_names")?.map { $0.lowercased() } ?? source.certificateNames
        let trust = try settings.choice("signing_trust", default: Trust.chain)
        let authorities = try Self.certificates("signing_ca_file", settings)
        let intermediates = try Self.certificates("signing_intermediates_file", settings)
        for name in ["signing_ca_file", "signing_intermediates_file"]
        where trust == .host && settings.string(name) != nil {
            throw settings.error(name, accepted: "with signing_trust=chain")
        }
        if authorities != nil, intermediates != nil {
            throw settings.error("signing_intermediates_file", accepted: "without signing_ca_file")
        }
        source.signingTrust =
            trust == .host ? .host : authorities.map { .authorities($0) } ?? .system(intermediates: intermediates ?? [])
        if try settings.fileText("fetch_ca_file") != nil {
            fetchTLS.authorities = settings.string("fetch_ca_file").map { .file($0) }
        }
        guard let url = settings.string("sns_endpoint_url") else { return }
        guard let endpoint = try? HTTPEndpoint(url), endpoint.basePath.isEmpty else {
            throw settings.error("sns_endpoint_url", accepted: "http://HOST[:PORT] or https://HOST[:PORT]")
        }
        standIn = endpoint
    }

    private mutating func readBounds(_ settings: Settings) throws(SettingError) {
        source.certificateFetches = try settings.integer("certificate_fetches", default: 8, in: 1...10_000)
        source.maximumAge = try settings.duration("max_age", default: source.maximumAge)
        source.clockSkew = try settings.duration("clock_skew", default: source.clockSkew)
        source.rememberedMessages = try settings.integer(
            "remembered_messages", default: source.rememberedMessages, in: 1...10_000_000)
        source.heldMessages = try settings.integer("held_messages", default: source.heldMessages, in: 1...1_000_000)
        source.replyTimeout = try settings.duration("reply_timeout", default: source.replyTimeout)
        guard source.replyTimeout < .seconds(15) else {
            throw settings.error("reply_timeout", accepted: "a duration below 15s, which is what SNS waits")
        }
        source.bodyBytes = try settings.integer("max_body_bytes", default: source.bodyBytes, in: 1024...(64 << 20))
    }

    // MARK: Files

    /// Two settings that go together.
    private static func pair(
        _ first: String, _ second: String, _ settings: Settings
    ) throws(SettingError) -> (String, String)? {
        switch (settings.string(first), settings.string(second)) {
        case (nil, nil): return nil
        case (let one?, let other?): return (one, other)
        case (_?, nil): throw settings.error(second, accepted: "a file, as \(first) is set")
        case (nil, _?): throw settings.error(first, accepted: "a file, as \(second) is set")
        }
    }
}

extension SNSConnectorSettings {
    /// The certificates of a file of PEM; `nil` if the setting is not set.
    private static func certificates(_ name: String, _ settings: Settings) throws(SettingError) -> [Certificate]? {
        guard let text = try settings.fileText(name) else { return nil }
        guard let certificates = try? Certificate.all(inPEM: text), !certificates.isEmpty else {
            throw settings.error(name, accepted: "a file of certificates in PEM")
        }
        return certificates
    }
}
