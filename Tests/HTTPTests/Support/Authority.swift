import Crypto
import Foundation
import HTTP
import SwiftASN1
import X509

/// A certificate authority of one test, and what it signs.
struct Authority {
    private let key = P256.Signing.PrivateKey()
    private let name: DistinguishedName
    private let certificate: Certificate

    init(_ commonName: String = "test authority") throws {
        name = try DistinguishedName { CommonName(commonName) }
        certificate = try Self.sign(
            subject: name, key: key.publicKey, issuer: name, issuerKey: key,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            })
    }

    /// The authority's own certificate.
    var pem: PEM { get throws { .text(try certificate.serializeAsPEM().pemString) } }

    /// A certificate for a server of these names and addresses, or for a client.
    func identity(names: [String] = [], addresses: [[UInt8]] = [[127, 0, 0, 1]]) throws -> HTTPIdentity {
        let key = P256.Signing.PrivateKey()
        let alternatives =
            names.map { GeneralName.dnsName($0) }
            + addresses.map { GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...])) }
        let signed = try Self.sign(
            subject: DistinguishedName { CommonName("peer") }, key: key.publicKey, issuer: name, issuerKey: self.key,
            extensions: Certificate.Extensions {
                SubjectAlternativeNames(alternatives)
                try ExtendedKeyUsage([.serverAuth, .clientAuth])
            })
        return HTTPIdentity(
            certificateChain: .text(try signed.serializeAsPEM().pemString), privateKey: .text(key.pemRepresentation))
    }

    private static func sign(
        subject: DistinguishedName, key: P256.Signing.PublicKey, issuer: DistinguishedName,
        issuerKey: P256.Signing.PrivateKey, extensions: Certificate.Extensions
    ) throws -> Certificate {
        let day = 24.0 * 3600
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(key),
            notValidBefore: .now - day, notValidAfter: .now + day, issuer: issuer, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions,
            issuerPrivateKey: Certificate.PrivateKey(issuerKey))
    }
}
