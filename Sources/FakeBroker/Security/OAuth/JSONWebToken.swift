import Base64Coding

/// A JSON web token in its compact form (RFC 7519, RFC 7515), taken apart; whether it is worth anything is
/// ``TokenVerifier``'s to say.
struct JSONWebToken: Sendable {
    /// `alg`: how it is signed; `none` if it is not.
    let algorithm: String
    /// `kid`: by which key.
    let keyID: String?
    let claims: JSONValue
    /// What the signature is of.
    let signedBytes: [UInt8]
    let signature: [UInt8]

    /// Reads `header.claims.signature`, each in base 64.
    init(compact text: [UInt8]) throws(TokenError) {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw TokenError("it has \(parts.count) parts, not 3") }
        guard let header = Base64.decode(parts[0], .url), let claims = Base64.decode(parts[1], .url),
            let signature = Base64.decode(parts[2], .url)
        else { throw TokenError("a part is not URL-safe base 64") }
        guard let header = JSONValue(header), case .object = header, let algorithm = header["alg"]?.string else {
            throw TokenError("its header is not a JSON object with an 'alg'")
        }
        // A header that must be understood (`crit`) is one that this reader does not.
        guard header["crit"] == nil else { throw TokenError("its header has a 'crit', of which none is known") }
        guard let claims = JSONValue(claims), case .object = claims else {
            throw TokenError("its claims are not a JSON object")
        }
        self.algorithm = algorithm
        keyID = header["kid"]?.string
        self.claims = claims
        signedBytes = Array(text[..<(parts[2].startIndex - 1)])
        self.signature = signature
    }
}

/// Why a token is refused. Names claims and times, never the token.
struct TokenError: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String

    init(_ reason: String) {
        description = "The token is refused: \(reason)."
    }
}
