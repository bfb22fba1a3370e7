import FakeBroker
import Foundation
import Testing

/// sarama 1.22.1 as Debian has it: a client that shares no code with the others, and asks in versions of 2019.
@Suite(.serialized) struct `FakeBroker serves sarama` {
    private func run(
        _ words: String..., partitions: Int = 1, check: (FakeBroker) async throws -> Void = { _ in }
    ) async throws {
        try await withFakeBroker({ $0.topics = [.init("t", partitions: partitions)] }) { broker in
            _ = try await GoClient.run(words, at: broker.bootstrapServers)
            try await check(broker)
        }
    }

    @Test(arguments: ["none", "gzip", "snappy", "lz4"])
    func `sarama sends and reads records of a codec`(codec: String) async throws {
        try await run("codec", codec) { broker in
            let ends = try await broker.endOffsets(topic: "t")
            #expect(ends == [201])
        }
    }

    /// KIP-110: a producer that asks in version 3 is taken to know no zstd.
    @Test func `sarama is refused zstd, for it asks in a version from before`() async throws {
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            let said = try await GoClient.run(["codec", "zstd"], at: broker.bootstrapServers)
            #expect(said.contains("does not support the compression type"))
            #expect(try await broker.endOffsets(topic: "t") == [0])
        }
    }

    @Test(arguments: ["range", "roundrobin"])
    func `sarama's groups share out by an assignor`(assignor: String) async throws {
        try await run("group", assignor, partitions: 6) { broker in
            let group = try await broker.describeGroup("g")
            #expect(group?.state == .empty)
        }
    }

    @Test func `sarama's group goes on where it committed`() async throws {
        try await run("resume") { broker in
            let committed = try await broker.committedOffsets(group: "g", topic: "t")
            #expect(committed == [0: 10])
        }
    }

    @Test func `sarama produces idempotently`() async throws {
        try await run("idempotent") { broker in
            let ends = try await broker.endOffsets(topic: "t")
            #expect(ends == [3000])
            let journal = try await broker.journal()
            #expect(journal.contains { $0.api == "InitProducerId" })
        }
    }

    @Test(arguments: ["0", "1", "all"]) func `sarama asks for acknowledgements`(acks: String) async throws {
        try await run("acks", acks)
    }

    @Test func `sarama sends a record near the largest batch`() async throws {
        try await run("large")
    }

    /// Its batches do not state their latest time.
    @Test func `sarama finds offsets by time`() async throws {
        try await run("times")
    }

    @Test func `sarama makes and deletes topics`() async throws {
        try await withFakeBroker({ $0.brokers = 3 }) { broker in
            _ = try await GoClient.run(["topics"], at: broker.bootstrapServers)
            #expect(try await broker.topics() == [])
        }
    }

    @Test func `sarama reads what is committed`() async throws {
        try await run("transactions") { broker in
            let ends = try await broker.endOffsets(topic: "t")
            #expect(ends == [7])
        }
    }

    @Test func `sarama's admin calls see what they should`() async throws {
        try await withFakeBroker({
            $0.brokers = 2
            $0.topics = [.init("t", replicationFactor: 2)]
        }) { broker in
            // It sends DeleteRecords to the controller, whoever leads.
            try await broker.moveLeader(topic: "t", partition: 0, to: 1)
            let seen = try await GoClient.run(["admin"], at: broker.bootstrapServers)
            let expected = """
                {"AlterConfig":["604800000","1048576"],"CreatePartitions":true,"CreateTopic":[true,36],\
                "DeleteGroups":true,"DeleteRecords":1,"DeleteTopic":1,"DescribeCluster":2,\
                "DescribeConfig":["1000","delete"],"DescribeConsumerGroups":["Stable","range",1],"DescribeTopics":4,\
                "ListConsumerGroupOffsets":2,"ListConsumerGroups":{"g":"consumer"},"ListTopics":["fresh 4 2","t 1 2"]}

                """
            #expect(seen == expected)
        }
    }

    // MARK: Security

    private static let password = "secret, with = and ünï"

    private func withSecurity(
        _ listeners: [FakeBroker.Listener], _ change: (inout FakeBroker.Security) -> Void = { _ in },
        _ body: (FakeBroker) async throws -> Void
    ) async throws {
        try await withFakeBroker(
            {
                $0.topics = [.init("t")]
                $0.security.listeners = listeners
                $0.security.users = ["alice", "admin"].map { .init($0, password: Self.password) }
                change(&$0.security)
            }, body)
    }

    @Test(arguments: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
    func `sarama logs in with its password, and not with a wrong one`(mechanism: String) async throws {
        try await withSecurity([.init(.saslPlaintext)]) { broker in
            let servers = broker.bootstrapServers
            _ = try await GoClient.run(["login", mechanism, "alice", Self.password], at: servers)
            _ = try await GoClient.run(["refused", mechanism, "alice", "wrong"], at: servers)
            #expect(try await broker.endOffsets(topic: "t") == [3])
        }
    }

    @Test func `sarama's token lets its subject in, and an expired one does not`() async throws {
        try await withSecurity([.init(.saslPlaintext, mechanisms: [.oauthBearer])]) { broker in
            for (name, lifetime) in [("login", Duration.seconds(3600)), ("refused", .seconds(-10))] {
                let token = TokenIssuer.unsecuredToken(subject: "alice", scopes: [], lifetime: lifetime)
                _ = try await GoClient.run([name, "OAUTHBEARER", token], at: broker.bootstrapServers)
            }
        }
    }

    @Test func `sarama speaks TLS, with a password inside too, and only to whom it trusts`() async throws {
        try await withSecurity([.init(.ssl), .init(.saslSSL)]) { broker in
            let ca = try #require(broker.certificateAuthority).certificatePEM
            let plain = try broker.bootstrapServers(listener: "SSL")
            _ = try await GoClient.run(["login", "-"], at: plain, environment: ["CA": ca])
            let other = try CertificateAuthority().certificatePEM
            _ = try await GoClient.run(["refused", "-"], at: plain, environment: ["CA": other])
            let both = try broker.bootstrapServers(listener: "SASL_SSL")
            _ = try await GoClient.run(
                ["login", "SCRAM-SHA-512", "alice", Self.password], at: both, environment: ["CA": ca])
            #expect(try await broker.endOffsets(topic: "t") == [6])
        }
    }

    @Test func `sarama is who its certificate says`() async throws {
        try await withSecurity([.init(.ssl, clientCertificates: .required)]) { security in
            security.authorization = .init(acls: [
                .allow("User:CN=alice", .all, .topic("t")), .allow("User:CN=alice", .all, .group("g")),
            ])
        } _: { broker in
            let authority = try #require(broker.certificateAuthority)
            let identity = try authority.clientIdentity("alice")
            var environment = ["CA": authority.certificatePEM]
            _ = try await GoClient.run(["refused", "-"], at: broker.bootstrapServers, environment: environment)
            environment["CERTIFICATE"] = identity.certificatePEM
            environment["KEY"] = identity.privateKeyPEM
            _ = try await GoClient.run(["login", "-"], at: broker.bootstrapServers, environment: environment)
            #expect(try await broker.endOffsets(topic: "t") == [3])
        }
    }

    @Test func `sarama's administrator makes, lists and removes access rules`() async throws {
        try await withSecurity([.init(.saslPlaintext)]) { security in
            security.authorization = .init(superUsers: ["User:admin"])
        } _: { broker in
            _ = try await GoClient.run(["acls", "PLAIN", "admin", Self.password], at: broker.bootstrapServers)
            #expect(try await broker.acls() == [])
        }
    }
}
