import Connector

extension Clause {
    static let life: [Clause] = [
        Clause(.life, "closing twice is closing once, and nothing comes after") { harness in
            let session = try await Session.start(harness)
            try await harness.feed([FedMessage("a")], to: harness.topics[0])
            _ = try await session.take(1)
            try await session.close()
            try await session.close()
            let after = try await session.next(limit: 1).value("next after close returns")
            try expect(after == nil, "nothing comes after close")
            await session.source.drain()
        },
        Clause(.life, "closing during connect ends it") { harness in
            let session = try await Session.start(harness)
            let waiting = session.next(limit: 1)
            try await session.close()
            let batch = try await waiting.value("the wait ends with close")
            try expect(batch == nil, "nothing comes after close")
        },
        Clause(.life, "closing while the server is away ends it", needs: [.trait(.connection)]) { harness in
            try await harness.cutConnection()
            let session = try await Session.start(harness)
            let waiting = session.next(limit: 1)
            try await session.close()
            let batch = try await waiting.value("the wait ends with close")
            try expect(batch == nil, "nothing comes after close")
        },
        Clause(.life, "cancelling a wait ends the wait and nothing else") { harness in
            let session = try await Session.start(harness)
            let waiting = session.next(limit: 1)
            waiting.cancel()
            let batch = try await waiting.value("the wait ends when it is cancelled")
            try expect(batch == nil, "a cancelled wait returns nil")
            try await harness.feed([FedMessage("a")], to: harness.topics[0])
            try await expect(session.take(1), are: ["a"], "what comes after a cancelled wait")
            try await session.close()
        },
        Clause(.life, "cancelled waits lose no event") { harness in
            let session = try await Session.start(harness)
            let fed = (0..<40).map { "\($0)" }
            var seen: [Event] = []
            for text in fed {
                let waiting = session.next(limit: 1)
                try await harness.feed([FedMessage(text)], to: harness.topics[0])
                waiting.cancel()
                let batch = try await waiting.value("a cancelled wait ends") ?? []
                // Credit is given back, so that a bounded source goes on.
                try await session.acknowledge(batch)
                seen += batch
            }
            while seen.count < fed.count {
                let batch = try await session.take(1)
                try await session.acknowledge(batch)
                seen += batch
            }
            if harness.profile.traits.contains(.order) {
                try expect(seen, are: fed, "every event, once")
            } else {
                try expect(texts(seen).sorted() == fed.sorted(), "every event of \(fed), once, got \(texts(seen))")
            }
            try await session.close()
        },
        Clause(.life, "draining ends the wait, and what is in hand can still be acknowledged") { harness in
            let session = try await Session.start(harness)
            try await harness.feed([FedMessage("a")], to: harness.topics[0])
            let batch = try await session.take(1)
            let waiting = session.next(limit: 1)
            await session.source.drain()
            let last = try await waiting.value("the wait ends with drain")
            try expect(last == nil, "a drained source hands out nothing")
            let after = try await session.next(limit: 1).value("next after drain returns")
            try expect(after == nil, "a drained source hands out nothing")
            try await session.acknowledge(batch)
            try await session.close()
        },
        Clause(.life, "draining lets events in hand be settled", needs: [.settlement]) { harness in
            let session = try await Session.start(harness, .atLeastOnce)
            try await harness.feed([FedMessage("a"), FedMessage("b")], to: harness.topics[0])
            let batch = try await session.take(2)
            await session.source.drain()
            await session.source.settle(batch.map { Settlement($0, .accept) })
            try await session.close()
            try await harness.waitUntilAcknowledged(2, of: harness.topics[0])
            try expect(session.ignored == 0, "no settlement is ignored: \(session.notices)")
        },
        Clause(.life, "the subscription changes while it runs") { harness in
            let session = try await Session.start(harness)
            try await harness.feed([FedMessage("a")], to: harness.topics[0])
            let first = try await session.take(1)
            try await session.acknowledge(first)
            try await session.source.subscribe(to: [harness.topics[1]])
            try await Patience.wait(for: "the old topic is given up") { !session.source.holds(first[0]) }
            try await harness.feed([FedMessage("not now")], to: harness.topics[0])
            try await harness.feed([FedMessage("b")], to: harness.topics[1])
            var second = try await session.take(1)
            // A source may still hold the old topic until its group has agreed on the new one, and lose it any moment.
            var isDone = false
            if second[0].topic == harness.topics[0] {
                try expect(second, are: ["not now"], "what the old topic holds")
                isDone = await session.source.acknowledge(second).refused.isEmpty
                second = try await session.take(1)
            }
            try expect(second, are: ["b"], "what the new topic holds")
            try expect(second[0].topic == harness.topics[1], "its topic: \(second[0].topic)")
            try await session.acknowledge(second)
            try await session.source.subscribe(to: harness.topics)
            if !isDone { try await expect(session.take(1), are: ["not now"], "what waited meanwhile") }
            try await session.close()
        },
    ]
}
