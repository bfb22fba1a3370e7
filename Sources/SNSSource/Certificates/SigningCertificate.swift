// A certificate with which SNS signs: what it must be, and whether a signature is its.

import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
package import X509

/// Whom to believe that a certificate is one of SNS.
package enum SigningTrust: Sendable {
    /// Authorities that the system trusts, by a chain through what the certificate's file holds and `intermediates`.
    case system(intermediates: [Certificate])
    /// These authorities alone.
    case authorities([Certificate])
    /// The allowed host, which it was fetched from by HTTPS: for compatible services that sign their certificates
    /// themselves. Not for Amazon's.
    case host
}

package struct SigningCertificate: Sendable {
    private let key: _RSA.Signing.PublicKey
    /// Seconds since 1970, both.
    private let notBefore: Int64
    private let notAfter: Int64

    /// The most certificates in one file.
    private static let maximumCertificates = 8

    /// Reads a file of PEM whose first certificate is the one that signs, and checks it.
    ///
    /// - Parameters:
    ///   - names: The certificate must be for one of them.
    package init(pem: [UInt8], names: [String], trust: SigningTrust) async throws(Refusal) {
        let certificates = try Self.read(pem)
        let leaf = certificates[0]
        guard let key = try? _RSA.Signing.PublicKey(derRepresentation: Array(leaf.publicKey.subjectPublicKeyInfoBytes))
        else { throw Self.untrusted("it holds no RSA key of 2048 bits or more") }
        self.key = key
        notBefore = Int64(leaf.notValidBefore.timeIntervalSince1970)
        notAfter = Int64(leaf.notValidAfter.timeIntervalSince1970)
        guard names.contains(where: { leaf.isFor($0) }) else {
            throw Self.untrusted("it is for none of \(names.joined(separator: ", "))")
        }
        switch trust {
        case .host: break
        case .system(let intermediates):
            try await Self.checkChain(
                leaf, through: Array(certificates.dropFirst()) + intermediates, to: .systemTrustRoots)
        case .authorities(let authorities):
            try await Self.checkChain(leaf, through: Array(certificates.dropFirst()), to: CertificateStore(authorities))
        }
    }

    private static func read(_ pem: [UInt8]) throws(Refusal) -> [Certificate] {
        do {
            let documents = try PEMDocument.parseMultiple(pemString: String(decoding: pem, as: UTF8.self))
            guard !documents.isEmpty, documents.count <= maximumCertificates else {
                throw untrusted("its file holds \(documents.count) certificates")
            }
            return try documents.map { try Certificate(pemDocument: $0) }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw untrusted("its file is not PEM")
        }
    }

    private static func checkChain(
        _ leaf: Certificate, through intermediates: [Certificate], to roots: CertificateStore
    ) async throws(Refusal) {
        var verifier = Verifier(rootCertificates: roots) { RFC5280Policy() }
        let result = await verifier.validate(leaf: leaf, intermediates: CertificateStore(intermediates))
        guard case .validCertificate = result else {
            throw untrusted("no chain of valid certificates leads from it to a trusted authority")
        }
    }

    static func untrusted(_ detail: String) -> Refusal {
        Refusal(403, .untrustedCertificate, "the signing certificate cannot be trusted: \(detail)")
    }

    // MARK: Use

    func isValid(atSeconds now: Int64) -> Bool { notBefore <= now && now <= notAfter }

    /// Whether the message was signed with the certificate's key.
    package func signed(_ message: SNSMessage) -> Bool {
        let signature = _RSA.Signing.RSASignature(rawRepresentation: message.signature)
        let bytes = message.signedBytes
        return switch message.signatureVersion {
        case .one:
            key.isValidSignature(signature, for: Insecure.SHA1.hash(data: bytes), padding: .insecurePKCS1v1_5)
        case .two: key.isValidSignature(signature, for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
        }
    }
}

extension Certificate {
    /// By its alternative names; by its common name if it has none of them.
    fileprivate func isFor(_ name: String) -> Bool {
        if let names = try? extensions.subjectAlternativeNames, !names.isEmpty {
            return names.contains { if case .dnsName(let own) = $0 { own.lowercased() == name } else { false } }
        }
        return subject.contains { part in
            part.contains { $0.type == .RDNAttributeType.commonName && $0.value.description.lowercased() == name }
        }
    }

    /// The certificates of a file of PEM.
    package static func all(inPEM text: String) throws -> [Certificate] {
        try PEMDocument.parseMultiple(pemString: text).map { try Certificate(pemDocument: $0) }
    }
}
