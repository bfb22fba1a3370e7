// Signs messages as SNS does, with an authority and certificates of its own.

import Crypto
package import CryptoExtras
package import Foundation
import SNSSource
import SwiftASN1
package import X509

package struct SNSAuthority: Sendable {
    /// Signs messages; another key than the authority's.
    package let key: _RSA.Signing.PrivateKey
    private let rootKey: P256.Signing.PrivateKey
    package let root: Certificate
    private let name: DistinguishedName

    package init() throws {
        key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        rootKey = P256.Signing.PrivateKey()
        name = try DistinguishedName { CommonName("test authority") }
        root = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(rootKey.publicKey),
            notValidBefore: .now - 86_400, notValidAfter: .now + 86_400, issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            }, issuerPrivateKey: .init(rootKey))
    }

    /// The authority's own certificate.
    package func rootPEM() throws -> String { try root.serializeAsPEM().pemString }

    /// What `SigningCertURL` answers.
    package func certificatePEM(
        for host: String = "sns.amazonaws.com", validFrom: TimeInterval = -86_400, validUntil: TimeInterval = 86_400
    ) throws -> [UInt8] {
        let subject = try DistinguishedName { CommonName(host) }
        let signed = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(key.publicKey), notValidBefore: .now + validFrom,
            notValidAfter: .now + validUntil, issuer: name, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions { SubjectAlternativeNames([.dnsName(host)]) },
            issuerPrivateKey: .init(rootKey))
        return Array(try signed.serializeAsPEM().pemString.utf8)
    }

    /// Sets `Signature` to what the other fields need.
    package func sign(_ fields: [String: String]) throws -> [String: String] {
        let names =
            fields["Type"] == "Notification"
            ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
            : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        let text = names.compactMap { name in fields[name].map { "\(name)\n\($0)\n" } }.joined()
        let bytes = Array(text.utf8)
        let signature =
            fields["SignatureVersion"] == "1"
            ? try key.signature(for: Insecure.SHA1.hash(data: bytes), padding: .insecurePKCS1v1_5)
            : try key.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
        var signed = fields
        signed["Signature"] = signature.rawRepresentation.base64EncodedString()
        return signed
    }
}

/// Messages as SNS writes them.
package enum SNSFixture {
    package static let topic = "arn:aws:sns:eu-west-1:123456789012:orders"
    package static let certificateURL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b2c.pem"

    package static func notification(
        _ message: String, id: String, topic: String = topic, subject: String? = nil, version: String = "2",
        at time: Date = .now
    ) -> [String: String] {
        var fields = [
            "Type": "Notification", "MessageId": id, "TopicArn": topic, "Message": message,
            "Timestamp": timestamp(time), "SignatureVersion": version, "SigningCertURL": certificateURL,
            "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=\(topic):1",
        ]
        fields["Subject"] = subject
        return fields
    }

    /// - Parameter type: `SubscriptionConfirmation` or `UnsubscribeConfirmation`.
    package static func confirmation(
        _ type: String, id: String, topic: String = topic, token: String = "2336412f37fb", at time: Date = .now
    ) -> [String: String] {
        [
            "Type": type, "MessageId": id, "TopicArn": topic, "Message": "You have chosen to subscribe",
            "Token": token, "Timestamp": timestamp(time), "SignatureVersion": "2", "SigningCertURL": certificateURL,
            "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"
                + "&TopicArn=\(topic)&Token=\(token)",
        ]
    }

    package static func timestamp(_ time: Date) -> String {
        time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    package static func json(_ fields: [String: String]) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (try? encoder.encode(fields)).map { Array($0) } ?? []
    }
}
