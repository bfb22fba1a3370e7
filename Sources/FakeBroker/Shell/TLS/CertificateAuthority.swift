internal import Crypto
internal import SwiftASN1
internal import X509

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Signs certificates for a test's brokers and clients. Made anew each time: nobody else trusts it, and it trusts
/// nobody else's. Its keys come from the system's chance, not from a seed.
///
/// Not a core: it reads the clock, for certificates hold real dates.
public struct CertificateAuthority: Sendable, CustomStringConvertible, CustomReflectable {
    /// What clients must trust (librdkafka: `ssl.ca.pem`, or `ssl.ca.location` with a file of it).
    public let certificatePEM: String
    private let signer: Signer

    /// Apart, so that a configuration stays a handful of words.
    private final class Signer: Sendable {
        let name: DistinguishedName
        let key: Certificate.PrivateKey

        init(name: DistinguishedName, key: Certificate.PrivateKey) {
            self.name = name
            self.key = key
        }
    }

    /// - Parameter commonName: by which its certificates name it.
    public init(commonName: String = "FakeBroker certificate authority") throws {
        let name = try DistinguishedName { CommonName(commonName) }
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        signer = Signer(name: name, key: key)
        let certificate = try Self.certificate(
            of: key.publicKey, named: name, issuer: name, signedBy: key, lifetime: Self.defaultLifetime,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
            })
        certificatePEM = try certificate.serializeAsPEM().pemString
    }

    public static let defaultLifetime = Duration.seconds(30 * 86_400)

    /// A certificate by which a client says who it is: to Kafka, `User:CN=alice` or `User:CN=alice,O=Acme`.
    ///
    /// - Parameter lifetime: from now on; one that is not positive gives a certificate that has expired.
    public func clientIdentity(
        _ commonName: String, organization: String? = nil, lifetime: Duration = defaultLifetime
    ) throws -> TLSIdentity {
        try identity(
            commonName, organization, lifetime: lifetime, usage: .clientAuth, names: SubjectAlternativeNames())
    }

    /// A certificate by which a broker proves that it is at one of these hosts: names, or addresses as text.
    ///
    /// - Parameter lifetime: from now on; one that is not positive gives a certificate that has expired.
    public func brokerIdentity(
        hosts: [String] = ["localhost", "127.0.0.1", "::1"], lifetime: Duration = defaultLifetime
    ) throws -> TLSIdentity {
        let names = hosts.map { host in
            IPAddress.bytes(host).map { GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...])) }
                ?? GeneralName.dnsName(host)
        }
        return try identity(
            hosts.first ?? "broker", nil, lifetime: lifetime, usage: .serverAuth,
            names: SubjectAlternativeNames(names))
    }

    private func identity(
        _ commonName: String, _ organization: String?, lifetime: Duration, usage: ExtendedKeyUsage.Usage,
        names: SubjectAlternativeNames
    ) throws -> TLSIdentity {
        let key = P256.Signing.PrivateKey()
        let subject = try DistinguishedName {
            if let organization { OrganizationName(organization) }
            CommonName(commonName)
        }
        let publicKey = Certificate.PublicKey(key.publicKey)
        let certificate = try Self.certificate(
            of: publicKey, named: subject, issuer: signer.name, signedBy: signer.key, lifetime: lifetime,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([usage])
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: signer.key.publicKey).keyIdentifier)
                if !names.isEmpty { names }
            })
        return TLSIdentity(
            certificatePEM: try certificate.serializeAsPEM().pemString, privateKeyPEM: key.pemRepresentation)
    }

    private static func certificate(
        of key: Certificate.PublicKey, named subject: DistinguishedName, issuer: DistinguishedName,
        signedBy issuerKey: Certificate.PrivateKey, lifetime: Duration, extensions: Certificate.Extensions
    ) throws -> Certificate {
        let now = Date()
        let expiry = now + lifetime / .seconds(1)
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key,
            // A day earlier than need be, for clocks differ.
            notValidBefore: min(now, expiry) - 86_400, notValidAfter: expiry, issuer: issuer, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions, issuerPrivateKey: issuerKey)
    }

    public var description: String { "CertificateAuthority(\(signer.name))" }
    public var customMirror: Mirror { Mirror(self, children: ["name": "\(signer.name)"]) }
}

/// A certificate and its private key, both as PEM text. Descriptions do not show the key.
public struct TLSIdentity: Sendable, CustomStringConvertible, CustomReflectable {
    public let certificatePEM: String
    public let privateKeyPEM: String

    public init(certificatePEM: String, privateKeyPEM: String) {
        self.certificatePEM = certificatePEM
        self.privateKeyPEM = privateKeyPEM
    }

    public var description: String { "TLSIdentity" }
    public var customMirror: Mirror { Mirror(self, children: ["certificatePEM": certificatePEM]) }
}
