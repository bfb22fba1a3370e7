import Connector
import FakeBroker
import FakeGateway
import TestSupport
import Testing

/// What functions see of records, over sockets.
@Suite struct InvocationTests {
    /// Sends records through a connector and returns what the function `f` got, in order.
    private func calls(
        _ settings: [String: String] = [:], of records: [FakeBroker.Record], expecting count: Int? = nil
    ) async throws -> [RecordedRequest] {
        let calls = Box<[RecordedRequest]>([])
        try await ConnectorSystem.run(settings, functions: [Function("f", topic: "t") { _ in FunctionReply() }]) {
            system in
            try await system.broker.append(records, to: "t")
            try await system.until("the events are done") {
                $0.handled + $0.skipped.values.reduce(0, +) == records.count
            }
            calls.set(try await system.gateway.requests().filter { $0.function != nil })
        }
        #expect(calls.value.count == count ?? records.count)
        return calls.value
    }

    @Test func `a call is a POST with the value as its body and where the record stands in its headers`() async throws {
        let bytes = Array(UInt8.min...UInt8.max)
        let call = try #require(
            try await calls(of: [.init(key: Array("k 1".utf8), value: bytes)]).first)
        #expect(call.method == "POST")
        #expect(call.target == "/function/f.openfaas-fn")
        #expect(call.body == bytes)
        #expect(call.header("Content-Type") == "text/plain")
        #expect(call.header("X-Connector") == "openfaas-kafka-connector")
        #expect(call.header("X-Topic") == "t")
        #expect(call.header("X-Kafka-Partition") == "0")
        #expect(call.header("X-Kafka-Offset") == "0")
        #expect(call.header("X-Kafka-Key") == "k 1")
        #expect(call.header("X-Kafka-Key-Enc") == nil)
        #expect(call.header("Authorization") == nil)
    }

    @Test func `a key that is no text goes in base64`() async throws {
        let call = try #require(try await calls(of: [.init(key: [0, 255], value: [1])]).first)
        #expect(call.header("X-Kafka-Key") == "AP8=")
        #expect(call.header("X-Kafka-Key-Enc") == "b64")
    }

    @Test func `record headers come in order, and what HTTP cannot carry is encoded`() async throws {
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let record = FakeBroker.Record(
            value: [],
            headers: [
                .init("a", Array("1".utf8)), .init("a", Array("2".utf8)), .init("offset", Array("99".utf8)),
                .init("bad name", Array("x\r\nX-Evil: 1".utf8)), .init("none", nil),
                .init("traceparent", Array(trace.utf8)),
            ])
        let call = try #require(try await calls(of: [record]).first)
        let own = call.headers.filter { $0.name.hasPrefix("X-Kafka-") }.map { "\($0.name): \($0.value)" }
        #expect(
            own == [
                "X-Kafka-Partition: 0", "X-Kafka-Offset: 0", "X-Kafka-a: 1", "X-Kafka-a: 2",
                "X-Kafka-Header-offset: 99", "X-Kafka-bad-name: eA0KWC1FdmlsOiAx", "X-Kafka-bad-name-Enc: b64",
                "X-Kafka-none: ", "X-Kafka-none-Enc: null", "X-Kafka-traceparent: \(trace)",
            ])
        #expect(call.header("traceparent") == trace)
        #expect(call.header("X-Evil") == nil)
    }

    @Test func `the content type is what is set`() async throws {
        let call = try #require(try await calls(["content_type": "application/json"], of: [.init("{}")]).first)
        #expect(call.header("Content-Type") == "application/json")
    }

    @Test func `tombstones are skipped, or delivered empty with a mark`() async throws {
        let records = [FakeBroker.Record(key: [1], value: nil), .init(value: [])]
        let skipped = try await calls(of: records, expecting: 1)
        #expect(skipped.first?.header("X-Kafka-Offset") == "1")
        #expect(skipped.first?.header("X-Kafka-Tombstone") == nil)
        let delivered = try await calls(["tombstones": "deliver"], of: records)
        #expect(delivered.first?.header("X-Kafka-Tombstone") == "true")
        #expect(delivered.first?.body == [])
    }

    @Test func `CloudEvents come in headers, or as one object`() async throws {
        let record = FakeBroker.Record("hello", timestamp: 1_700_000_000_000)
        let binary = try #require(try await calls(["cloud_events": "binary"], of: [record]).first)
        #expect(binary.header("ce-specversion") == "1.0")
        #expect(binary.header("ce-id") == "t/0/0")
        #expect(binary.header("ce-time") == "2023-11-14T22:13:20.000Z")
        #expect(binary.text == "hello")
        let structured = try #require(try await calls(["cloud_events": "structured"], of: [record]).first)
        #expect(structured.header("Content-Type") == "application/cloudevents+json; charset=utf-8")
        #expect(structured.text.contains(#""type":"com.openfaas.kafka.message""#))
        #expect(structured.text.contains(#""data_base64":"aGVsbG8=""#))
    }

    @Test func `asynchronous calls go to the gateway's queue`() async throws {
        try await ConnectorSystem.run(
            ["asynchronous_invocation": "true"], functions: [Function("f", topic: "t") { _ in FunctionReply() }]
        ) { system in
            try await system.append("a")
            try await system.until("accepted") { $0.repliesByStatus[202] == 1 }
            let requests = try await system.gateway.requests()
            #expect(requests.contains { $0.target == "/async-function/f.openfaas-fn" })
        }
    }

    @Test(arguments: ["at-most-once", "at-least-once"])
    func `a redirect is not followed`(delivery: String) async throws {
        let elsewhere = Function("elsewhere") { _ in FunctionReply() }
        let moved = Function("moved", topic: "t") { _ in
            FunctionReply("", status: 307, headers: [("Location", "/function/elsewhere")])
        }
        try await ConnectorSystem.run(["delivery": delivery], functions: [moved, elsewhere]) { system in
            try await system.append("a")
            try await system.until("the call") { $0.handled == 1 }
            #expect(system.ledger.account.repliesByStatus == [307: 1])
            #expect(try await system.gateway.calls(of: "elsewhere").isEmpty)
            #expect(system.log.text.contains("Response [307]"))
        }
    }
}
