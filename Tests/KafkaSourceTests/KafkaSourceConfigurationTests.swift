import Connector
import Kafka
import KafkaSource
import Logging
import Testing

@Suite struct KafkaSourceConfigurationTests {
    private func configuration(_ change: (inout KafkaSourceConfiguration) -> Void) throws -> Configuration {
        var configuration = KafkaSourceConfiguration(brokers: ["a:9092", "b:9093"], group: "g")
        change(&configuration)
        return try configuration.clientConfiguration()
    }

    @Test func `at most once librdkafka commits nothing by itself`() throws {
        let client = try configuration { _ in }
        #expect(client["enable.auto.commit"] == "false")
        #expect(client["enable.auto.offset.store"] == "false")
        #expect(client["bootstrap.servers"] == "a:9092,b:9093")
        #expect(client["group.id"] == "g")
        #expect(client["partition.assignment.strategy"] == "cooperative-sticky")
    }

    @Test func `at least once it commits what was settled`() throws {
        let client = try configuration { $0.delivery = .atLeastOnce }
        #expect(client["enable.auto.commit"] == "true")
        #expect(client["enable.auto.offset.store"] == "false")
    }

    @Test func `any property of librdkafka displaces a default`() throws {
        let client = try configuration {
            $0.properties = [
                .init(name: "partition.assignment.strategy", value: "range"),
                .init(name: "fetch.min.bytes", value: "9"),
            ]
        }
        #expect(client["partition.assignment.strategy"] == "range")
        #expect(client["fetch.min.bytes"] == "9")
    }

    @Test(arguments: [("enable.auto.commit", "true"), ("enable.auto.offset.store", "true")])
    func `what the promise depends on cannot be displaced`(name: String, value: String) throws {
        let error = #expect(throws: Kafka.ConfigurationError.self) {
            try configuration { $0.properties = [.init(name: name, value: value)] }
        }
        #expect(
            error.map { "\($0)" }
                == "Kafka property \(name)=\(value): must stay false for at-most-once delivery")
    }

    @Test(arguments: ["0", "00"])
    func `statistics cannot be switched off, for what is told goes by them`(value: String) throws {
        let error = #expect(throws: Kafka.ConfigurationError.self) {
            try configuration { $0.properties = [.init(name: "statistics.interval.ms", value: value)] }
        }
        #expect(error.map { "\($0)" } == "Kafka property statistics.interval.ms=\(value): must be above 0")
    }

    @Test func `at least once, commits at intervals cannot be switched off`() throws {
        let property = Configuration.Property(name: "auto.commit.interval.ms", value: "0")
        let error = #expect(throws: Kafka.ConfigurationError.self) {
            try configuration {
                $0.delivery = .atLeastOnce
                $0.properties = [property]
            }
        }
        #expect(
            error.map { "\($0)" }
                == "Kafka property auto.commit.interval.ms=0: must be above 0 for at-least-once delivery")
        _ = try configuration { $0.properties = [property] }
    }

    @Test(arguments: ["acks", "request.required.acks"], ["0", "1"])
    func `at least once, a dead letter is safe with every replica in sync`(name: String, value: String) throws {
        func set(_ value: String, _ delivery: Delivery) throws {
            _ = try configuration {
                $0.delivery = delivery
                $0.properties = [.init(name: name, value: value)]
            }
        }
        let error = #expect(throws: Kafka.ConfigurationError.self) { try set(value, .atLeastOnce) }
        #expect(error.map { "\($0)" } == "Kafka property \(name)=\(value): must stay all for at-least-once delivery")
        #expect(throws: Never.self) { try set("all", .atLeastOnce) }
        #expect(throws: Never.self) { try set(value, .atMostOnce) }
    }

    @Test func `librdkafka takes it`() throws {
        for delivery in Delivery.allCases {
            let client = try configuration { $0.delivery = delivery }
            _ = try Consumer(configuration: client, logger: Logger(label: "test"))
        }
    }
}
