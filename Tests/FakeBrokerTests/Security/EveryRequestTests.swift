import KafkaProtocol
import Testing

@testable import FakeBroker

/// No API may be forgotten when access is guarded.
@Suite struct EveryRequestTests {
    /// These refuse nobody: they come before authentication, or leave out what one may not see.
    private static let open: Set<APIKey> = [
        .apiVersions, .saslHandshake, .saslAuthenticate, .listGroups, .listTransactions, .describeCluster,
        .getTelemetrySubscriptions, .pushTelemetry,
    ]

    @Test(arguments: Cluster.answeredAPIs.filter { !open.contains($0) })
    func `is refused to those who may do nothing`(api: APIKey) throws {
        var cluster = try SecureCluster { configuration in
            configuration.topics = [.init("orders")]
            configuration.security.authorization = .init()
        }
        for version in api.stableVersions {
            let answers = (UInt64(1)...24).compactMap { seed in
                cluster.send(
                    .sample(api, version: version, seed: seed), on: cluster.connect(), version: version)
            }
            #expect(
                answers.contains { "\($0)".contains("_AUTHORIZATION_FAILED") },
                "\(api.name) v\(version): guard it in RequestAuthorization.swift or in its handler")
        }
        #expect(cluster.cluster.topics.allNames == ["orders"])
        #expect(cluster.cluster.groups.ids.isEmpty)
        #expect(cluster.cluster.security.accessControl?.count == 0)
        #expect(cluster.cluster.security.credentials.scramUsers.isEmpty)
    }

    @Test(arguments: Cluster.answeredAPIs.filter { $0 != .apiVersions && $0 != .saslHandshake })
    func `is not handled before authentication`(api: APIKey) throws {
        var cluster = try SecureCluster { $0.security.listeners = [.init(.saslPlaintext)] }
        for version in api.stableVersions {
            let connection = cluster.connect()
            let answer = cluster.send(.sample(api, version: version, seed: 1), on: connection, version: version)
            #expect(cluster.closed[connection] != nil)
            #expect(answer == nil || api == .saslAuthenticate)
        }
    }
}
