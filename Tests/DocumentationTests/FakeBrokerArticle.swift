// The code of the article TestAgainstABroker, run.

import FakeBroker
import FakeBrokerTesting
import Foundation
import TestSupport
import Testing

/// Stands for the code under test, which may use any client: here kcat, which asks another broker where one is gone.
func placeOrder(_ order: String, at bootstrapServers: String) async throws {
    let kcat = ["kcat", "-P", "-b", bootstrapServers, "-t", "orders", "-X", "retry.backoff.ms=10"]
    _ = try await Command.run(kcat, input: Data(order.utf8))
}

// article: begin
@Suite struct OrderTests {
    @Test(
        .fakeBroker {
            $0.brokers = 3
            $0.topics = [.init("orders", partitions: 1, replicationFactor: 3)]
        })
    func `an order outlives the broker that led its partition`() async throws {
        let broker = try FakeBroker.current
        let leader = try #require(try await broker.leader(topic: "orders"))
        try await broker.stopBroker(leader)
        try await broker.setFaults([
            FaultRule(.fail(.notLeaderOrFollower), apis: ["Produce"], topic: "orders", count: 2)
        ])

        try await placeOrder("one book", at: broker.bootstrapServers)

        #expect(try await broker.records(topic: "orders").map(\.text) == ["one book"])
        #expect(try await broker.faultsMet() == [2])
        #expect(try await broker.journal().text.contains("Produce"))
    }
}
// article: end
