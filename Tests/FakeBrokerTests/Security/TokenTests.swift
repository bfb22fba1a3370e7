import Base64Coding
import Testing

@testable import FakeBroker

@Suite struct TokenTests {
    private static let now: Int64 = 1_750_000_000

    private func verify(_ token: String, _ settings: FakeBroker.OAuth) throws -> SASLIdentity {
        try TokenVerifier(settings).verify(Array(token.utf8), wallMilliseconds: Self.now * 1000)
    }

    private func unsecured(_ claims: String, header: String = #"{"alg":"none"}"#) -> String {
        "\(Base64.encode(header.utf8, .url)).\(Base64.encode(claims.utf8, .url))."
    }

    private func reason(_ token: String, _ settings: FakeBroker.OAuth = .init()) -> String? {
        do {
            _ = try verify(token, settings)
            return nil
        } catch {
            return "\(error)"
        }
    }

    // MARK: Unsecured

    @Test func `an unsecured token says who it is and until when`() throws {
        let token = TokenIssuer.unsecuredToken(subject: "alice", issuedAt: Self.now, lifetime: .seconds(60))
        #expect(
            try verify(token, .init())
                == SASLIdentity(name: "alice", expiresAtMilliseconds: (Self.now + 60) * 1000))
    }

    @Test(arguments: [
        (#"{"exp":1750000060}"#, "The token is refused: it has no text in 'sub'."),
        (#"{"sub":"","exp":1750000060}"#, "The token is refused: it has no text in 'sub'."),
        (#"{"sub":7,"exp":1750000060}"#, "The token is refused: it has no text in 'sub'."),
        (#"{"sub":"a"}"#, "The token is refused: it has no number in 'exp'."),
        (#"{"sub":"a","exp":"1750000060"}"#, "The token is refused: it has no number in 'exp'."),
        (
            #"{"sub":"a","exp":1750000000}"#,
            "The token is refused: it expired at 1750000000.0; it is 1750000000.0."
        ),
        (
            #"{"sub":"a","exp":1e300}"#,
            "The token is refused: its 'exp' 1e+300 is no time in seconds since 1970."
        ),
        (
            #"{"sub":"a","exp":1750000060,"iat":1750000001}"#,
            "The token is refused: its 'iat' 1750000001.0 lies ahead; it is 1750000000.0."
        ),
        (#"{"sub":"a","exp":1750000060,"nbf":"x"}"#, "The token is refused: its 'nbf' is no number."),
    ])
    func `claims that do not do are named`(claims: String, expected: String) {
        #expect(reason(unsecured(claims)) == expected)
    }

    @Test(arguments: [
        "", "a", "a.b", "a.b.c.d", "..", "!.!.", "bm90IGpzb24.bm90IGpzb24.", "e30.e30.", "W10.e30.",
    ])
    func `what is no token is refused`(text: String) {
        #expect(reason(text) != nil)
    }

    @Test func `a header that must be understood is not`() {
        let token = unsecured(#"{"sub":"a","exp":1750000060}"#, header: #"{"alg":"none","crit":["b64"],"b64":false}"#)
        #expect(reason(token) == "The token is refused: its header has a 'crit', of which none is known.")
    }

    @Test func `clocks may differ as far as it is said`() {
        var settings = FakeBroker.OAuth()
        settings.clockSkew = .seconds(5)
        let late = TokenIssuer.unsecuredToken(subject: "a", issuedAt: Self.now - 64, lifetime: .seconds(60))
        #expect(reason(late) != nil)
        #expect(reason(late, settings) == nil)
        let early = TokenIssuer.unsecuredToken(subject: "a", issuedAt: Self.now + 5, lifetime: .seconds(60))
        #expect(reason(early) != nil)
        #expect(reason(early, settings) == nil)
    }

    @Test func `other claims may hold name and scopes`() throws {
        var settings = FakeBroker.OAuth()
        settings.principalClaim = "user"
        settings.scopeClaim = "scp"
        settings.requiredScopes = ["read", "write"]
        let token = unsecured(#"{"user":"alice","exp":1750000060,"scp":["write","admin","read"]}"#)
        #expect(try verify(token, settings).name == "alice")
    }

    @Test func `each required scope must be there`() {
        var settings = FakeBroker.OAuth()
        settings.requiredScopes = ["read", "write"]
        let both = TokenIssuer.unsecuredToken(subject: "a", scopes: ["write", "read"], issuedAt: Self.now)
        #expect(reason(both, settings) == nil)
        let one = TokenIssuer.unsecuredToken(subject: "a", scopes: ["read"], issuedAt: Self.now)
        #expect(reason(one, settings) == "The token is refused: its 'scope' has no 'write'.")
        let none = TokenIssuer.unsecuredToken(subject: "a", issuedAt: Self.now)
        #expect(reason(none, settings) == "The token is refused: its 'scope' has no 'read'.")
    }

    @Test func `issuer and audience must be those that are expected`() {
        var settings = FakeBroker.OAuth()
        settings.issuer = "https://issuer"
        settings.audiences = ["kafka", "other"]
        func token(_ claims: String) -> String { unsecured(#"{"sub":"a","exp":1750000060,"# + claims + "}") }
        #expect(reason(token(#""iss":"https://issuer","aud":"kafka""#), settings) == nil)
        #expect(reason(token(#""iss":"https://issuer","aud":["x","other"]"#), settings) == nil)
        #expect(
            reason(token(#""iss":"https://evil","aud":"kafka""#), settings)
                == "The token is refused: its 'iss' is not 'https://issuer'.")
        #expect(
            reason(token(#""iss":"https://issuer","aud":"x""#), settings)
                == #"The token is refused: its 'aud' is none of ["kafka", "other"]."#)
    }

    // MARK: Signed

    @Test(arguments: FakeBroker.TokenKey.Algorithm.allCases)
    func `a token is taken if a known key has signed it`(algorithm: FakeBroker.TokenKey.Algorithm) throws {
        let issuer = try TokenIssuer(algorithm)
        let stranger = try TokenIssuer(algorithm)
        var settings = FakeBroker.OAuth()
        settings.tokens = .signed([issuer.key])
        let token = try issuer.token(subject: "alice", issuedAt: Self.now)
        #expect(try verify(token, settings).name == "alice")
        #expect(
            reason(try stranger.token(subject: "alice", issuedAt: Self.now), settings)
                == "The token is refused: its signature is not of a known key.")
        // The same signature under other claims.
        let parts = token.split(separator: ".")
        let forged = #"{"sub":"admin","exp":1750000060}"#
        #expect(reason("\(parts[0]).\(Base64.encode(forged.utf8, .url)).\(parts[2])", settings) != nil)
        #expect(reason("\(parts[0]).\(parts[1]).", settings) != nil)
        let expired = try issuer.token(subject: "alice", issuedAt: Self.now - 61, lifetime: .seconds(60))
        #expect(reason(expired, settings)?.contains("it expired") ?? false)
    }

    /// The token of RFC 7515 appendix A.1.
    @Test func `the RFC's token is verified by the RFC's key`() throws {
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let key = try #require(
            Base64.decode(
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow".utf8, .url))
        var settings = FakeBroker.OAuth()
        settings.tokens = .signed([.hs256(secret: key)])
        settings.principalClaim = "iss"
        let identity = try TokenVerifier(settings).verify(Array(token.utf8), wallMilliseconds: 1_300_000_000_000)
        #expect(identity == SASLIdentity(name: "joe", expiresAtMilliseconds: 1_300_819_380_000))
    }

    @Test func `an unsecured token does not do where keys are known, nor a signed one where none are`() throws {
        let issuer = try TokenIssuer(.es256)
        var settings = FakeBroker.OAuth()
        settings.tokens = .signed([issuer.key])
        #expect(reason(TokenIssuer.unsecuredToken(subject: "a", issuedAt: Self.now), settings) != nil)
        #expect(
            reason(try issuer.token(subject: "a", issuedAt: Self.now))
                == "The token is refused: it is signed ('ES256'), and no key is known.")
    }

    /// Else whoever knows a public key could sign with its text as a shared secret.
    @Test func `the key, not the token, chooses the algorithm`() throws {
        let issuer = try TokenIssuer(.rs256)
        guard case .publicKeyPEM(let pem) = issuer.key.material else { return #expect(Bool(false)) }
        var settings = FakeBroker.OAuth()
        settings.tokens = .signed([issuer.key])
        let header = Base64.encode(#"{"alg":"HS256"}"#.utf8, .url)
        let claims = Base64.encode(#"{"sub":"admin","exp":1750000060}"#.utf8, .url)
        let forged = ScramMechanism.sha256.hmac(key: Secret(pem), Array("\(header).\(claims)".utf8))
        #expect(
            reason("\(header).\(claims).\(Base64.encode(forged, .url))", settings)
                == "The token is refused: no key is known for 'alg' 'HS256' and its 'kid'.")
    }

    @Test func `a key id chooses among keys`() throws {
        let (old, new) = (try TokenIssuer(.es256, keyID: "old"), try TokenIssuer(.es256, keyID: "new"))
        var settings = FakeBroker.OAuth()
        settings.tokens = .signed([old.key, new.key])
        for issuer in [old, new] {
            #expect(reason(try issuer.token(subject: "a", issuedAt: Self.now), settings) == nil)
        }
        settings.tokens = .signed([new.key])
        #expect(
            reason(try old.token(subject: "a", issuedAt: Self.now), settings)
                == "The token is refused: no key is known for 'alg' 'ES256' and its 'kid'.")
    }

    @Test func `a text that is no key is refused, and a key shows no secret`() throws {
        var settings = FakeBroker.OAuth()
        settings.tokens = .signed([.rs256(publicKeyPEM: "-----BEGIN NONSENSE-----")])
        #expect(throws: TokenKeyError(algorithm: .rs256)) { try TokenVerifier(settings) }
        let key = FakeBroker.TokenKey.hs256(secret: Array("top secret".utf8), id: "k")
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("116"))
            #expect(!text.contains("secret"))
        }
    }

    @Test func `mutated tokens neither trap nor get in`() throws {
        var random = SeededGenerator(seed: 15)
        let issuer = try TokenIssuer(.hs256)
        var settings = FakeBroker.OAuth()
        settings.tokens = .signed([issuer.key])
        let verifier = try TokenVerifier(settings)
        let token = Array(try issuer.token(subject: "alice", issuedAt: Self.now).utf8)
        for _ in 0..<5000 {
            let changed = token.mutated(using: &random)
            if (try? verifier.verify(changed, wallMilliseconds: Self.now * 1000)) != nil { #expect(changed == token) }
        }
    }
}
