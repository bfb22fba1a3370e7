import Connector

extension Clause {
    static let flow: [Clause] = [
        Clause(.flow, "events of a partition come in order, each once, however small the batches") { harness in
            let session = try await Session.start(harness)
            let fed = (0..<200).map { "\($0)" }
            try await harness.feed(fed.map { FedMessage($0) }, to: harness.topics[0])
            var seen: [Event] = []
            var limit = 1
            while seen.count < fed.count {
                let wanted = min(limit, fed.count - seen.count, harness.profile.credit ?? .max)
                guard let batch = try await session.next(limit: wanted).value("event \(seen.count)") else { break }
                try expect(!batch.isEmpty && batch.count <= wanted, "1 to \(wanted) events, got \(batch.count)")
                try await session.acknowledge(batch)
                seen += batch
                limit = limit % 17 + 1
            }
            try expect(seen, are: fed, "every event in order")
            for (one, next) in zip(seen, seen.dropFirst()) {
                try expect(one.id.offset < next.id.offset, "ids grow: \(one.id), \(next.id)")
            }
            try await session.close()
        },
        Clause(.flow, "no more events are unsettled than the credit", needs: [.credit, .settlement]) { harness in
            let credit = harness.profile.credit ?? 0
            let session = try await Session.start(harness, .atLeastOnce)
            let fed = (0..<(credit + 3)).map { "\($0)" }
            try await harness.feed(fed.map { FedMessage($0) }, to: harness.topics[0])
            let held = try await session.take(credit)
            let waiting = session.next(limit: 1)
            // What is there would come at once; a wait that stands this long is one for credit.
            try await Task.sleep(for: .milliseconds(300))
            try expect(!waiting.isOver, "nothing comes beyond the credit of \(credit)")
            await session.source.settle([Settlement(held[0], .accept)])
            let more = try await waiting.value("one more comes for one settled") ?? []
            try expect(more, are: [fed[credit]], "what comes for one settled")
            try await session.close()
        },
        Clause(.flow, "a paused partition gives nothing, and goes on where it stopped", needs: [.pause]) { harness in
            let session = try await Session.start(harness, topics: harness.topics)
            let (first, second) = (harness.topics[0], harness.topics[1])
            try await harness.feed((0..<3).map { FedMessage("a\($0)") }, to: first)
            let taken = try await session.take(1)
            try await session.acknowledge(taken)
            await session.source.pause([taken[0].partition])
            try await harness.feed((0..<3).map { FedMessage("b\($0)") }, to: second)
            for index in 0..<3 {
                let batch = try await session.take(1)
                try expect(batch, are: ["b\(index)"], "what comes of the other partition")
                try await session.acknowledge(batch)
            }
            await session.source.resume([taken[0].partition])
            try await expect(session.take(2), are: ["a1", "a2"], "what comes after it is resumed")
            try await session.close()
        },
        Clause(
            .flow, "a backlog settled in any order leaves nothing behind", needs: [.settlement, .trait(.redelivery)]
        ) { harness in
            let session = try await Session.start(harness, .atLeastOnce)
            let count = 120
            try await harness.feed((0..<count).map { FedMessage("\($0)") }, to: harness.topics[0])
            var left = count
            while left > 0 {
                let events = try await session.take(min(left, 10, harness.profile.credit ?? .max))
                left -= events.count
                // The even ones backwards, then the odd ones.
                let even = events.indices.filter { $0 % 2 == 0 }.reversed()
                let odd = events.indices.filter { $0 % 2 == 1 }
                for index in Array(even) + odd { await session.source.settle([Settlement(events[index], .accept)]) }
            }
            try await harness.waitUntilAcknowledged(count, of: harness.topics[0])
            try expect(session.ignored == 0, "no settlement is ignored")
            try await session.close()
        },
    ]
}
