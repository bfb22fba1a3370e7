import Base64Coding
import Crypto
import Testing

@testable import FakeBroker

@Suite struct ScramTests {
    private static let salt = Base64.decode("W22ZaJ0SNY7soEsUEjb6gQ==".utf8) ?? []

    private func credentials(_ users: [(String, String)] = [("user", "pencil")]) -> Credentials {
        var credentials = Credentials()
        for mechanism in ScramMechanism.allCases {
            for (user, password) in users {
                credentials.setScram(ScramCredential(mechanism, password: password, salt: Self.salt), of: user)
            }
        }
        return credentials
    }

    /// The first is the example of RFC 7677 section 3; the second was worked out from the same by another program.
    @Test(arguments: [
        (
            ScramMechanism.sha256, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
        ),
        (
            ScramMechanism.sha512,
            "gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
            "ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw=="
        ),
    ])
    func `an exchange goes as the RFC shows it`(mechanism: ScramMechanism, proof: String, verifier: String) {
        var exchange = ScramExchange(mechanism, serverNonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
        #expect(
            exchange.take(Array("n,,n=user,r=rOprNGfwEbeRWgbNEkqO".utf8), credentials: credentials())
                == .challenge(Array("r=\(nonce),s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096".utf8)))
        #expect(
            exchange.take(Array("c=biws,r=\(nonce),p=\(proof)".utf8), credentials: credentials())
                == .succeeded(SASLIdentity(name: "user"), lastToken: Array("v=\(verifier)".utf8)))
    }

    private func logIn(_ client: ScramClient, _ credentials: Credentials) throws -> SASLStep {
        var client = client
        var exchange = ScramExchange(client.mechanism, serverNonce: "server-nonce")
        guard case .challenge(let challenge) = exchange.take(client.first(), credentials: credentials) else {
            return .failed("at the first message")
        }
        let step = exchange.take(try client.final(answering: challenge), credentials: credentials)
        if case .succeeded(_, let lastToken) = step { #expect(client.accepts(lastToken)) }
        return step
    }

    @Test(arguments: ScramMechanism.allCases)
    func `a wrong password is refused, without saying that it was the password`(mechanism: ScramMechanism) throws {
        #expect(
            try logIn(ScramClient(mechanism, "user", "pencils"), credentials())
                == .failed(
                    "Authentication failed during authentication due to invalid credentials with SASL mechanism "
                        + mechanism.saslMechanism.rawValue))
    }

    @Test func `somebody unknown is refused at once`() throws {
        #expect(try logIn(ScramClient(.sha256, "nobody", "pencil"), credentials()) == .failed("at the first message"))
    }

    @Test(arguments: ["a,b", "a=b", ",=,", "=2C", "ünïcode", "日本"])
    func `names with signs that mean something come through`(name: String) throws {
        let step = try logIn(ScramClient(.sha256, name, "päss,word="), credentials([(name, "päss,word=")]))
        guard case .succeeded(let identity, _) = step else { return #expect(Bool(false), "\(step)") }
        #expect(identity.name == name)
    }

    @Test func `a client that could bind channels may log in, as may one that names itself twice`() throws {
        var client = ScramClient(.sha256, "user", "pencil")
        client.flag = "y"
        client.authorizationID = "user"
        guard case .succeeded = try logIn(client, credentials()) else { return #expect(Bool(false)) }
        client.authorizationID = "admin"
        #expect(try logIn(client, credentials()) == .failed("at the first message"))
    }

    @Test func `a client that repeats its nonce, as old ones of librdkafka do, may log in`() throws {
        var client = ScramClient(.sha256, "user", "pencil")
        client.repeatsItsNonce = true
        guard case .succeeded = try logIn(client, credentials()) else { return #expect(Bool(false)) }
    }

    @Test(arguments: [
        "", "n", "n,,", "n,,n=user", "n,,r=abc,n=user", "n,,n=,r=abc", "n,,n=user,r=", "n,,n=user,r=a b",
        "n,x=1,n=user,r=abc", "p=tls-unique,,n=user,r=abc", "n,,m=1,n=user,r=abc", "n,,n=user,r=abc,m=1",
        "n,,n=us=er,r=abc", "n,,n=user=2,r=abc", "n,,n=user,r=abc,", "n,,n=user,r=abc,1=x", "n,,n=user,r=abc,x=",
    ])
    func `a first message outside of the grammar is refused`(message: String) {
        var exchange = ScramExchange(.sha256, serverNonce: "server")
        let step = exchange.take(Array(message.utf8), credentials: credentials())
        #expect(step == .failed("Authentication failed: Invalid SCRAM-SHA-256 message"))
    }

    @Test(arguments: [
        "", "c=biws", "c=biws,r=abcserver", "c=biws,r=abcserver,p=", "c=biws,r=abcserver,p=AAAA",
        "c=biws,r=abcserver,p=A", "c=biws,r=other,p=AAAA", "c=eSws,r=abcserver,p=AAAA", "r=abcserver,c=biws,p=AAAA",
        "c=biws,r=abcserver,m=1,p=AAAA", "c=biws,r=abcserver,p=AAAA,x=1", "c=biws,r=abcserver,p=\u{FFFF}",
    ])
    func `a final message outside of the grammar is refused`(message: String) {
        var exchange = ScramExchange(.sha256, serverNonce: "server")
        _ = exchange.take(Array("n,,n=user,r=abc".utf8), credentials: credentials())
        guard case .failed = exchange.take(Array(message.utf8), credentials: credentials()) else {
            return #expect(Bool(false))
        }
        // And that was the end.
        guard case .failed = exchange.take(Array("n,,n=user,r=abc".utf8), credentials: credentials()) else {
            return #expect(Bool(false))
        }
    }

    @Test func `mutated messages neither trap nor let anybody in`() throws {
        var random = SeededGenerator(seed: 4)
        let credentials = credentials()
        var client = ScramClient(.sha256, "user", "pencil")
        var probe = ScramExchange(.sha256, serverNonce: "server")
        let first = client.first()
        guard case .challenge(let challenge) = probe.take(first, credentials: credentials) else { return }
        let final = try client.final(answering: challenge)
        for _ in 0..<3000 {
            var exchange = ScramExchange(.sha256, serverNonce: "server")
            _ = exchange.take(first, credentials: credentials)
            let changed = final.mutated(using: &random)
            if case .succeeded = exchange.take(changed, credentials: credentials) { #expect(changed == final) }
            var other = ScramExchange(.sha256, serverNonce: "server")
            _ = other.take(first.mutated(using: &random), credentials: credentials)
        }
    }

    @Test func `nonces come from the seed, and differ`() {
        var random = SeededGenerator(seed: 1)
        let nonces = [ScramExchange.nonce(using: &random), ScramExchange.nonce(using: &random)]
        var again = SeededGenerator(seed: 1)
        #expect(nonces == [ScramExchange.nonce(using: &again), ScramExchange.nonce(using: &again)])
        #expect(nonces[0] != nonces[1])
        #expect(nonces.allSatisfy { $0.count == 24 && !$0.contains(",") })
    }

    @Test func `a credential shows no key, however it is printed`() {
        let credential = ScramCredential(.sha256, password: "pencil", salt: Self.salt)
        var dumped = ""
        dump(credential, to: &dumped)
        let number = "\(credential.storedKey.bytes[0]), \(credential.storedKey.bytes[1])"
        #expect(!dumped.contains("\(credential.storedKey.bytes[0])\n"))
        for text in ["\(credential)", String(reflecting: credential), dumped] {
            #expect(text.contains("<secret>"))
            #expect(!text.contains(number))
        }
    }

    @Test func `a password is checked against its salted key`() {
        let credential = ScramCredential(.sha512, password: "pencil", salt: Self.salt)
        #expect(credential.matches(password: "pencil"))
        #expect(!credential.matches(password: "Pencil"))
        #expect(!credential.matches(password: ""))
    }
}
