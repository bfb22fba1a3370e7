import Connector
import KafkaSource
import Testing

@Suite struct EventMappingTests {
    @Test(arguments: [("key-1", "key-1"), ("", ""), ("a b", "a b"), ("{\"id\":1}", "{\"id\":1}")])
    func `a key of visible ASCII is a header as it is`(key: String, value: String) {
        var attributes: [EventAttribute] = []
        attributes.appendKey(Array(key.utf8))
        #expect(attributes == [EventAttribute(name: "X-Kafka-Key", value: value)])
    }

    @Test(arguments: [
        ([0x00, 0xFF] as [UInt8], "AP8="), (Array("line\n".utf8), "bGluZQo="), (Array(" a".utf8), "IGE="),
        (Array("ü".utf8), "w7w="), ([0x7F], "fw=="),
    ])
    func `any other key is in base64 and says so`(key: [UInt8], value: String) {
        var attributes: [EventAttribute] = []
        attributes.appendKey(key)
        #expect(
            attributes == [
                EventAttribute(name: "X-Kafka-Key", value: value),
                EventAttribute(name: "X-Kafka-Key-Enc", value: "b64"),
            ])
    }
}
