import TestSupport
import FakeBroker
import Foundation
import Logging
import Testing

/// Public clients log in, or are kept out, as they are by a real cluster.
@Suite struct `Security with real clients` {
    private static let password = "secret, with = and ünï"

    private func start(
        _ listeners: [FakeBroker.Listener], _ change: (inout FakeBroker.Security) -> Void = { _ in }
    ) async throws -> FakeBroker {
        var configuration = FakeBroker.Configuration()
        configuration.brokers = 2
        configuration.topics = [.init("orders", partitions: 1)]
        configuration.security.listeners = listeners
        configuration.security.users = ["alice", "admin"].map { .init($0, password: Self.password) }
        change(&configuration.security)
        // Each refusal is a warning.
        var logger = Logger(label: "FakeBroker")
        logger.logLevel = .error
        return try await FakeBroker.start(configuration, logger: logger)
    }

    /// Runs the body against a cluster, and shows what the cluster saw if it throws.
    private func with(
        _ listeners: [FakeBroker.Listener], _ change: (inout FakeBroker.Security) -> Void = { _ in },
        _ body: (FakeBroker) async throws -> Void
    ) async throws {
        let broker = try await start(listeners, change)
        let result = await Result { try await body(broker) }
        await broker.shutdown()
        try result.get()
    }

    private func question(
        _ name: String, _ broker: FakeBroker, _ security: FakeBroker.Listener.SecurityProtocol,
        _ mechanism: FakeBroker.SASLMechanism? = nil
    ) throws -> SecurityClient.Question {
        var question = SecurityClient.Question(
            name, try broker.bootstrapServers(listener: security.rawValue), security.rawValue)
        question.mechanism = mechanism?.rawValue
        if let mechanism, mechanism != .oauthBearer {
            question.user = "alice"
            question.password = Self.password
        }
        if security == .ssl || security == .saslSSL { question.ca = broker.certificateAuthority?.certificatePEM }
        return question
    }

    private static let logIns: [(SecurityClient, FakeBroker.SASLMechanism)] = SecurityClient.allCases.flatMap {
        client in
        [.plain, .scramSHA256, .scramSHA512].map { (client, $0) }
    }

    @Test(arguments: logIns)
    func `a user logs in with its password, produces and consumes`(
        client: SecurityClient, mechanism: FakeBroker.SASLMechanism
    ) async throws {
        try await with([.init(.saslPlaintext)]) { broker in
            let answer = try await client.ask(try question("roundtrip", broker, .saslPlaintext, mechanism))
            #expect(answer == .init(answer: ["one", "two", "three"]))
        }
    }

    @Test(arguments: logIns)
    func `a wrong password is refused as such`(
        client: SecurityClient, mechanism: FakeBroker.SASLMechanism
    ) async throws {
        try await with([.init(.saslPlaintext)]) { broker in
            var wrong = try question("produce", broker, .saslPlaintext, mechanism)
            wrong.password = "wrong"
            wrong.patience = 3
            let answer = try await client.ask(wrong, [Int].self)
            #expect(answer.answer == nil)
            #expect(answer.error == client.authenticationError)
            let outcomes = try await broker.journal().filter { $0.api == "SaslAuthenticate" }.map(\.outcome)
            #expect(outcomes.contains { $0.isRefusal })
            #expect(try await broker.endOffsets(topic: "orders") == [0])
        }
    }

    @Test(arguments: SecurityClient.allCases)
    func `a token lets its subject in, signed or not, and an expired one does not`(client: SecurityClient) async throws
    {
        let issuer = try TokenIssuer(.rs256)
        for signed in [false, true] {
            try await with([.init(.saslPlaintext, mechanisms: [.oauthBearer])]) { security in
                if signed { security.oauth.tokens = .signed([issuer.key]) }
                security.oauth.requiredScopes = ["orders"]
            } _: { broker in
                func token(_ lifetime: Duration) throws -> String {
                    signed
                        ? try issuer.token(subject: "alice", scopes: ["orders"], lifetime: lifetime)
                        : TokenIssuer.unsecuredToken(subject: "alice", scopes: ["orders"], lifetime: lifetime)
                }
                var question = try question("roundtrip", broker, .saslPlaintext, .oauthBearer)
                question.token = try token(.seconds(3600))
                #expect(try await client.ask(question) == .init(answer: ["one", "two", "three"]))
                question.token = try token(.seconds(-10))
                question.case = "produce"
                question.patience = 3
                let refused = try await client.ask(question, [Int].self)
                #expect(refused.error == client.authenticationError)
            }
        }
    }

    @Test(arguments: SecurityClient.allCases)
    func `TLS carries everything, with a password inside too`(client: SecurityClient) async throws {
        try await with([.init(.ssl), .init(.saslSSL)]) { broker in
            let tls = try await client.ask(try question("roundtrip", broker, .ssl))
            #expect(tls == .init(answer: ["one", "two", "three"]))
            var both = try question("consume", broker, .saslSSL, .scramSHA256)
            both.group = "other"
            #expect(try await client.ask(both) == .init(answer: ["one", "two", "three"]))
            guard client == .confluent else { return }
            both.case = "produce"
            both.password = "wrong"
            #expect(try await client.ask(both, [Int].self).error == client.authenticationError)
        }
    }

    @Test(arguments: SecurityClient.allCases)
    func `a broker that the client does not trust is not talked to`(client: SecurityClient) async throws {
        try await with([.init(.ssl)]) { broker in
            var question = try question("produce", broker, .ssl)
            question.ca = try CertificateAuthority().certificatePEM
            question.patience = 3
            let answer = try await client.ask(question, [Int].self)
            #expect(answer.answer == nil)
            #expect(answer.error != nil)
            #expect(try await broker.journal().isEmpty)
        }
    }

    @Test(arguments: SecurityClient.allCases)
    func `a client is who its certificate says, and may do what that one may`(client: SecurityClient) async throws {
        try await with([.init(.ssl, clientCertificates: .required)]) { security in
            security.authorization = .init(acls: [
                .allow("User:CN=alice,O=Acme", .all, .topic("orders")),
                .allow("User:CN=alice,O=Acme", .all, .group("*")),
            ])
        } _: { broker in
            let authority = try #require(broker.certificateAuthority)
            var question = try question("roundtrip", broker, .ssl)
            let identity = try authority.clientIdentity("alice", organization: "Acme")
            question.certificate = identity.certificatePEM
            question.key = identity.privateKeyPEM
            #expect(try await client.ask(question) == .init(answer: ["one", "two", "three"]))

            question.case = "produce"
            let other = try authority.clientIdentity("bob")
            question.certificate = other.certificatePEM
            question.key = other.privateKeyPEM
            #expect(try await client.ask(question, [Int].self).error == client.topicAuthorizationError)

            question.patience = 3
            let stranger = try CertificateAuthority().clientIdentity("alice", organization: "Acme")
            question.certificate = stranger.certificatePEM
            question.key = stranger.privateKeyPEM
            #expect(try await client.ask(question, [Int].self).answer == nil)
            question.certificate = nil
            question.key = nil
            #expect(try await client.ask(question, [Int].self).answer == nil)
            #expect(try await broker.endOffsets(topic: "orders") == [3])
        }
    }

    @Test(arguments: SecurityClient.allCases)
    func `who may not write or read is told so`(client: SecurityClient) async throws {
        try await with([.init(.saslPlaintext), .init(.plaintext)]) { security in
            security.authorization = .init(
                superUsers: ["User:ANONYMOUS"],
                acls: [.allow("User:alice", .describe, .topic("orders")), .allow("User:alice", .read, .group("mine"))])
        } _: { broker in
            try await broker.append([.init("one")], to: "orders")
            var question = try question("produce", broker, .saslPlaintext, .plain)
            let produced = try await client.ask(question, [Int].self)
            #expect(produced.error == client.topicAuthorizationError)
            question.case = "consume"
            question.values = ["one"]
            question.group = "mine"
            #expect(try await client.ask(question).error == client.topicAuthorizationError)
            question.group = "theirs"
            #expect(try await client.ask(question).error == client.groupAuthorizationError)
            try await broker.createACLs([.allow("User:alice", .read, .topic("orders"))])
            question.group = "mine"
            #expect(try await client.ask(question) == .init(answer: ["one"]))
        }
    }

    @Test(arguments: [SecurityClient.confluent, .kafkaPython])
    func `an administrator makes, lists and removes access rules`(client: SecurityClient) async throws {
        try await with([.init(.saslPlaintext)]) { security in
            security.authorization = .init(superUsers: ["User:admin"])
        } _: { broker in
            var question = try question("acls", broker, .saslPlaintext, .plain)
            question.user = "admin"
            let bob = "DENY User:bob 127.0.0.1 ALL GROUP or PREFIXED"
            let alice = "ALLOW User:alice * READ TOPIC orders LITERAL"
            let answer = try await client.ask(question, [[String]].self)
            #expect(answer == .init(answer: [[alice, bob], [bob], [alice]]))
            #expect(try await broker.acls() == [.allow("User:alice", .read, .topic("orders"))])
            question.user = "alice"
            let refused = try await client.ask(question, [[String]].self)
            #expect(refused.error == client.clusterAuthorizationError)
        }
    }

    @Test func `a client that stays authenticates anew on the connection that it has`() async throws {
        try await with([.init(.saslPlaintext)]) { security in
            // librdkafka does so a tenth of this before the end: a second, lest a busy machine be too late.
            security.sessionLifetime = .seconds(10)
        } _: { broker in
            var question = try question("stay", broker, .saslPlaintext, .scramSHA256)
            question.seconds = 12
            let answer = try await SecurityClient.confluent.ask(question, Int.self)
            #expect(answer.error == nil)
            #expect(answer.answer ?? 0 > 10)
            let journal = try await broker.journal()
            let handshakes = Dictionary(grouping: journal.filter { $0.api == "SaslHandshake" }, by: \.connection)
            #expect(handshakes.values.contains { $0.count == 2 })
        }
    }

    @Test(arguments: [
        ("SASL_PLAINTEXT", "PLAIN"), ("SASL_PLAINTEXT", "SCRAM-SHA-512"), ("SASL_SSL", "SCRAM-SHA-256"), ("SSL", nil),
    ])
    func `kcat, with the librdkafka of its distribution, logs in`(listener: String, mechanism: String?) async throws {
        try await with([.init(.saslPlaintext), .init(.saslSSL), .init(.ssl)]) { broker in
            let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let ca = folder.appending(path: "ca.pem")
            try #require(broker.certificateAuthority).certificatePEM.write(to: ca, atomically: true, encoding: .utf8)
            var words = [
                "kcat", "-b", try broker.bootstrapServers(listener: listener), "-t", "orders", "-X",
                "security.protocol=\(listener)", "-X", "ssl.ca.location=\(ca.path())",
            ]
            if let mechanism {
                words += ["-X", "sasl.mechanism=\(mechanism)", "-X", "sasl.username=alice"]
                words += ["-X", "sasl.password=\(Self.password)"]
            }
            let produced = try await Command.run(words + ["-P"], input: Data("one\ntwo\n".utf8))
            #expect(produced.status == 0, "\(produced.errors)")
            let consumed = try await Command.run(words + ["-C", "-e", "-q"])
            #expect(consumed.text == "one\ntwo\n", "\(consumed.errors)")
            guard mechanism != nil else { return }
            let refused = try await Command.run(words + ["-X", "sasl.password=wrong", "-L", "-m", "3"])
            #expect(refused.status != 0)
            #expect(!refused.text.contains("orders"))
        }
    }

    @Test func `kcat shows a token, or a certificate`() async throws {
        try await with([
            .init(.saslPlaintext, mechanisms: [.oauthBearer]), .init(.ssl, clientCertificates: .required),
        ]) { broker in
            let authority = try #require(broker.certificateAuthority)
            let identity = try authority.clientIdentity("alice")
            let token = [
                "security.protocol=SASL_PLAINTEXT", "sasl.mechanism=OAUTHBEARER",
                "enable.sasl.oauthbearer.unsecure.jwt=true", "sasl.oauthbearer.config=principal=alice",
            ]
            let certificate = [
                "security.protocol=SSL", "ssl.ca.pem=\(authority.certificatePEM)",
                "ssl.certificate.pem=\(identity.certificatePEM)", "ssl.key.pem=\(identity.privateKeyPEM)",
            ]
            for (listener, properties) in [("SASL_PLAINTEXT", token), ("SSL", certificate)] {
                let words =
                    ["kcat", "-b", try broker.bootstrapServers(listener: listener), "-t", "orders"]
                    + properties.flatMap { ["-X", $0] }
                let produced = try await Command.run(words + ["-P"], input: Data("\(listener)\n".utf8))
                #expect(produced.status == 0, "\(produced.errors)")
                let consumed = try await Command.run(words + ["-C", "-e", "-q"])
                #expect(consumed.text.hasSuffix("\(listener)\n"), "\(consumed.errors)")
            }
        }
    }

    /// As clients from before SaslAuthenticate do; kafka-python still can.
    @Test(arguments: [FakeBroker.SASLMechanism.plain, .scramSHA256])
    func `a client logs in with bare tokens`(mechanism: FakeBroker.SASLMechanism) async throws {
        try await with([.init(.saslPlaintext)]) { broker in
            var question = try question("topics", broker, .saslPlaintext, mechanism)
            question.brokerVersion = [0, 10, 2]
            #expect(try await SecurityClient.kafkaPython.ask(question) == .init(answer: ["orders"]))
            let journal = try await broker.journal()
            #expect(journal.contains { $0.api == "SaslHandshake" && $0.apiVersion == 0 })
        }
    }

    @Test(arguments: [SecurityClient.confluent, .kafkaPython])
    func `an administrator makes a user that then logs in`(client: SecurityClient) async throws {
        try await with([.init(.saslPlaintext)]) { broker in
            let answer = try await client.ask(
                try question("scram", broker, .saslPlaintext, .plain), [[String]].self)
            #expect(
                answer
                    == .init(answer: [
                        ["carol", "SCRAM_SHA_256 8192", "SCRAM_SHA_512 4096"], ["dave", "RESOURCE_NOT_FOUND"],
                    ]))
            for mechanism in [FakeBroker.SASLMechanism.scramSHA256, .scramSHA512] {
                var question = try question("roundtrip", broker, .saslPlaintext, mechanism)
                question.user = "carol"
                question.password = "s3cret"
                question.group = mechanism.rawValue
                #expect(try await client.ask(question) == .init(answer: ["one", "two", "three"]))
            }
        }
    }
}

extension SecurityClient {
    fileprivate var authenticationError: String {
        switch self {
        case .confluent: "_AUTHENTICATION"
        // These try until they lose patience; what the broker told them they log.
        case .kafkaPython: "KafkaTimeoutError"
        case .aiokafka: "KafkaConnectionError"
        }
    }

    fileprivate var topicAuthorizationError: String {
        self == .confluent ? "TOPIC_AUTHORIZATION_FAILED" : "TopicAuthorizationFailedError"
    }

    fileprivate var groupAuthorizationError: String {
        self == .confluent ? "GROUP_AUTHORIZATION_FAILED" : "GroupAuthorizationFailedError"
    }

    fileprivate var clusterAuthorizationError: String {
        self == .confluent ? "CLUSTER_AUTHORIZATION_FAILED" : "ClusterAuthorizationFailedError"
    }
}

extension FakeBroker.JournalEntry.Outcome {
    fileprivate var isRefusal: Bool {
        guard case .answered(.saslAuthenticationFailed, _) = self else { return false }
        return true
    }
}
