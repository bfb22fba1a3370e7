import Connector

extension Clause {
    static let settlement: [Clause] = [
        Clause(
            .settlement, "at most once: what was acknowledged does not come again after a crash",
            needs: [.acknowledgement]
        ) { harness in
            try await feed(harness, "a", "b", "c")
            let session = try await Session.start(harness)
            let batch = try await session.take(3)
            try await session.acknowledge(batch)
            try await harness.crash(session.source)
            try await remains(harness, [], .atMostOnce)
        },
        Clause(
            .settlement, "at most once: what was not acknowledged comes again after a crash",
            needs: [.acknowledgement, .trait(.redelivery)]
        ) { harness in
            try await feed(harness, "a", "b", "c", "d")
            let session = try await Session.start(harness)
            let first = try await session.take(2)
            try await session.acknowledge(first)
            _ = try await session.take(2)
            try await harness.crash(session.source)
            try await remains(harness, ["c", "d"], .atMostOnce)
        },
        Clause(
            .settlement, "at least once: what was handed out and not settled comes again after a crash",
            needs: [.settlement, .trait(.redelivery)]
        ) { harness in
            try await feed(harness, "a", "b", "c")
            let session = try await Session.start(harness, .atLeastOnce)
            _ = try await session.take(3)
            try await harness.crash(session.source)
            try await remains(harness, ["a", "b", "c"], .atLeastOnce)
        },
        Clause(
            .settlement, "at least once: what was settled does not come again after a crash, the rest does",
            needs: [.settlement, .trait(.redelivery)]
        ) { harness in
            try await feed(harness, "a", "b", "c", "d")
            let session = try await Session.start(harness, .atLeastOnce)
            let events = try await session.take(4)
            await session.source.settle(events[..<2].map { Settlement($0, .accept) })
            try await harness.waitUntilAcknowledged(2, of: harness.topics[0])
            try await harness.crash(session.source)
            try await remains(harness, ["c", "d"], .atLeastOnce)
        },
        Clause(
            .settlement, "at least once: what was settled last is acknowledged by close, the rest comes again",
            needs: [.settlement, .trait(.redelivery)]
        ) { harness in
            try await feed(harness, "a", "b", "c")
            let session = try await Session.start(harness, .atLeastOnce)
            let events = try await session.take(3)
            await session.source.settle([Settlement(events[0], .accept)])
            try await session.close()
            try await remains(harness, ["b", "c"], .atLeastOnce)
        },
        Clause(
            .settlement, "cumulative: only what is settled together with all before it is acknowledged",
            needs: [.cumulative, .trait(.redelivery)]
        ) { harness in
            try await feed(harness, "a", "b", "c", "d")
            let session = try await Session.start(harness, .atLeastOnce)
            let events = try await session.take(4)
            await session.source.settle([Settlement(events[0], .accept), Settlement(events[2], .accept)])
            try await session.close()
            try await remains(harness, ["b", "c", "d"], .atLeastOnce)
        },
        Clause(
            .settlement, "individual: each event is acknowledged by itself",
            needs: [.individual, .trait(.redelivery)]
        ) { harness in
            try await feed(harness, "a", "b", "c", "d")
            let session = try await Session.start(harness, .atLeastOnce)
            let events = try await session.take(4)
            await session.source.settle([Settlement(events[3], .accept), Settlement(events[1], .accept)])
            try await harness.waitUntilAcknowledged(2, of: harness.topics[0])
            try await harness.crash(session.source)
            try await remains(harness, ["a", "c"], .atLeastOnce)
        },
        Clause(.settlement, "a second settlement is ignored, told, and harms nothing", needs: [.settlement]) {
            harness in
            try await feed(harness, "a", "b")
            let session = try await Session.start(harness, .atLeastOnce)
            let events = try await session.take(2)
            await session.source.settle([Settlement(events[0], .accept)])
            await session.source.settle([
                Settlement(events[0], .reject(reason: "again")), Settlement(events[0], .accept),
            ])
            try await Patience.wait(for: "two ignored settlements") { session.ignored == 2 }
            await session.source.settle([Settlement(events[1], .accept)])
            try await feed(harness, "c")
            let third = try await session.take(1)
            try expect(third, are: ["c"], "what comes after a second settlement")
            await session.source.settle([Settlement(third[0], .accept)])
            try await harness.waitUntilAcknowledged(3, of: harness.topics[0])
            try expect(session.ignored == 2, "two ignored settlements: \(session.notices)")
            try await session.close()
        },
        Clause(
            .settlement, "a settlement of an earlier epoch is ignored and told; the event comes again",
            needs: [.settlement, .trait(.redelivery)]
        ) { harness in
            try await feed(harness, "a")
            let session = try await Session.start(harness, .atLeastOnce)
            let events = try await session.take(1)
            try expect(session.source.holds(events[0]), "an event just handed out is held")
            try await session.source.subscribe(to: [])
            try await Patience.wait(for: "the event is not held any more") { !session.source.holds(events[0]) }
            try await session.source.subscribe(to: [harness.topics[0]])
            let again = try await session.take(1)
            try expect(again, are: ["a"], "what comes again")
            try expect(again[0].epoch > events[0].epoch, "a later epoch than \(events[0].epoch.number)")
            await session.source.settle([Settlement(events[0], .accept)])
            try await Patience.wait(for: "an ignored settlement") { session.ignored == 1 }
            try expect(session.source.holds(again[0]), "the later event is held still")
            try await harness.crash(session.source)
            try await remains(harness, ["a"], .atLeastOnce)
        },
        Clause(
            .settlement, "an event of an earlier epoch is refused before the hand-over",
            needs: [.acknowledgement, .trait(.redelivery)]
        ) { harness in
            try await feed(harness, "a")
            let session = try await Session.start(harness)
            let events = try await session.take(1)
            try await session.source.subscribe(to: [])
            try await Patience.wait(for: "the event is not held any more") { !session.source.holds(events[0]) }
            let answer = await session.source.acknowledge(events)
            try expect(answer.acknowledged.isEmpty, "nothing is acknowledged")
            try expect(answer.refused.reduce(0) { $0 + $1.events } == 1, "one event is refused: \(answer.refused)")
            try await session.close()
            try await remains(harness, ["a"], .atMostOnce)
        },
        Clause(.settlement, "a rejected event (poison) is done with, and those after it go on", needs: [.settlement]) {
            harness in
            try await feed(harness, "poison", "b")
            let session = try await Session.start(harness, .atLeastOnce)
            let events = try await session.take(2)
            await session.source.settle([
                Settlement(events[0], .reject(reason: "poison")), Settlement(events[1], .accept),
            ])
            try await harness.waitUntilAcknowledged(2, of: harness.topics[0])
            try await session.close()
            try await remains(harness, [], .atLeastOnce)
        },
        Clause(
            .settlement, "a rejected event is kept as a dead letter, an accepted one is not",
            needs: [.settlement, .deadLetters]
        ) { harness in
            try await feed(harness, "poison", "b")
            let session = try await Session.start(harness, .atLeastOnce)
            let events = try await session.take(2)
            await session.source.settle([
                Settlement(events[0], .reject(reason: "poison")), Settlement(events[1], .accept),
            ])
            try await Patience.wait(for: "a dead letter") { try await !harness.deadLetters().isEmpty }
            let letters = try await harness.deadLetters().map { String(decoding: $0, as: UTF8.self) }
            try expect(letters == ["poison"], "one dead letter, got \(letters)")
            try await session.close()
        },
        Clause(
            .settlement, "an event to be retried is delivered again",
            needs: [.individual, .trait(.redelivery)]
        ) { harness in
            try await feed(harness, "a")
            let session = try await Session.start(harness, .atLeastOnce)
            let first = try await session.take(1)
            await session.source.settle([Settlement(first[0], .retry(after: .milliseconds(10)))])
            let second = try await session.take(1)
            try expect(second, are: ["a"], "what comes again")
            await session.source.settle([Settlement(second[0], .accept)])
            try await harness.waitUntilAcknowledged(1, of: harness.topics[0])
            try await session.close()
        },
        Clause(
            .settlement, "an event to be retried later comes no sooner", needs: [.individual, .delay]
        ) { harness in
            try await feed(harness, "a")
            let session = try await Session.start(harness, .atLeastOnce)
            let first = try await session.take(1)
            let start = ContinuousClock.now
            await session.source.settle([Settlement(first[0], .retry(after: .milliseconds(500)))])
            _ = try await session.take(1)
            let waited = start.duration(to: .now)
            try expect(waited >= .milliseconds(500), "at least 500 ms, not \(waited)")
            try await session.close()
        },
        Clause(
            .settlement, "cumulative: a retry is ignored and told, for the source cannot", needs: [.cumulative]
        ) { harness in
            try await feed(harness, "a", "b")
            let session = try await Session.start(harness, .atLeastOnce)
            let events = try await session.take(2)
            await session.source.settle([Settlement(events[0], .retry(after: .zero))])
            try await Patience.wait(for: "an ignored settlement") { session.ignored == 1 }
            await session.source.settle(events.map { Settlement($0, .accept) })
            try await harness.waitUntilAcknowledged(2, of: harness.topics[0])
            try await session.close()
        },
    ]

    private static func feed(_ harness: any SourceHarness, _ texts: String...) async throws {
        try await harness.feed(texts.map { FedMessage($0) }, to: harness.topics[0])
    }

    /// What another life of the source still gets, before what is fed now.
    private static func remains(
        _ harness: any SourceHarness, _ expected: [String], _ delivery: Delivery
    ) async throws {
        let end = "end"
        try await harness.feed([FedMessage(end)], to: harness.topics[0])
        let session = try await Session.start(harness, delivery)
        let events = try await session.takeAll(upTo: end, delivery)
        try expect(events, are: expected + [end], "what a next life gets")
        try await session.close()
    }
}
