// TLS for client and server: where certificates come from, and what NIOSSL makes of them.
//
// The server's certificate is always verified, with its name or address. There is no switch to skip that: a test
// makes an authority of its own and trusts it.

import NIOCore
import NIOSSL

/// Certificates or a key in PEM form.
package enum PEM: Sendable, Equatable {
    case file(String)
    case text(String)

    /// How an error message names it; never what is in it.
    fileprivate var name: String {
        switch self {
        case .file(let path): "'\(path)'"
        case .text: "the text given"
        }
    }
}

/// A certificate, the intermediate ones after it, and the private key that belongs to it.
package struct HTTPIdentity: Sendable, Equatable {
    package var certificateChain: PEM
    package var privateKey: PEM

    package init(certificateChain: PEM, privateKey: PEM) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }
}

/// How a client speaks TLS.
package struct HTTPClientTLS: Sendable, Equatable {
    /// Who may have signed the server's certificate; `nil` for the authorities that the system trusts.
    package var authorities: PEM?
    /// What the client shows to a server that asks for a certificate.
    package var identity: HTTPIdentity?
    /// The name that the server's certificate has to be for, where it is not the endpoint's host.
    package var serverName: String?

    package init(authorities: PEM? = nil, identity: HTTPIdentity? = nil, serverName: String? = nil) {
        self.authorities = authorities
        self.identity = identity
        self.serverName = serverName
    }

    /// Reads the files, and says whether they can be used.
    package func check() throws(HTTPTLSError) { _ = try makeContext() }

    /// Reads the files.
    func makeContext() throws(HTTPTLSError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let authorities { configuration.trustRoots = .certificates(try authorities.certificates("authorities")) }
        if let identity {
            configuration.certificateChain = try identity.chain()
            configuration.privateKey = .privateKey(try identity.privateKey.key())
        }
        return try configuration.makeContext()
    }
}

/// How a server speaks TLS.
package struct HTTPServerTLS: Sendable, Equatable {
    package var identity: HTTPIdentity
    /// Who must have signed the certificate that every client then has to show; `nil` asks for none.
    package var clientAuthorities: PEM?

    package init(identity: HTTPIdentity, clientAuthorities: PEM? = nil) {
        self.identity = identity
        self.clientAuthorities = clientAuthorities
    }

    /// Reads the files.
    func makeContext() throws(HTTPTLSError) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try identity.chain(), privateKey: .privateKey(try identity.privateKey.key()))
        if let clientAuthorities {
            configuration.trustRoots = .certificates(try clientAuthorities.certificates("client authorities"))
            configuration.certificateVerification = .noHostnameVerification
        }
        return try configuration.makeContext()
    }
}

/// Why certificates or keys cannot be used. Its description never holds what is in them.
package struct HTTPTLSError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
}

extension HTTPIdentity {
    fileprivate func chain() throws(HTTPTLSError) -> [NIOSSLCertificateSource] {
        try certificateChain.certificates("certificate").map { .certificate($0) }
    }
}

extension TLSConfiguration {
    fileprivate mutating func makeContext() throws(HTTPTLSError) -> NIOSSLContext {
        minimumTLSVersion = .tlsv12
        applicationProtocols = ["http/1.1"]
        // A peer that does not say goodbye holds a connection no longer than this.
        shutdownTimeout = .seconds(1)
        do {
            return try NIOSSLContext(configuration: self)
        } catch {
            throw HTTPTLSError(description: "the certificate and its private key do not fit: \(error)")
        }
    }
}

extension PEM {
    fileprivate func certificates(_ purpose: String) throws(HTTPTLSError) -> [NIOSSLCertificate] {
        do {
            let certificates =
                switch self {
                case .file(let path): try NIOSSLCertificate.fromPEMFile(path)
                case .text(let text): try NIOSSLCertificate.fromPEMBytes(Array(text.utf8))
                }
            if !certificates.isEmpty { return certificates }
        } catch {
            throw HTTPTLSError(description: "the \(purpose) cannot be read from \(name) as PEM: \(error)")
        }
        throw HTTPTLSError(description: "the \(purpose) cannot be read from \(name): it holds no certificate")
    }

    fileprivate func key() throws(HTTPTLSError) -> NIOSSLPrivateKey {
        do {
            return
                switch self
            {
            case .file(let path): try NIOSSLPrivateKey(file: path, format: .pem)
            case .text(let text): try NIOSSLPrivateKey(bytes: Array(text.utf8), format: .pem)
            }
        } catch {
            throw HTTPTLSError(description: "the private key cannot be read from \(name) as PEM: \(error)")
        }
    }
}
