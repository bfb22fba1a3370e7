/// Decides whether a bearer token lets its holder in, and as whom, by the time that is handed in.
///
/// Unsecured tokens are checked as Kafka's OAuthBearerUnsecuredValidator does (KIP-255), signed ones also by their
/// signature, issuer and audience (KIP-768).
struct TokenVerifier: Sendable {
    private let settings: FakeBroker.OAuth
    /// None: tokens without a signature are taken, and no others.
    private let keys: [VerificationKey]?

    init(_ settings: FakeBroker.OAuth) throws(TokenKeyError) {
        self.settings = settings
        switch settings.tokens {
        case .unsecured: keys = nil
        case .signed(let keys): self.keys = try keys.map { key throws(TokenKeyError) in try VerificationKey(key) }
        }
    }

    /// What a client whose token is refused is told to ask for (RFC 7628 section 3.2.2).
    var requiredScope: String { settings.requiredScopes.joined(separator: " ") }

    func verify(_ text: [UInt8], wallMilliseconds now: Int64) throws(TokenError) -> SASLIdentity {
        let token = try JSONWebToken(compact: text)
        try checkSignature(of: token)
        let expiry = try checkTimes(of: token.claims, now: Double(now) / 1000)
        try checkAddress(of: token.claims)
        try checkScopes(of: token.claims)
        guard let name = token.claims[settings.principalClaim]?.string, !name.isEmpty else {
            throw TokenError("it has no text in '\(settings.principalClaim)'")
        }
        return SASLIdentity(name: name, expiresAtMilliseconds: expiry)
    }

    private func checkSignature(of token: JSONWebToken) throws(TokenError) {
        guard let keys else {
            guard token.algorithm == "none", token.signature.isEmpty else {
                throw TokenError("it is signed (\(Self.shortened(token.algorithm))), and no key is known")
            }
            return
        }
        // The key says by which algorithm it verifies: what the token says can only narrow the choice.
        let candidates = keys.filter { key in
            key.algorithm.rawValue == token.algorithm && (token.keyID == nil || key.id == nil || key.id == token.keyID)
        }
        guard !candidates.isEmpty else {
            throw TokenError("no key is known for 'alg' \(Self.shortened(token.algorithm)) and its 'kid'")
        }
        guard candidates.contains(where: { $0.verifies(token.signature, of: token.signedBytes) }) else {
            throw TokenError("its signature is not of a known key")
        }
    }

    /// Returns when it expires, in milliseconds since 1970.
    private func checkTimes(of claims: JSONValue, now: Double) throws(TokenError) -> Int64 {
        let skew = settings.clockSkew / .seconds(1)
        guard let expiry = claims["exp"]?.number else { throw TokenError("it has no number in 'exp'") }
        guard now - skew < expiry else { throw TokenError("it expired at \(expiry); it is \(now)") }
        // Beyond this a time in milliseconds is no whole number any more.
        guard expiry < 9e12 else { throw TokenError("its 'exp' \(expiry) is no time in seconds since 1970") }
        for name in ["iat", "nbf"] {
            guard let claim = claims[name] else { continue }
            guard let time = claim.number else { throw TokenError("its '\(name)' is no number") }
            guard time <= now + skew else { throw TokenError("its '\(name)' \(time) lies ahead; it is \(now)") }
            guard time <= expiry else { throw TokenError("its '\(name)' is later than its 'exp'") }
        }
        return Int64(expiry * 1000)
    }

    private func checkAddress(of claims: JSONValue) throws(TokenError) {
        if let issuer = settings.issuer, claims["iss"]?.string != issuer {
            throw TokenError("its 'iss' is not '\(issuer)'")
        }
        guard !settings.audiences.isEmpty else { return }
        let audiences = claims["aud"]?.strings ?? claims["aud"]?.string.map { [$0] } ?? []
        guard audiences.contains(where: settings.audiences.contains) else {
            throw TokenError("its 'aud' is none of \(settings.audiences)")
        }
    }

    private func checkScopes(of claims: JSONValue) throws(TokenError) {
        let claim = claims[settings.scopeClaim]
        let scopes = claim?.strings ?? claim?.string?.split(separator: " ").map(String.init) ?? []
        for scope in settings.requiredScopes where !scopes.contains(scope) {
            throw TokenError("its '\(settings.scopeClaim)' has no '\(scope)'")
        }
    }

    /// A stranger's text, fit for an error.
    private static func shortened(_ text: String) -> String { "'\(text.prefix(16))'" }
}
