/// Why a request is refused, with the status that it is answered with.
///
/// SNS takes a status of 4xx other than 429 as final; after 429 and 5xx it delivers the message again.
package struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// What refusals are counted by.
    package enum Reason: String, CaseIterable, Sendable {
        /// Not what SNS sends.
        case malformed
        /// Neither the path, nor the method, nor the credentials of this endpoint.
        case unauthenticated
        case wrongMethod = "wrong-method"
        case unknownPath = "unknown-path"
        /// A topic that is not on the list.
        case foreignTopic = "foreign-topic"
        /// A URL that this source may not visit.
        case foreignURL = "foreign-url"
        /// Signed too long ago, or in the future.
        case expired
        /// The signature is not that of the message.
        case forged
        /// The certificate is not one of SNS, or has expired.
        case untrustedCertificate = "untrusted-certificate"
        /// Raw delivery, which the configuration does not allow.
        case rawDelivery = "raw-delivery"
        /// Not now; SNS tries again.
        case busy
    }

    package let status: Int
    package let reason: Reason
    /// Never holds a payload or a secret.
    package let detail: String

    init(_ status: Int, _ reason: Reason, _ detail: String) {
        self.status = status
        self.reason = reason
        self.detail = detail
    }

    static func malformed(_ detail: String) -> Refusal { Refusal(400, .malformed, detail) }

    package var description: String { "\(status) \(reason.rawValue): \(detail)" }
}
