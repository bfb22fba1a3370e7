import Kafka
import Testing

@Suite struct ConfigurationTests {
    private func failure(_ configuration: Configuration) throws -> ConfigurationError {
        try #require(throws: ConfigurationError.self) {
            _ = try Producer(configuration: configuration, logger: quiet)
        }
    }

    @Test(arguments: [
        ("linger.ms", "soon", "Invalid value"), ("acks", "7000", "value"), ("compression.type", "zip", "Invalid value"),
        ("lingerms", "5", "No such configuration property"), ("client.id", "a\0b", "NUL"),
    ])
    func `a bad property is named with its value and librdkafka's words`(
        name: String, value: String, words: String
    ) throws {
        var configuration = Configuration()
        configuration[name] = value
        let error = try failure(configuration)
        #expect(error.property == name)
        #expect(error.value == value)
        #expect(error.reason.contains(words), "\(error)")
        #expect("\(error)" == "Kafka property \(name)=\(value): \(error.reason)")
    }

    @Test func `properties that do not fit together are told in librdkafka's words`() throws {
        var configuration = Configuration()
        configuration.groupID = "group"
        configuration.maxPollInterval = .milliseconds(10)
        let error = try #require(throws: ConfigurationError.self) {
            _ = try Consumer(configuration: configuration, logger: quiet)
        }
        #expect(error.property == nil)
        #expect(error.reason.contains("max.poll.interval.ms"), "\(error)")
    }

    @Test func `a consumer must name its group`() throws {
        let error = try #require(throws: ConfigurationError.self) {
            _ = try Consumer(configuration: Configuration(), logger: quiet)
        }
        #expect(error.property == "group.id")
    }

    @Test(arguments: [
        "sasl.password", "ssl.key.password", "ssl.key.pem", "sasl.oauthbearer.client.secret", "sasl.jaas.config",
        "sasl.oauthbearer.token",
    ])
    func `a secret never reaches a text`(name: String) throws {
        var configuration = Configuration()
        configuration[name] = "hunter2\0"
        let error = try failure(configuration)
        #expect(!"\(error)".contains("hunter2"))
        #expect(!"\(configuration)".contains("hunter2"))
        #expect("\(configuration)" == "\(name)=***")
    }

    @Test func `typed properties are librdkafka's by its own names`() {
        var configuration = Configuration()
        configuration.bootstrapServers = ["a:1", "b:2"]
        configuration.groupID = "g"
        configuration.autoOffsetReset = .earliest
        configuration.assignmentStrategies = [.cooperativeSticky, .range]
        configuration.isAutoCommitEnabled = false
        configuration.sessionTimeout = .seconds(6)
        configuration.linger = .milliseconds(5)
        configuration.acknowledgements = .all
        configuration.partitioner = .murmur2Random
        #expect(
            configuration.description == """
                bootstrap.servers=a:1,b:2, group.id=g, auto.offset.reset=earliest, \
                partition.assignment.strategy=cooperative-sticky,range, enable.auto.commit=false, \
                session.timeout.ms=6000, linger.ms=5, acks=all, partitioner=murmur2_random
                """)
        #expect(configuration.bootstrapServers == ["a:1", "b:2"])
        #expect(configuration.assignmentStrategies == [.cooperativeSticky, .range])
        #expect(configuration.sessionTimeout == .seconds(6))
        configuration.sessionTimeout = nil
        #expect(configuration["session.timeout.ms"] == nil)
    }

    @Test func `a default does not displace what was set`() {
        var configuration = Configuration()
        configuration["fetch.wait.max.ms"] = "7"
        configuration.setDefault("fetch.wait.max.ms", to: "500")
        configuration.setDefault("check.crcs", to: "true")
        #expect(configuration["fetch.wait.max.ms"] == "7")
        #expect(configuration["check.crcs"] == "true")
    }
}
