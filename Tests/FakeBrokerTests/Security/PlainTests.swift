import Testing

@testable import FakeBroker

@Suite struct PlainTests {
    private func take(_ message: String) -> SASLStep {
        var credentials = Credentials()
        credentials.setPlain(ScramCredential(.sha256, password: "secret", salt: [1, 2, 3]), of: "alice")
        return PlainExchange.take(Array(message.utf8), credentials: credentials)
    }

    @Test(arguments: ["\0alice\0secret", "alice\0alice\0secret"])
    func `name and password let one in`(message: String) {
        #expect(take(message) == .succeeded(SASLIdentity(name: "alice")))
    }

    @Test(arguments: ["\0alice\0wrong", "\0bob\0secret", "\0alice\0secre", "\0alice\0secrets"])
    func `a wrong password and an unknown name look the same`(message: String) {
        #expect(take(message) == .failed("Authentication failed: Invalid username or password"))
    }

    @Test func `one acts for oneself only`() {
        #expect(
            take("bob\0alice\0secret")
                == .failed(
                    "Authentication failed: Client requested an authorization id that is different from username"))
    }

    @Test(arguments: [
        ("", 1), ("alice", 1), ("alice\0secret", 2), ("\0alice\0secret\0", 4),
    ])
    func `a message of other parts is refused`(message: String, count: Int) {
        #expect(take(message) == .failed("Invalid SASL/PLAIN response: expected 3 tokens, got \(count)"))
    }

    @Test func `nothing is no name and no password`() {
        #expect(take("\0\0secret") == .failed("Authentication failed: username not specified"))
        #expect(take("\0alice\0") == .failed("Authentication failed: password not specified"))
    }

    @Test func `bytes that are no text are refused`() {
        let step = PlainExchange.take([0, 0xFF, 0, 0x41], credentials: Credentials())
        #expect(step == .failed("Invalid SASL/PLAIN response: not UTF-8"))
    }
}
