import Connector
import ConnectorTesting
import Simulation
import Synchronization
import Testing

/// What a function gets to see of an event: the contract of docs/headers.md.
@Suite struct InvocationTests {
    /// The invocation that the connector makes of an event.
    private func invocation(
        headers: [EventHeader] = [], payload: String = "hello",
        configuration change: (inout ConnectorConfiguration) -> Void = { _ in }
    ) throws -> Invocation {
        let seen = Box()
        _ = try simulate(configuration: change) { world in
            await world.gateway.deploy("figlet", topic: "faas-request") { invocation in
                seen.set(invocation)
                return Reply(status: 200)
            }
            await world.log.append(
                Array(payload.utf8), headers: headers, timestampMilliseconds: 1_764_000_000_123,
                to: SourcePartition(topic: "faas-request", partition: 3))
            try await world.until { $0.handled == 1 }
        }
        return try #require(seen.value)
    }

    private func lines(_ invocation: Invocation) -> [String] {
        invocation.headers.map { "\($0.name): \($0.value)" }
    }

    @Test func `the connector says who it is, which topic, and the content type`() throws {
        let invocation = try invocation()
        #expect(
            lines(invocation) == [
                "Content-Type: text/plain", "X-Connector: openfaas-memory-connector", "X-Topic: faas-request",
            ])
        #expect(invocation.body.text == "hello")
    }

    @Test func `record headers keep their order and repetition`() throws {
        let invocation = try invocation(headers: [
            EventHeader(name: "Colour", value: Bytes("red")), EventHeader(name: "size", value: Bytes("")),
            EventHeader(name: "Colour", value: Bytes("blue")),
        ])
        #expect(
            lines(invocation).suffix(3) == [
                "X-Memory-Colour: red", "X-Memory-size: ", "X-Memory-Colour: blue",
            ])
    }

    @Test(arguments: [
        ("new\r\nline", "X-Memory-new--line: v"), ("sp ace", "X-Memory-sp-ace: v"), ("ключ", "X-Memory---------: v"),
        ("", "X-Memory-Header-: v"), ("offset", "X-Memory-Header-offset: v"),
        ("Key-Enc", "X-Memory-Key-Enc-Header: v"), ("a-enc", "X-Memory-a-enc-Header: v"),
        ("Key_Enc", "X-Memory-Key_Enc-Header: v"),
        ("a-Header", "X-Memory-a-Header-Header: v"), ("Header-Key", "X-Memory-Header-Header-Key: v"),
        ("KEY", "X-Memory-Header-KEY: v"), ("Headers-left-out", "X-Memory-Header-Headers-left-out: v"),
        ("Keys", "X-Memory-Keys: v"), ("Key-End", "X-Memory-Key-End: v"), ("Enc", "X-Memory-Enc: v"),
    ])
    func `a name that HTTP or the connector cannot give is changed`(name: String, line: String) throws {
        #expect(lines(try invocation(headers: [EventHeader(name: name, value: Bytes("v"))])).last == line)
    }

    @Test(
        arguments: [[0xff, 0x00], Array("a\r\nX-Evil: 1".utf8), Array(" padded".utf8), Array("é".utf8)] as [[UInt8]])
    func `a value that HTTP does not carry goes in base64 and says so`(value: [UInt8]) throws {
        let last = lines(try invocation(headers: [EventHeader(name: "h", value: Bytes(value))])).suffix(2)
        #expect(last.last == "X-Memory-h-Enc: b64")
        #expect(last.first?.hasPrefix("X-Memory-h: ") == true)
        #expect(!last.contains { $0.contains("\r") || $0.contains("\n") })
    }

    /// Each with a value that is encoded, so that its name stands with `-Enc` too.
    @Test func `no two names of a record lead to one header`() throws {
        var names: [String] = []
        for name in ["Key", "KEY2", "a"] {
            for before in ["", "Header-", "Header-Header-"] {
                for behind in ["", "-Enc", "-Header", "-Enc-Enc", "-Enc-Header", "-Header-Enc"] {
                    names.append("\(before)\(name)\(behind)")
                }
            }
        }
        let headers = names.map { EventHeader(name: $0, value: Bytes([0])) }
        let sent = try invocation(headers: headers).headers.map { $0.name.lowercased() }
        #expect(Set(sent).count == sent.count)
        #expect(sent.count >= 2 * names.count)
    }

    @Test func `a header without a value is told apart from an empty one`() throws {
        let invocation = try invocation(headers: [EventHeader(name: "h", value: nil)])
        #expect(lines(invocation).suffix(2) == ["X-Memory-h: ", "X-Memory-h-Enc: null"])
    }

    @Test func `trace context goes under its own name as well`() throws {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let invocation = try invocation(headers: [EventHeader(name: "traceparent", value: Bytes(trace))])
        #expect(lines(invocation).suffix(2) == ["traceparent: \(trace)", "X-Memory-traceparent: \(trace)"])
    }

    /// Whoever receives two, or one that is malformed, begins a trace of its own.
    @Test func `of several trace parents the last that is well formed goes under its own name`() throws {
        let traces = ["1", "2"].map { "00-4bf92f3577b34da6a3ce929d0e0e473\($0)-00f067aa0ba902b7-01" }
        let values = [traces[0], traces[1], "bad", "00-\(String(repeating: "0", count: 32))-00f067aa0ba902b7-01"]
        let invocation = try invocation(headers: values.map { EventHeader(name: "Traceparent", value: Bytes($0)) })
        #expect(lines(invocation).filter { $0.hasPrefix("traceparent") } == ["traceparent: \(traces[1])"])
        #expect(lines(invocation).count { $0.hasPrefix("X-Memory-Traceparent: ") } == 4)
    }

    @Test func `the limit is of what is sent, not of what the record has`() throws {
        let invocation = try invocation(headers: (0..<2_000).map { _ in EventHeader(name: "n", value: nil) })
        let lines = lines(invocation).filter { $0.hasPrefix("X-Memory-n") }
        #expect(lines.reduce(0) { $0 + $1.utf8.count + 2 } <= 16_384)
        #expect(lines.count > 700)
    }

    @Test func `record headers beyond the limit are left out and counted`() throws {
        let invocation = try invocation(headers: [
            EventHeader(name: "a", value: Bytes("kept")),
            EventHeader(name: "b", value: Bytes([UInt8](repeating: 0x61, count: 20_000))),
        ])
        #expect(lines(invocation).suffix(2) == ["X-Memory-a: kept", "X-Memory-Headers-Left-Out: 1"])
    }

    @Test func `a header that is left out leaves its room to the others, and baggage may have what W3C wants`() throws {
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let baggage = String(repeating: "b", count: 8192)
        let invocation = try invocation(headers: [
            EventHeader(name: String(repeating: "n", count: 17_000), value: Bytes("left out")),
            EventHeader(name: "baggage", value: Bytes(baggage)),
            EventHeader(name: "traceparent", value: Bytes(trace)),
        ])
        #expect(
            lines(invocation).suffix(5) == [
                "baggage: \(baggage)", "X-Memory-baggage: \(baggage)", "traceparent: \(trace)",
                "X-Memory-traceparent: \(trace)", "X-Memory-Headers-Left-Out: 1",
            ])
    }

    @Test func `CloudEvents in binary mode put the attributes into headers`() throws {
        let invocation = try invocation(configuration: { $0.cloudEvents = .binary })
        #expect(
            lines(invocation).suffix(6) == [
                "ce-specversion: 1.0", "ce-id: faas-request/3/0", "ce-source: /memory/faas-request",
                "ce-type: com.openfaas.memory.message", "ce-subject: 3/0", "ce-time: 2025-11-24T16:00:00.123Z",
            ])
        #expect(invocation.body.text == "hello")
    }

    @Test func `CloudEvents in structured mode are one JSON object`() throws {
        let invocation = try invocation(configuration: { $0.cloudEvents = .structured })
        #expect(lines(invocation).first == "Content-Type: application/cloudevents+json; charset=utf-8")
        #expect(
            invocation.body.text == """
                {"specversion":"1.0","id":"faas-request/3/0","source":"/memory/faas-request",\
                "type":"com.openfaas.memory.message","subject":"3/0","time":"2025-11-24T16:00:00.123Z",\
                "datacontenttype":"text/plain","data_base64":"aGVsbG8="}
                """)
    }
}

private final class Box: Sendable {
    private let content = Mutex<Invocation?>(nil)
    var value: Invocation? { content.withLock { $0 } }
    func set(_ invocation: Invocation) { content.withLock { $0 = invocation } }
}
