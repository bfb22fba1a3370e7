import Connector

extension Clause {
    static let connection: [Clause] = [
        Clause(.connection, "it tells when it is connected and what it holds") { harness in
            let session = try await Session.start(harness)
            try await harness.feed([FedMessage("a")], to: harness.topics[0])
            let event = try await session.take(1)[0]
            let held = session.notices.compactMap { notice -> [SourcePartition]? in
                if case .rebalanced(let assigned, _) = notice { assigned } else { nil }
            }
            try expect(held.last?.contains(event.partition) == true, "\(event.partition) is held: \(session.notices)")
            if harness.profile.traits.contains(.connection) {
                try expect(session.connections == 1, "connected once: \(session.notices)")
            }
            try await session.close()
        },
        Clause(.connection, "a server that is away at the start is waited for", needs: [.trait(.connection)]) {
            harness in
            try await harness.cutConnection()
            let session = try await Session.start(harness)
            let waiting = session.next(limit: 1)
            try await Patience.wait(for: "a notice that the server is away") {
                session.notices.contains {
                    switch $0 {
                    case .transientFailure, .disconnected: true
                    default: false
                    }
                }
            }
            try await harness.restoreConnection()
            try await harness.feed([FedMessage("a")], to: harness.topics[0])
            let batch = try await waiting.value("an event comes once the server is there") ?? []
            try expect(batch, are: ["a"], "what comes once the server is there")
            try await session.close()
        },
        Clause(.connection, "a lost connection is told and mended; nothing is lost", needs: [.trait(.connection)]) {
            harness in
            let session = try await Session.start(harness)
            try await harness.feed([FedMessage("a")], to: harness.topics[0])
            try await session.acknowledge(try await session.take(1))
            try await harness.cutConnection()
            try await Patience.wait(for: "a notice that the connection is lost") {
                session.notices.contains {
                    switch $0 {
                    case .transientFailure, .disconnected: true
                    default: false
                    }
                }
            }
            try await harness.feed([FedMessage("b")], to: harness.topics[0])
            try await harness.restoreConnection()
            try await expect(session.take(1), are: ["b"], "what comes after the connection is back")
            try await session.close()
        },
        Clause(
            .connection, "at least once: what was in hand when the connection broke is settled once",
            needs: [.trait(.connection), .settlement, .trait(.redelivery)]
        ) { harness in
            let session = try await Session.start(harness, .atLeastOnce)
            try await harness.feed([FedMessage("a"), FedMessage("b")], to: harness.topics[0])
            let events = try await session.take(2)
            try await harness.cutConnection()
            await session.source.settle([Settlement(events[0], .accept)])
            try await harness.restoreConnection()
            try await harness.feed([FedMessage("end")], to: harness.topics[0])
            // Either it kept both in hand, or both come again: what it does not hold it delivers.
            await session.source.settle([Settlement(events[1], .accept)])
            let rest = try await session.takeAll(upTo: "end", .atLeastOnce)
            try await harness.waitUntilAcknowledged(3, of: harness.topics[0])
            let again = Set(texts(rest)).subtracting(["end"])
            try expect(again.isSubset(of: ["a", "b"]), "only what was in hand comes again: \(texts(rest))")
            try expect(Set(rest.map(\.id)).count == rest.count, "each of them once: \(texts(rest))")
            try await session.close()
        },
    ]
}

extension Session {
    fileprivate var connections: Int {
        notices.count { if case .connected = $0 { true } else { false } }
    }
}
