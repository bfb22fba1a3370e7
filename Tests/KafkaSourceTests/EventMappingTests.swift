import Connector
import KafkaSource
import Testing

@Suite struct EventMappingTests {
    @Test(arguments: [("key-1", "key-1"), ("", ""), ("a b", "a b"), ("{\"id\":1}", "{\"id\":1}")])
    func `a key of visible ASCII is a header as it is`(key: String, value: String) {
        var attributes: [EventAttribute] = []
        attributes.appendKey(Bytes(key))
        #expect(attributes == [EventAttribute(name: "X-Kafka-Key", value: value)])
    }

    @Test func `a key longer than servers take headers is left out, and its length told`() {
        var attributes: [EventAttribute] = []
        attributes.appendKey(Bytes(Array(repeating: 0x61, count: 16_384)))
        #expect(attributes.map(\.name) == ["X-Kafka-Key"])
        attributes = []
        attributes.appendKey(Bytes(Array(repeating: 0x61, count: 16_385)))
        #expect(attributes == [EventAttribute(name: "X-Kafka-Key-Left-Out", value: "16385")])
    }

    @Test(arguments: [
        ([0x00, 0xFF] as [UInt8], "AP8="), (Array("line\n".utf8), "bGluZQo="), (Array(" a".utf8), "IGE="),
        (Array("ü".utf8), "w7w="), ([0x7F], "fw=="),
    ])
    func `any other key is in base64 and says so`(key: [UInt8], value: String) {
        var attributes: [EventAttribute] = []
        attributes.appendKey(Bytes(key))
        #expect(
            attributes == [
                EventAttribute(name: "X-Kafka-Key", value: value),
                EventAttribute(name: "X-Kafka-Key-Enc", value: "b64"),
            ])
    }
}
