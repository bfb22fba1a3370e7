import Connector

extension Clause {
    static let events: [Clause] = [
        Clause(.events, "an empty payload is not a tombstone", needs: [.trait(.emptyPayloads)]) { harness in
            try await carries(harness, FedMessage([]))
        },
        Clause(.events, "a tombstone has no payload", needs: [.trait(.tombstones)]) { harness in
            try await carries(harness, FedMessage(nil, key: Array("k".utf8)))
        },
        Clause(.events, "UTF-8 payloads come as they are") { harness in
            try await carries(harness, FedMessage("Grüße, 世界, \u{1F680}, a\u{0308}\t\"\\"))
        },
        Clause(.events, "binary payloads come as they are", needs: [.trait(.binaryPayloads)]) { harness in
            try await carries(harness, FedMessage((0...255).map { UInt8($0) } + [0, 0xC3, 0x28, 0xFF]))
        },
        Clause(.events, "large payloads come as they are (1 MiB, or as large as they get)") { harness in
            let count = min(1 << 20, harness.profile.largestPayload)
            try await carries(harness, FedMessage((0..<count).map { UInt8(ascii: "a") + UInt8($0 % 23) }))
        },
        Clause(.events, "keys come as they are", needs: [.trait(.keys)]) { harness in
            try await carries(harness, FedMessage(Array("v".utf8), key: [0, 0xFF, 0x41]))
            try await carries(harness, FedMessage(Array("v".utf8), key: []))
        },
        Clause(.events, "headers keep their order and their text", needs: [.trait(.headers)]) { harness in
            try await carries(
                harness,
                FedMessage(
                    Array("v".utf8), headers: [header("zeta", "1"), header("Alpha", "Grüße, 世界"), header("mid", "3")]))
        },
        Clause(.events, "a header may stand more than once", needs: [.trait(.repeatedHeaders)]) { harness in
            let headers = [header("a", "1"), header("b", "2"), header("a", "3"), header("a", "1")]
            try await carries(harness, FedMessage(Array("v".utf8), headers: headers))
        },
        Clause(.events, "an empty header is there", needs: [.trait(.headers), .trait(.emptyHeaders)]) { harness in
            try await carries(harness, FedMessage(Array("v".utf8), headers: [header("a", ""), header("b", "2")]))
        },
        Clause(.events, "headers carry any bytes", needs: [.trait(.headers), .trait(.binaryHeaders)]) { harness in
            let value = Bytes((0...255).map { UInt8($0) })
            try await carries(
                harness, FedMessage(Array("v".utf8), headers: [EventHeader(name: "bytes", value: value)]))
        },
        Clause(
            .events, "a header without value is not an empty one",
            needs: [.trait(.headers), .trait(.headersWithoutValue)]
        ) { harness in
            let headers = [EventHeader(name: "none", value: nil), header("empty", "")]
            try await carries(harness, FedMessage(Array("v".utf8), headers: headers))
        },
        Clause(.events, "each event has an id of its own, and names its topic") { harness in
            let session = try await Session.start(harness, topics: harness.topics)
            for topic in harness.topics {
                try await harness.feed((0..<5).map { FedMessage("\(topic) \($0)") }, to: topic)
            }
            var events: [Event] = []
            while events.count < 10 {
                let batch = try await session.take(1)
                try await session.acknowledge(batch)
                events += batch
            }
            try expect(Set(events.map(\.id)).count == 10, "ten ids: \(events.map(\.id))")
            for topic in harness.topics {
                let own = events.filter { $0.topic == topic }
                try expect(own, are: (0..<5).map { "\(topic) \($0)" }, "the events of \(topic)")
            }
            try await session.close()
        },
    ]

    private static func header(_ name: String, _ value: String) -> EventHeader {
        EventHeader(name: name, value: Bytes(value))
    }

    /// Feeds a message and compares what comes; headers that a source adds of its own may follow.
    private static func carries(_ harness: any SourceHarness, _ message: FedMessage) async throws {
        let session = try await Session.start(harness)
        try await harness.feed([message], to: harness.topics[0])
        let events = try await session.take(1)
        let event = events[0]
        try expect(event.isTombstone == (message.payload == nil), "a tombstone or not")
        try expect(
            event.payload?.array == message.payload,
            "the payload of \(message.payload?.count ?? 0) bytes, got \(event.payload?.count ?? 0)")
        if harness.profile.traits.contains(.keys) {
            try expect(event.key?.array == message.key, "the key \(message.key ?? []), got \(event.key?.array ?? [])")
        }
        if harness.profile.traits.contains(.headers) {
            let names = event.headers.map(\.name)
            try expect(event.headers.prefix(message.headers.count) == message.headers[...], "the headers, got \(names)")
        }
        try await session.acknowledge(events)
        try await session.close()
    }
}
