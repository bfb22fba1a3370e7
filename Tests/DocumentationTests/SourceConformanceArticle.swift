// The code of the article TestYourSource, run.

import Connector
import ConnectorTesting
import SourceConformance
import Testing

// article: begin
/// A source in memory, and the log behind it, which outlives it as a broker does.
struct MemoryHarness: SourceHarness {
    let profile = SourceProfile(
        name: "InMemorySource", capabilities: SourceCapabilities(settlement: .cumulative, canPause: true),
        traits: Set(SourceTrait.allCases).subtracting([.connection]))
    let topics = ["one", "two"]
    private let log = InMemoryLog()

    init() async {
        for topic in topics { await log.create(SourcePartition(topic: topic, partition: 0)) }
    }

    func makeSource(_ delivery: Delivery) async throws -> any EventSource {
        InMemorySource(log: log, time: TimeSource(ContinuousClock()), seed: 1)
    }

    func feed(_ messages: [FedMessage], to topic: String) async throws {
        let partition = SourcePartition(topic: topic, partition: 0)
        for message in messages {
            if let payload = message.payload {
                await log.append(payload, key: message.key, headers: message.headers, to: partition)
            } else {
                await log.appendTombstone(key: message.key, headers: message.headers, to: partition)
            }
        }
    }

    func waitUntilAcknowledged(_ count: Int, of topic: String) async throws {
        let partition = SourcePartition(topic: topic, partition: 0)
        while await log.committed(partition) != Int64(count) { await Task.yield() }
    }

    func crash(_ source: any EventSource) async throws {}
    func cutConnection() async throws {}
    func restoreConnection() async throws {}
    func deadLetters() async throws -> [[UInt8]] { [] }
    func shutDown() async {}
}

@Suite struct MemorySourceTests {
    @Test(arguments: Clause.all) func `the source keeps the clause`(_ clause: Clause) async throws {
        let harness = await MemoryHarness()
        guard clause.missing(in: harness.profile) == nil else { return }
        try await clause.check(harness)
        await harness.shutDown()
    }
}
// article: end
