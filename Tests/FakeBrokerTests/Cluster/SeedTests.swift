import KafkaProtocol
import Testing

@testable import FakeBroker

/// Ids, placements and whatever else the broker chooses come from its seed.
@Suite struct `A cluster's seed` {
    private func answers(seed: UInt64) -> [String] {
        var cluster = VirtualCluster {
            $0.seed = seed
            $0.brokers = 3
            $0.topics = [.init("t", partitions: 4)]
        }
        return Cluster.answeredAPIs.flatMap { api in
            (UInt64(1)...6).map { sample in
                let request = Request.sample(api, version: api.stableVersions.upperBound, seed: sample)
                return "\(api): \(String(describing: cluster.send(request)))"
            }
        }
    }

    @Test func `decides every answer, and another seed other ones`() {
        let first = answers(seed: 7)
        #expect(first == answers(seed: 7))
        #expect(first != answers(seed: 8))
    }
}
