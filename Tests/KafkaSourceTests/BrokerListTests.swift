import Connector
import KafkaSource
import Testing

@Suite struct BrokerListTests {
    @Test(arguments: [
        ("kafka", "kafka:9092"), ("kafka:9093", "kafka:9093"), (" a , b:1 ,", "a:9092,b:1"),
        ("127.0.0.1", "127.0.0.1:9092"), ("[::1]", "[::1]:9092"), ("[::1]:9094", "[::1]:9094"),
    ])
    func `a broker without a port gets 9092`(text: String, brokers: String) throws {
        #expect(try BrokerList(text, name: "broker_host").description == brokers)
    }

    @Test(arguments: ["", ",", "kafka:", "kafka:0", "kafka:65536", "kafka:http", ":9092", "a b:9092", "http://kafka"])
    func `what is no broker is named`(text: String) {
        let error = #expect(throws: SettingError.self) { try BrokerList(text, name: "broker_host") }
        #expect(error?.name == "broker_host")
    }
}
