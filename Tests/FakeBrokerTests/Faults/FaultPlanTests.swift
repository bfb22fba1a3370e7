import Foundation
import KafkaProtocol
import Testing

@testable import FakeBroker

@Suite struct `A fault plan in a file` {
    private func plan(_ json: String) throws -> FaultPlan {
        try JSONDecoder().decode(FaultPlan.self, from: Data(json.utf8))
    }

    @Test func `says all that a rule can say`() throws {
        let rules = try plan(
            """
            [{"name": "n", "api": ["Produce", "Fetch"], "client": "c*", "broker": 1, "topic": "t", "after": 2,
              "count": 3, "probability": 0.5, "delay": "200ms", "act": {"fail": "NOT_CONTROLLER"}},
             {"api": "Fetch", "act": "badCRC"}, {"act": {"tear": 10}}, {"act": {"corrupt": 2}},
             {"act": {"trickle": {"bytes": 2, "every": "1.5s"}}}, {"act": {"stallReads": "1m"}}, {"act": "stallReads"},
             {"act": {"lie": "lostCommit"}}, {"delay": "1h"}, {"act": {"failAfterwards": 7}}]
            """)
        #expect(
            rules == [
                FaultRule(
                    .fail(.notController), name: "n", apis: ["Produce", "Fetch"], clientID: "c*", brokers: [1],
                    topic: "t", after: 2, count: 3, probability: 0.5, delay: .milliseconds(200)),
                FaultRule(.badCRC, apis: ["Fetch"]), FaultRule(.tear(afterBytes: 10)), FaultRule(.corrupt(bits: 2)),
                FaultRule(.trickle(bytes: 2, every: .milliseconds(1500))), FaultRule(.stallReads(.seconds(60))),
                FaultRule(.stallReads(nil)), FaultRule(.lie(.lostCommit)), FaultRule(delay: .seconds(3600)),
                FaultRule(.failAfterwards(.requestTimedOut)),
            ])
    }

    @Test func `is written as it is read`() throws {
        let acts: [FaultAction] = [
            .fail(.notCoordinator), .failAfterwards(KafkaError(rawValue: 999)), .drop, .close, .reset,
            .tear(afterBytes: 0), .trickle(bytes: 1, every: .microseconds(3)), .corrupt(bits: 1), .badCRC, .halfOpen,
            .stallReads(nil), .stallReads(.seconds(2)),
        ]
        let plan = FaultPlan(
            (acts + FaultLie.allCases.map(FaultAction.lie)).map { FaultRule($0, count: 1, delay: .milliseconds(7)) })
        let data = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(FaultPlan.self, from: data) == plan)
    }

    /// The field, its value and what is accepted.
    @Test(arguments: [
        (#"[{"api": "Produkt", "act": "drop"}]"#, ["faults[0].api is 'Produkt'", "Produce"]),
        (#"[{"act": "drop"}, {"cuont": 1, "act": "drop"}]"#, ["faults[1]", "'cuont'", "count"]),
        (#"[{"act": "explode"}]"#, ["faults[0].act is 'explode'", "halfOpen"]),
        (#"[{"act": {"fail": "NO_WAY"}}]"#, ["faults[0].act.fail is 'NO_WAY'", "NOT_LEADER_OR_FOLLOWER"]),
        (#"[{"act": {"lie": "white"}}]"#, ["faults[0].act.lie is 'white'", "emptyFetch"]),
        (#"[{"act": {"tear": "x"}}]"#, ["faults[0].act.tear is 'x'", "bytes"]),
        (#"[{"act": {"tear": -1}}]"#, ["faults[0].act.tear is -1", "0 bytes or more"]),
        (#"[{"delay": 200}]"#, ["faults[0].delay is 200", "'200ms'"]),
        (#"[{"delay": "9999h"}]"#, ["faults[0].delay", "0 to 24h"]),
        (#"[{"probability": 2, "act": "drop"}]"#, ["faults[0].probability is 2.0", "0 to 1"]),
        (#"[{"count": 0, "act": "drop"}]"#, ["faults[0].count is 0", "1 or more"]),
        (#"[{"count": "x", "act": "drop"}]"#, ["faults[0].count is 'x'", "whole numbers"]),
        (#"[{"api": "Produce", "act": "badCRC"}]"#, ["faults[0].api is 'Produce'", "Fetch"]),
        (#"[{"topic": "t"}]"#, ["faults[0] is without effect"]),
        (#"[7]"#, ["faults[0] is not an object"]),
    ])
    func `that makes no sense is refused with the place`(json: String, words: [String]) throws {
        let error = try #require(throws: FakeBrokerError.self) { try plan(json) }
        for word in words { #expect(error.message.contains(word)) }
    }

    @Test func `that makes no sense is refused in Swift too`() async throws {
        try await withBrokers { broker in
            await #expect(throws: FakeBrokerError.self) { try await broker.setFaults([FaultRule(.drop, after: -1)]) }
            var configuration = FakeBroker.Configuration()
            configuration.faults = [FaultRule(.corrupt(bits: 0))]
            await #expect(throws: FakeBrokerError.self) { try await FakeBroker.start(configuration) }
        }
    }

    @Test(arguments: UInt64(0)..<300) func `of any bytes never traps`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let text = #"[{"api": ["Produce"], "after": 2, "probability": 0.5, "delay": "2ms", "act": {"tear": 1}}]"#
        let bytes = Array(text.utf8).mutated(using: &random)
        _ = try? JSONDecoder().decode(FaultPlan.self, from: Data(bytes))
    }
}

@Suite struct `A fault rule` {
    private func cluster(_ plan: FaultPlan, seed: UInt64 = 0) -> VirtualCluster {
        VirtualCluster {
            $0.topics = [.init("t"), .init("other")]
            $0.brokers = 2
            $0.defaultReplicationFactor = 1
            $0.seed = seed
            $0.faults = plan
        }
    }

    private func metadata(_ brokers: inout VirtualCluster, from client: UInt64 = 1, to broker: Int32 = 1) -> Bool {
        brokers.send(.metadata(MetadataRequest()), from: client, to: broker) != nil
    }

    @Test func `meets only so many, after so many`() {
        var brokers = cluster([FaultRule(.drop, after: 1, count: 2)])
        #expect((0..<5).map { _ in metadata(&brokers) } == [true, false, false, true, true])
        #expect(brokers.cluster.faults.timesMet == [2])
    }

    @Test func `meets a client, a broker, a topic`() {
        var brokers = cluster([
            FaultRule(.drop, clientID: "client-1"), FaultRule(.drop, clientID: "client-3*"),
            FaultRule(.drop, brokers: [2]),
        ])
        #expect(!metadata(&brokers, from: 1))
        #expect(metadata(&brokers, from: 2))
        #expect(!metadata(&brokers, from: 34))
        #expect(!metadata(&brokers, from: 2, to: 2))
        brokers = cluster([FaultRule(.fail(.requestTimedOut), apis: ["Produce"], topic: "t")])
        #expect(brokers.produce(Batches.make(["a"]), to: "t")?.errorCode == .requestTimedOut)
        #expect(brokers.produce(Batches.make(["a"]), to: "other")?.errorCode != .requestTimedOut)
    }

    @Test func `meets by chance, and the seed decides`() {
        func met(_ seed: UInt64) -> [Bool] {
            var brokers = cluster([FaultRule(.drop, probability: 0.3)], seed: seed)
            return (0..<200).map { _ in !metadata(&brokers) }
        }
        #expect(met(1) == met(1))
        #expect(met(1) != met(2))
        #expect(30...90 ~= met(1).count { $0 })
    }

    @Test func `changes none of the ids that the cluster gives`() {
        #expect(
            cluster([FaultRule(.drop, probability: 0.3)]).cluster.topics["t"]?.id == cluster([]).cluster.topics["t"]?.id
        )
    }

    @Test func `adds its delay to those of others, and one acts`() throws {
        var brokers = cluster([
            FaultRule(delay: .seconds(1)), FaultRule(.fail(.notController), delay: .seconds(1)),
            FaultRule(.drop),
        ])
        #expect(!metadata(&brokers))
        brokers.pass(.milliseconds(1999))
        #expect(brokers.take(1).isEmpty)
        brokers.pass(.milliseconds(1))
        #expect(brokers.take(1).count == 1)
        #expect(brokers.unanswered.isEmpty)
        #expect(brokers.cluster.journal.all.last?.faults == ["rule 0", "rule 1"])
    }

    @Test func `comes after the interceptor`() {
        var brokers = cluster([FaultRule(.drop)])
        brokers.cluster.interceptor = { _ in .fail(.notCoordinator) }
        #expect(metadata(&brokers))
        brokers.cluster.interceptor = { _ in .handle }
        #expect(!metadata(&brokers))
    }
}
