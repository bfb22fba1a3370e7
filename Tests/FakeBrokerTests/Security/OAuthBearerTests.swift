import Testing

@testable import FakeBroker

@Suite struct OAuthBearerTests {
    private static let now: Int64 = 1_750_000_000
    private static let token = TokenIssuer.unsecuredToken(subject: "alice", scopes: ["read"], issuedAt: now)

    private func take(_ messages: [String], requiredScopes: [String] = []) throws -> [SASLStep] {
        var settings = FakeBroker.OAuth()
        settings.requiredScopes = requiredScopes
        let verifier = try TokenVerifier(settings)
        var exchange = OAuthBearerExchange()
        return messages.map { message in
            exchange.take(Array(message.utf8), verifier: verifier, wallMilliseconds: Self.now * 1000)
        }
    }

    @Test(arguments: [
        "n,,\u{1}auth=Bearer TOKEN\u{1}\u{1}", "n,a=alice,\u{1}auth=Bearer TOKEN\u{1}\u{1}",
        "y,,\u{1}auth=bearer   TOKEN\u{1}\u{1}", "n,,\u{1}traceId=7\u{1}auth=Bearer TOKEN\u{1}x=y=z\u{1}\u{1}",
    ])
    func `a token lets its subject in until it expires`(message: String) throws {
        #expect(
            try take([message.replacing("TOKEN", with: Self.token)])
                == [.succeeded(SASLIdentity(name: "alice", expiresAtMilliseconds: (Self.now + 3600) * 1000))])
    }

    @Test func `a refusal is a challenge first, which the client ends with one byte`() throws {
        let message = "n,,\u{1}auth=Bearer \(Self.token)\u{1}\u{1}"
        #expect(
            try take([message, "\u{1}"], requiredScopes: ["write", "read"])
                == [
                    .challenge(Array(#"{"status":"invalid_token","scope":"write read"}"#.utf8)),
                    .failed("The token is refused: its 'scope' has no 'write'."),
                ])
        #expect(
            try take(["n,,\u{1}auth=Bearer x\u{1}\u{1}", message])
                == [
                    .challenge(Array(#"{"status":"invalid_token"}"#.utf8)),
                    .failed("Authentication failed: Invalid OAUTHBEARER message"),
                ])
    }

    @Test func `one acts for oneself only`() throws {
        let steps = try take(["n,a=admin,\u{1}auth=Bearer \(Self.token)\u{1}\u{1}"])
        guard case .failed(let reason) = steps[0] else { return #expect(Bool(false)) }
        #expect(reason.contains("different"))
    }

    @Test(arguments: [
        "", "n,,", "n,,\u{1}", "n,,\u{1}\u{1}", "n,,\u{1}auth=Bearer t\u{1}", "n,\u{1}auth=Bearer t\u{1}\u{1}",
        "p=x,,\u{1}auth=Bearer t\u{1}\u{1}", "n,b=x,\u{1}auth=Bearer t\u{1}\u{1}", "n,,x\u{1}auth=Bearer t\u{1}\u{1}",
        "n,,\u{1}auth=Basic t\u{1}\u{1}", "n,,\u{1}auth=Bearer\u{1}\u{1}", "n,,\u{1}Auth=Bearer t\u{1}\u{1}",
        "n,,\u{1}auth\u{1}\u{1}", "n,,\u{1}auth=Bearer t\u{1}auth=Bearer t\u{1}\u{1}",
    ])
    func `a message of another form fails at once`(message: String) throws {
        #expect(try take([message]) == [.failed("Authentication failed: Invalid OAUTHBEARER message")])
    }

    @Test func `after the end there is nothing more`() throws {
        let message = "n,,\u{1}auth=Bearer \(Self.token)\u{1}\u{1}"
        #expect(try take([message, message]).last == .failed("Authentication failed: Invalid OAUTHBEARER message"))
    }
}
