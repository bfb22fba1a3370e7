internal import NIOCore
internal import NIOSSL
internal import SwiftASN1
internal import X509

/// TLS for the listeners that have it.
struct TLSContexts {
    /// By listener; nil for one without TLS.
    private let contexts: [NIOSSLContext?]

    /// - Parameter authority: there is one if a listener has TLS.
    /// - Throws: ``FakeBrokerError`` if the brokers' certificate or its key cannot be read.
    init(_ configuration: FakeBroker.Configuration, authority: CertificateAuthority?) throws {
        let listeners = configuration.security.listeners
        guard let authority, listeners.contains(where: \.securityProtocol.usesTLS) else {
            contexts = listeners.map { _ in nil }
            return
        }
        let broker =
            try configuration.security.brokerIdentity
            ?? authority.brokerIdentity(hosts: configuration.certifiedHosts)
        do {
            contexts = try listeners.map { listener in
                guard listener.securityProtocol.usesTLS else { return nil }
                return try Self.context(listener.clientCertificates, broker: broker, authority: authority)
            }
        } catch {
            throw FakeBrokerError.invalid(
                "security.brokerIdentity", "not readable (\(error))",
                accepted: "a certificate and its own private key, both as PEM text")
        }
    }

    private static func context(
        _ clientCertificates: FakeBroker.Listener.ClientCertificates, broker: TLSIdentity,
        authority: CertificateAuthority
    ) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(broker.certificatePEM.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(broker.privateKeyPEM.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        // A peer that does not say goodbye is not waited for longer.
        configuration.shutdownTimeout = .milliseconds(500)
        configuration.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(authority.certificatePEM.utf8)))
        configuration.certificateVerification =
            switch clientCertificates {
            case .none: .none
            case .requested: .optionalVerification
            case .required: .noHostnameVerification
            }
        return try NIOSSLContext(configuration: configuration)
    }

    /// Nil for a listener without TLS.
    func handler(listener: Int) -> NIOSSLServerHandler? {
        contexts[listener].map { NIOSSLServerHandler(context: $0) }
    }

    /// What is wrong with the peer's TLS; nil if the error is of another kind, or only that the peer has gone.
    static func problem(_ error: any Error) -> String? {
        switch error {
        case let error as NIOSSLError:
            switch error {
            case .uncleanShutdown, .shutdownFailed: nil
            default: "\(error)"
            }
        case let error as BoringSSLError: "\(error)"
        default: nil
        }
    }

    /// The subject of the certificate that the peer has proved to own, by RFC 2253; nil if it showed none.
    static func certificateSubject(in pipeline: ChannelPipeline) -> String? {
        guard let handler = try? pipeline.syncOperations.handler(type: NIOSSLServerHandler.self),
            let bytes = try? handler.peerCertificate?.toDERBytes(),
            let certificate = try? Certificate(derEncoded: bytes)
        else { return nil }
        return X500Name.text(certificate.subject)
    }
}
