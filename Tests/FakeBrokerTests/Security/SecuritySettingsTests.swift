import Testing

@testable import FakeBroker

@Suite struct SecuritySettingsTests {
    private func problem(_ change: (inout FakeBroker.Security) -> Void) -> String? {
        var configuration = FakeBroker.Configuration()
        change(&configuration.security)
        do {
            try configuration.validate()
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `the default is fine`() {
        #expect(problem { _ in } == nil)
    }

    @Test func `what is wrong is named with what is accepted`() {
        let prefix = "FakeBroker.Configuration.security."
        #expect(problem { $0.listeners = [] } == "\(prefix)listeners.count is 0; accepted are 1 to 16.")
        func listeners(_ count: Int) -> [FakeBroker.Listener] {
            (0..<count).map { .init(.plaintext, name: "L\($0)") }
        }
        #expect(problem { $0.listeners = listeners(16) } == nil)
        #expect(problem { $0.listeners = listeners(17) } == "\(prefix)listeners.count is 17; accepted are 1 to 16.")
        #expect(
            problem { $0.listeners = [.init(.plaintext, name: "a b")] }
                == "\(prefix)listeners[0].name is 'a b'; accepted are letters, digits, '_' and '-'.")
        #expect(
            problem { $0.listeners = [.init(.plaintext), .init(.ssl, name: "PLAINTEXT")] }
                == "\(prefix)listeners[1].name is 'PLAINTEXT'; accepted are names that no other listener has.")
        #expect(
            problem { $0.listeners = [.init(.plaintext, ports: [1, 2])] }
                == "\(prefix)listeners[0].ports is [1, 2]; accepted are one a broker at most, of which there are 1.")
        #expect(
            problem { $0.listeners = [.init(.plaintext, ports: [65536])] }
                == "\(prefix)listeners[0].ports is [65536]; accepted are 0 to 65535, 0 being any free port.")
        #expect(
            problem { $0.listeners = [.init(.saslSSL, mechanisms: [])] }
                == "\(prefix)listeners[0].mechanisms is empty; accepted are one mechanism or more.")
        #expect(
            problem { $0.listeners = [.init(.saslPlaintext, clientCertificates: .required)] }?
                .contains("none without TLS, which SASL_PLAINTEXT has not") ?? false)
        #expect(
            problem { $0.users = [.init("a", password: "x"), .init("a", password: "y")] }
                == "\(prefix)users[1].name is 'a'; accepted are a name that no other user has.")
        #expect(
            problem { $0.users = [.init("a", password: "")] }
                == "\(prefix)users[0].password is empty; accepted are passwords of a character or more.")
        #expect(
            problem { $0.sessionLifetime = .zero }
                == "\(prefix)sessionLifetime is 0.0 seconds; accepted are a millisecond or more, or nil.")
        #expect(problem { $0.oauth.tokens = .signed([]) }?.contains("signed by no key") ?? false)
        #expect(
            problem { $0.oauth.tokens = .signed([.es256(publicKeyPEM: "nonsense")]) }?
                .contains("signed by an ES256 key that cannot be read") ?? false)
        #expect(problem { $0.oauth.principalClaim = "" }?.contains("names of claims") ?? false)
        #expect(problem { $0.oauth.clockSkew = .seconds(-1) }?.contains("zero or more") ?? false)
        #expect(
            problem { $0.authorization = .init(superUsers: ["admin"]) }
                == "\(prefix)authorization.superUsers is 'admin'; accepted are principals such as User:admin.")
        #expect(
            problem { $0.authorization = .init(acls: [.allow("alice", .read, .topic("t"))]) }?
                .contains("Principal 'alice' is not of the form") ?? false)
    }

    @Test func `neither users nor problems show a password`() {
        let user = FakeBroker.User("alice", password: "hunter2")
        var dumped = ""
        dump(user, to: &dumped)
        let double = problem { $0.users = [user, user] } ?? ""
        for text in ["\(user)", String(reflecting: user), dumped, double] { #expect(!text.contains("hunter2")) }
        var configuration = FakeBroker.Configuration()
        configuration.security.users = [user]
        dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(!"\(configuration)".contains("hunter2"))
    }
}
