import Connector
import ConnectorTesting
import Simulation
import SourceConformance
import TestSupport
import Testing

/// The simulation's source: a log in memory, which outlives the source as a broker does.
struct MemoryHarness: SourceHarness {
    static let profile = SourceProfile(
        name: "InMemorySource", capabilities: SourceCapabilities(settlement: .cumulative, canPause: true),
        traits: Set(SourceTrait.allCases).subtracting([.connection]))

    var profile: SourceProfile { Self.profile }
    let topics = ["one", "two"]
    private let log = InMemoryLog()

    init() async {
        for topic in topics { await log.create(SourcePartition(topic: topic, partition: 0)) }
    }

    private func partition(_ topic: String) -> SourcePartition { SourcePartition(topic: topic, partition: 0) }

    func makeSource(_ delivery: Delivery) async throws -> any EventSource {
        InMemorySource(log: log, time: TimeSource(ContinuousClock()), seed: 1)
    }

    func feed(_ messages: [FedMessage], to topic: String) async throws {
        for message in messages {
            if let payload = message.payload {
                await log.append(payload, key: message.key, headers: message.headers, to: partition(topic))
            } else {
                await log.appendTombstone(key: message.key, headers: message.headers, to: partition(topic))
            }
        }
    }

    func waitUntilAcknowledged(_ count: Int, of topic: String) async throws {
        try await eventually("\(count) of \(topic) are acknowledged") {
            await log.committed(partition(topic)) == Int64(count)
        }
    }

    /// What the source knew is gone with it.
    func crash(_ source: any EventSource) async throws {}

    func cutConnection() async throws {}
    func restoreConnection() async throws {}
    func deadLetters() async throws -> [[UInt8]] { [] }
    func shutDown() async {}
}
