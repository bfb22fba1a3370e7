import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// Requests of authentication, as a cluster answers them.
@Suite struct AuthenticationTests {
    private func cluster(_ configure: (inout FakeBroker.Security) -> Void = { _ in }) throws -> SecureCluster {
        try SecureCluster { configuration in
            configuration.security.listeners = [
                FakeBroker.Listener(.saslPlaintext, mechanisms: [.plain, .scramSHA512]),
                FakeBroker.Listener(.plaintext),
            ]
            configuration.security.users = [FakeBroker.User("alice", password: "secret")]
            configure(&configuration.security)
        }
    }

    private func handshake(_ mechanism: String) -> Request {
        var request = SaslHandshakeRequest()
        request.mechanism = mechanism
        return .saslHandshake(request)
    }

    @Test func `a request before authentication closes the connection`() throws {
        var cluster = try cluster()
        let connection = cluster.connect()
        #expect(cluster.send(.metadata(MetadataRequest()), on: connection) == nil)
        #expect(cluster.closed[connection] == "Metadata before SASL authentication")
    }

    @Test func `a connection that the cluster does not know has proved nothing`() throws {
        var cluster = try cluster()
        let connection = try cluster.logIn("alice")
        let snapshot = cluster.cluster
        let later = try cluster.logIn("alice")
        cluster.cluster = snapshot
        #expect(cluster.send(.metadata(MetadataRequest()), on: connection) != nil)
        #expect(cluster.send(.metadata(MetadataRequest()), on: later) == nil)
        #expect(cluster.closed[later] != nil)
    }

    @Test func `what is supported may be asked before authentication`() throws {
        var cluster = try cluster()
        let connection = cluster.connect()
        let answer = cluster.send(.apiVersions(ApiVersionsRequest()), on: connection, version: 2)
        guard case .apiVersions(let response) = answer else { return #expect(Bool(false)) }
        let keys = response.apiKeys.map(\.apiKey)
        #expect([17, 36, 29, 30, 31, 50, 51].allSatisfy { keys.contains($0) })
    }

    @Test func `a mechanism that is not offered is refused with those that are`() throws {
        var cluster = try cluster()
        let connection = cluster.connect()
        guard case .saslHandshake(let response) = cluster.send(handshake("OAUTHBEARER"), on: connection) else {
            return #expect(Bool(false))
        }
        #expect(response.errorCode == .unsupportedSaslMechanism)
        #expect(response.mechanisms == ["PLAIN", "SCRAM-SHA-512"])
        #expect(cluster.closed[connection] != nil)
    }

    @Test func `a wrong password is answered and closes the connection, and the journal does not know it`() throws {
        var cluster = try cluster()
        let connection = cluster.connect()
        let response = try cluster.authenticate("alice", "hunter2", on: connection)
        #expect(response.errorCode == .saslAuthenticationFailed)
        #expect(response.errorMessage == "Authentication failed: Invalid username or password")
        #expect(cluster.closed[connection] == "Authentication failed: Invalid username or password")
        #expect(!cluster.cluster.journal.all.description.contains("hunter2"))
        #expect(cluster.send(.metadata(MetadataRequest()), on: connection) == nil)
    }

    @Test func `on a listener without SASL there is nothing to authenticate`() throws {
        var cluster = try cluster()
        let connection = cluster.connect(listener: 1)
        guard case .saslHandshake(let response) = cluster.send(handshake("PLAIN"), on: connection) else {
            return #expect(Bool(false))
        }
        #expect(response.errorCode == .illegalSaslState)
        let answer = try cluster.authenticate("alice", "secret", on: connection)
        #expect(answer.errorCode == .illegalSaslState)
        #expect(cluster.closed[connection] == nil)
        #expect(cluster.send(.metadata(MetadataRequest()), on: connection) != nil)
    }

    @Test func `a token is as long as the limit and no longer`() throws {
        for (length, isTaken) in [(1000, true), (1001, false)] {
            var cluster = try SecureCluster { configuration in
                configuration.security.listeners = [FakeBroker.Listener(.saslPlaintext)]
                configuration.limits.saslTokenBytes = 1000
            }
            let connection = cluster.connect()
            let password = String(repeating: "x", count: length - 4)
            let response = try cluster.authenticate("ab", password, on: connection)
            #expect(response.errorMessage?.contains("1000 are accepted") == !isTaken)
        }
    }

    @Test func `after the session's end a request closes the connection, unless it authenticates anew`() throws {
        var cluster = try cluster { $0.sessionLifetime = .seconds(60) }
        let (first, second) = (try cluster.logIn("alice"), try cluster.logIn("alice"))
        cluster.pass(.seconds(61))
        #expect(try cluster.authenticate("alice", "secret", on: first).sessionLifetimeMs == 60_000)
        #expect(cluster.send(.metadata(MetadataRequest()), on: first) != nil)
        #expect(cluster.send(.metadata(MetadataRequest()), on: second) == nil)
        #expect(cluster.closed[second] == "Metadata after the SASL session has expired")
        #expect(cluster.closed[first] == nil)
    }

    @Test func `version 0 of the handshake is followed by bare tokens`() throws {
        var cluster = try cluster()
        let connection = cluster.connect()
        #expect(!cluster.cluster.takesBareTokens(connection))
        _ = cluster.send(handshake("PLAIN"), on: connection, version: 0)
        #expect(cluster.cluster.takesBareTokens(connection))
        var request = SaslAuthenticateRequest()
        request.authBytes = ByteBuffer(string: "\0alice\0secret")
        _ = cluster.send(.saslAuthenticate(request), on: connection, version: 0)
        #expect(!cluster.cluster.takesBareTokens(connection))
        #expect(cluster.send(.metadata(MetadataRequest()), on: connection) != nil)
    }

    @Test func `the same seed salts and challenges in the same way`() throws {
        func challenge(seed: UInt64) throws -> String {
            var cluster = try SecureCluster { configuration in
                configuration.seed = seed
                configuration.security.listeners = [FakeBroker.Listener(.saslPlaintext)]
                configuration.security.users = [FakeBroker.User("alice", password: "secret")]
            }
            let connection = cluster.connect()
            _ = cluster.send(handshake("SCRAM-SHA-256"), on: connection)
            var client = ScramClient(.sha256, "alice", "secret")
            var request = SaslAuthenticateRequest()
            request.authBytes = ByteBuffer(bytes: client.first())
            guard case .saslAuthenticate(let response) = cluster.send(.saslAuthenticate(request), on: connection) else {
                return ""
            }
            return String(buffer: response.authBytes)
        }
        #expect(try challenge(seed: 1) == challenge(seed: 1))
        #expect(try challenge(seed: 1) != challenge(seed: 2))
    }

    // MARK: SCRAM users

    private func alter(
        _ changes: (inout AlterUserScramCredentialsRequest) -> Void
    ) -> Request {
        var request = AlterUserScramCredentialsRequest()
        changes(&request)
        return .alterUserScramCredentials(request)
    }

    private func upsertion(
        _ name: String, mechanism: Int8 = 1, iterations: Int32 = 8192, salt: [UInt8] = [1, 2], bytes: Int = 32
    ) -> AlterUserScramCredentialsRequest.ScramCredentialUpsertion {
        var upsertion = AlterUserScramCredentialsRequest.ScramCredentialUpsertion()
        upsertion.name = name
        upsertion.mechanism = mechanism
        upsertion.iterations = iterations
        upsertion.salt = ByteBuffer(bytes: salt)
        upsertion.saltedPassword = ByteBuffer(repeating: 7, count: bytes)
        return upsertion
    }

    private func deletion(_ name: String, _ mechanism: Int8) -> AlterUserScramCredentialsRequest.ScramCredentialDeletion
    {
        var deletion = AlterUserScramCredentialsRequest.ScramCredentialDeletion()
        deletion.name = name
        deletion.mechanism = mechanism
        return deletion
    }

    @Test func `SCRAM users are made, described and removed`() throws {
        var cluster = try cluster()
        let connection = try cluster.logIn("alice")
        guard
            case .alterUserScramCredentials(let altered) = cluster.send(
                alter {
                    $0.upsertions = [upsertion("bob"), upsertion("bob", mechanism: 2, iterations: 4096, bytes: 64)]
                },
                on: connection),
            case .describeUserScramCredentials(let described) = cluster.send(
                .describeUserScramCredentials(DescribeUserScramCredentialsRequest()), on: connection)
        else { return #expect(Bool(false)) }
        #expect(altered.results.map(\.errorCode) == [.none])
        #expect(described.results.map(\.user) == ["alice", "bob"])
        #expect(described.results[1].credentialInfos.map(\.mechanism) == [1, 2])
        #expect(described.results[1].credentialInfos.map(\.iterations) == [8192, 4096])

        _ = cluster.send(alter { $0.deletions = [deletion("bob", 1), deletion("bob", 2)] }, on: connection)
        var request = DescribeUserScramCredentialsRequest()
        request.users = ["bob", "alice", "alice"].map { name in
            var user = DescribeUserScramCredentialsRequest.UserName()
            user.name = name
            return user
        }
        guard
            case .describeUserScramCredentials(let after) = cluster.send(
                .describeUserScramCredentials(request), on: connection)
        else { return #expect(Bool(false)) }
        #expect(after.results.map(\.errorCode) == [.resourceNotFound, .duplicateResource])
    }

    @Test func `there are as many SCRAM users as the limit and no more`() throws {
        var cluster = try SecureCluster { $0.limits.scramUsers = 2 }
        let connection = cluster.connect()
        let request = alter { $0.upsertions = ["a", "b", "c"].map { upsertion($0) } }
        guard case .alterUserScramCredentials(let response) = cluster.send(request, on: connection) else {
            return #expect(Bool(false))
        }
        #expect(response.results.map(\.errorCode) == [.none, .none, .policyViolation])
        #expect(cluster.cluster.security.credentials.scramUsers == ["a", "b"])
        // One who is there may still change.
        let change = alter { $0.upsertions = [upsertion("b", mechanism: 2, bytes: 64)] }
        guard case .alterUserScramCredentials(let changed) = cluster.send(change, on: connection) else {
            return #expect(Bool(false))
        }
        #expect(changed.results.map(\.errorCode) == [.none])
    }

    @Test func `a user whose changes are not all good keeps what it had`() throws {
        var cluster = try cluster()
        let connection = try cluster.logIn("alice")
        let request = alter { request in
            request.upsertions = [
                upsertion("few", iterations: 4095), upsertion("many", iterations: 16385), upsertion("short", bytes: 31),
                upsertion("unsalted", salt: []), upsertion("other", mechanism: 3), upsertion(""), upsertion("twice"),
                upsertion("alice"),
            ]
            request.deletions = [deletion("twice", 1), deletion("nobody", 1), deletion("alice", 1)]
        }
        guard case .alterUserScramCredentials(let response) = cluster.send(request, on: connection) else {
            return #expect(Bool(false))
        }
        let errors = Dictionary(uniqueKeysWithValues: response.results.map { ($0.user, $0.errorCode) })
        #expect(
            errors == [
                "few": .unacceptableCredential, "many": .unacceptableCredential, "short": .unacceptableCredential,
                "unsalted": .unacceptableCredential, "other": .unsupportedSaslMechanism, "": .unacceptableCredential,
                "twice": .duplicateResource, "nobody": .resourceNotFound, "alice": .duplicateResource,
            ])
        #expect(cluster.cluster.security.credentials.scramUsers == ["alice"])
    }
}
