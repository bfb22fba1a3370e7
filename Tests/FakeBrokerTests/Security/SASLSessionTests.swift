import KafkaProtocol
import Testing

@testable import FakeBroker

@Suite struct SASLSessionTests {
    /// A session with its surroundings, so that a test reads as what happens on a connection.
    private struct Connection {
        var session: SASLSession
        var credentials = Credentials()
        let tokens: TokenVerifier
        var random = SeededGenerator(seed: 1)
        var now = ClusterTime(elapsed: .seconds(100), wallMilliseconds: 1_750_000_000_000)

        init(
            _ mechanisms: [FakeBroker.SASLMechanism] = FakeBroker.SASLMechanism.allCases,
            lifetimeLimit: Duration? = nil
        ) throws {
            session = SASLSession(mechanisms: mechanisms, lifetimeLimit: lifetimeLimit)
            tokens = try TokenVerifier(FakeBroker.OAuth())
            for user in ["alice", "bob"] {
                credentials.setPlain(ScramCredential(.sha256, password: "secret", salt: [1]), of: user)
                credentials.setScram(ScramCredential(.sha256, password: "secret", salt: [1]), of: user)
            }
        }

        mutating func pass(_ duration: Duration) {
            now.elapsed += duration
            now.wallMilliseconds += Int64(duration / .milliseconds(1))
        }

        mutating func handshake(_ mechanism: String) -> SASLSession.HandshakeAction {
            session.handshake(mechanism, at: now, using: &random)
        }

        mutating func take(_ token: some Sequence<UInt8>) -> SASLSession.TokenAction {
            session.take(Array(token), credentials: credentials, tokens: tokens, at: now)
        }

        mutating func logIn(_ user: String = "alice") -> SASLSession.TokenAction {
            _ = handshake("PLAIN")
            return take("\0\(user)\0secret".utf8)
        }

        func admits(_ api: APIKey) -> Bool { session.admission(of: api, at: now) == .admitted }
    }

    @Test func `before authentication only what leads to it is admitted`() throws {
        var connection = try Connection()
        for api in APIKey.allCases {
            #expect(connection.admits(api) == [.apiVersions, .saslHandshake, .saslAuthenticate].contains(api))
        }
        #expect(connection.handshake("PLAIN") == .accepted)
        for api in APIKey.allCases { #expect(connection.admits(api) == (api == .saslAuthenticate)) }
        #expect(connection.session.principal == nil)
        #expect(
            connection.take("\0alice\0secret".utf8)
                == .authenticated(lastToken: [], sessionLifetimeMilliseconds: 0))
        #expect(connection.session.principal == Principal(name: "alice"))
        for api in APIKey.allCases { #expect(connection.admits(api)) }
    }

    @Test func `SCRAM takes two tokens`() throws {
        var connection = try Connection()
        var client = ScramClient(.sha256, "alice", "secret")
        #expect(connection.handshake("SCRAM-SHA-256") == .accepted)
        guard case .challenge(let challenge) = connection.take(client.first()) else { return #expect(Bool(false)) }
        guard case .authenticated(let last, 0) = connection.take(try client.final(answering: challenge)) else {
            return #expect(Bool(false))
        }
        #expect(client.accepts(last))
    }

    @Test(arguments: ["SCRAM-SHA-256", "plain", "GSSAPI", ""])
    func `a mechanism that the listener has not ends it`(name: String) throws {
        var connection = try Connection([.plain])
        #expect(connection.handshake(name) == .unsupported)
        for api in APIKey.allCases { #expect(!connection.admits(api)) }
        #expect(connection.handshake("PLAIN") == .accepted || !connection.admits(.saslHandshake))
    }

    @Test func `a wrong password ends it`() throws {
        var connection = try Connection()
        _ = connection.handshake("PLAIN")
        #expect(
            connection.take("\0alice\0wrong".utf8)
                == .failed("Authentication failed: Invalid username or password"))
        for api in APIKey.allCases { #expect(!connection.admits(api)) }
    }

    @Test func `a token without a handshake ends it`() throws {
        var connection = try Connection()
        #expect(connection.take("\0alice\0secret".utf8) == .failed("SaslAuthenticate without SaslHandshake"))
        #expect(connection.session.principal == nil)
    }

    @Test func `without an end of the session there is no other authentication`() throws {
        var connection = try Connection()
        _ = connection.logIn()
        #expect(connection.handshake("PLAIN") == .illegal)
        #expect(connection.take("\0bob\0secret".utf8) == .illegal)
        #expect(connection.session.principal == Principal(name: "alice"))
        connection.pass(.seconds(1_000_000))
        #expect(connection.admits(.produce))
    }

    @Test func `a session ends, and then only re-authentication is admitted`() throws {
        var connection = try Connection(lifetimeLimit: .seconds(60))
        #expect(connection.logIn() == .authenticated(lastToken: [], sessionLifetimeMilliseconds: 60_000))
        connection.pass(.seconds(60))
        #expect(connection.admits(.produce))
        connection.pass(.nanoseconds(1))
        for api in APIKey.allCases { #expect(connection.admits(api) == (api == .saslHandshake)) }
        #expect(connection.logIn() == .authenticated(lastToken: [], sessionLifetimeMilliseconds: 60_000))
        #expect(connection.admits(.produce))
        connection.pass(.seconds(60) + .nanoseconds(1))
        #expect(!connection.admits(.produce))
    }

    @Test func `re-authentication before the end starts a session anew`() throws {
        var connection = try Connection(lifetimeLimit: .seconds(60))
        _ = connection.logIn()
        connection.pass(.seconds(50))
        #expect(connection.handshake("PLAIN") == .accepted)
        #expect(connection.session.principal == Principal(name: "alice"))
        #expect(!connection.admits(.produce))
        _ = connection.take("\0alice\0secret".utf8)
        connection.pass(.seconds(50))
        #expect(connection.admits(.produce))
    }

    @Test func `re-authentication changes neither the principal nor the mechanism`() throws {
        var connection = try Connection(lifetimeLimit: .seconds(60))
        _ = connection.logIn()
        #expect(
            connection.logIn("bob")
                == .failed("Cannot change principals during re-authentication from User: alice: User: bob"))
        #expect(!connection.admits(.produce))

        var other = try Connection(lifetimeLimit: .seconds(60))
        _ = other.logIn()
        #expect(other.handshake("SCRAM-SHA-256") == .unsupported)
    }

    @Test func `re-authentication is possible once a second`() throws {
        var connection = try Connection(lifetimeLimit: .milliseconds(100))
        _ = connection.logIn()
        #expect(connection.logIn() == .authenticated(lastToken: [], sessionLifetimeMilliseconds: 100))
        connection.pass(.milliseconds(999))
        #expect(connection.handshake("PLAIN") == .illegal)
        #expect(!connection.admits(.saslHandshake))
        connection.pass(.milliseconds(1))
        #expect(connection.admits(.saslHandshake))
        #expect(connection.handshake("PLAIN") == .accepted)
    }

    @Test(arguments: [
        (Duration?.none, 30, 30_000), (.seconds(10), 30, 10_000), (.seconds(60), 30, 30_000),
    ])
    func `a token's session ends with the token, or sooner`(limit: Duration?, token: Int, milliseconds: Int64) throws {
        var connection = try Connection(lifetimeLimit: limit)
        _ = connection.handshake("OAUTHBEARER")
        let text = TokenIssuer.unsecuredToken(
            subject: "alice", issuedAt: connection.now.wallMilliseconds / 1000, lifetime: .seconds(token))
        #expect(
            connection.take("n,,\u{1}auth=Bearer \(text)\u{1}\u{1}".utf8)
                == .authenticated(lastToken: [], sessionLifetimeMilliseconds: milliseconds))
        connection.pass(.milliseconds(milliseconds) + .nanoseconds(1))
        #expect(!connection.admits(.fetch))
    }
}
