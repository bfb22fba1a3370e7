internal import Base64Coding
internal import Crypto
internal import CryptoExtras

/// Makes bearer tokens for a test's clients, in place of an OAuth 2 server.
///
///     let issuer = try TokenIssuer(.es256)
///     configuration.security.oauth.tokens = .signed([issuer.key])
///     let token = try issuer.token(subject: "alice", scopes: ["orders"])
public struct TokenIssuer: Sendable {
    private enum Signer: Sendable {
        case hs256(SymmetricKey)
        case rs256(_RSA.Signing.PrivateKey)
        case es256(P256.Signing.PrivateKey)
    }

    /// Verifies what this issuer signs.
    public let key: FakeBroker.TokenKey
    private let signer: Signer

    /// Makes a new key by the system's chance. RSA takes a second at worst.
    ///
    /// - Parameter keyID: the `kid` of its tokens; nil: they have none.
    public init(_ algorithm: FakeBroker.TokenKey.Algorithm = .es256, keyID: String? = nil) throws {
        switch algorithm {
        case .hs256:
            let secret = (0..<32).map { _ in UInt8.random(in: 0...255) }
            key = .hs256(secret: secret, id: keyID)
            signer = .hs256(SymmetricKey(data: secret))
        case .rs256:
            let privateKey = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            key = .rs256(publicKeyPEM: privateKey.publicKey.pemRepresentation, id: keyID)
            signer = .rs256(privateKey)
        case .es256:
            let privateKey = P256.Signing.PrivateKey()
            key = .es256(publicKeyPEM: privateKey.publicKey.pemRepresentation, id: keyID)
            signer = .es256(privateKey)
        }
    }

    /// A signed token.
    ///
    /// - Parameters:
    ///   - issuedAt: seconds since 1970; nil: now, by the system's clock.
    ///   - lifetime: from then on; one that is not positive gives a token that has expired.
    ///   - claims: more claims, with texts as values.
    public func token(
        subject: String, scopes: [String] = [], issuedAt: Int64? = nil, lifetime: Duration = .seconds(3600),
        claims: [String: String] = [:]
    ) throws -> String {
        let kid = key.id.map { ",\"kid\":\"\(JSONValue.escaped($0))\"" } ?? ""
        let header = "{\"alg\":\"\(key.algorithm.rawValue)\",\"typ\":\"JWT\"\(kid)}"
        let body = Self.claims(subject, scopes, issuedAt, lifetime, claims)
        let signed = "\(Base64.encode(header.utf8, .url)).\(Base64.encode(body.utf8, .url))"
        return "\(signed).\(Base64.encode(try signature(of: Array(signed.utf8)), .url))"
    }

    /// A token without a signature (`alg` is `none`); its parameters are those of a signed one.
    public static func unsecuredToken(
        subject: String, scopes: [String] = [], issuedAt: Int64? = nil, lifetime: Duration = .seconds(3600),
        claims: [String: String] = [:]
    ) -> String {
        let body = Self.claims(subject, scopes, issuedAt, lifetime, claims)
        return "\(Base64.encode(#"{"alg":"none"}"#.utf8, .url)).\(Base64.encode(body.utf8, .url))."
    }

    private static func claims(
        _ subject: String, _ scopes: [String], _ issuedAt: Int64?, _ lifetime: Duration, _ more: [String: String]
    ) -> String {
        let issued = issuedAt ?? Clock().now.wallMilliseconds / 1000
        let expiry = issued + Int64(lifetime / .seconds(1))
        let texts = [("sub", subject)] + more.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let members =
            texts.map { "\"\(JSONValue.escaped($0.0))\":\"\(JSONValue.escaped($0.1))\"" }
            + (scopes.isEmpty ? [] : ["\"scope\":\"\(JSONValue.escaped(scopes.joined(separator: " ")))\""])
            + ["\"iat\":\(min(issued, expiry))", "\"exp\":\(expiry)"]
        return "{\(members.joined(separator: ","))}"
    }

    private func signature(of bytes: [UInt8]) throws -> [UInt8] {
        switch signer {
        case .hs256(let key):
            Array(HMAC<SHA256>.authenticationCode(for: bytes, using: key))
        case .rs256(let key):
            Array(try key.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5).rawRepresentation)
        case .es256(let key):
            Array(try key.signature(for: SHA256.hash(data: bytes)).rawRepresentation)
        }
    }
}
