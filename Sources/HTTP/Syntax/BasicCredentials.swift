import Base64Coding

/// A user and a password, as the header `Authorization` carries them (RFC 7617).
package struct BasicCredentials: Sendable {
    private let encoded: String

    package init(user: String, password: String) { encoded = Base64.encode("\(user):\(password)".utf8) }

    /// The value of the header.
    package var authorization: String { "Basic \(encoded)" }

    /// Whether the value of a header is that of these. Takes the same time wherever the two differ.
    package func match(_ authorization: String?) -> Bool {
        let given = authorization ?? ""
        let isRight = ConstantTime.isEqual(given.utf8.dropFirst(6), encoded.utf8)
        return isRight && given.prefix(6).lowercased() == "basic "
    }
}

package enum ConstantTime {
    /// Takes the same time wherever two secrets of one length differ.
    package static func isEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
