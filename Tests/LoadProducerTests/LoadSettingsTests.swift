import Connector
import Kafka
import LoadGenerators
import LoadProducer
import SeededRandom
import Testing

@Suite struct LoadSettingsTests {
    private func settings(_ values: [String: String]) throws -> ProduceSettings {
        var all = ["brokers": "a", "topic": "t"]
        for (name, value) in values { all[name] = value }
        return try ProduceSettings(Settings(environment: all), run: "r", producer: nil)
    }

    @Test func `what is not set has the default that the catalog tells`() throws {
        let standard = try settings([:])
        let told = Dictionary(
            uniqueKeysWithValues: LoadCatalog.all.compactMap { setting in
                setting.commands.contains(.produce) ? setting.standard.map { (setting.name, $0) } : nil
            })
        let spelled = try settings(told)
        #expect(spelled.load == standard.load)
        #expect(spelled.output == standard.output)
        #expect(spelled.thresholds == standard.thresholds)
        #expect(standard.load.messages == 1_000)
        #expect(standard.load.curve == nil)
        #expect(standard.client.brokers == ["a:9092"])
        #expect(standard.configuration["acks"] == "all")
    }

    @Test(arguments: [
        (["rate": "5"], RateCurve.constant(5)),
        (
            ["shape": "steps", "steps": "10:5s,20:1m,10:5s"],
            .steps([.init(rate: 10, seconds: 5), .init(rate: 20, seconds: 60), .init(rate: 10, seconds: 5)])
        ),
        (["shape": "ramp", "rate": "1", "rate_to": "9", "period": "4s"], .ramp(from: 1, to: 9, seconds: 4)),
        (["shape": "sine", "rate": "8"], .sine(mean: 8, amplitude: 4, period: 10)),
        (
            ["shape": "spike", "rate": "2", "rate_to": "90", "spike_length": "500ms", "period": "5s"],
            .spike(base: 2, peak: 90, length: 0.5, period: 5)
        ),
    ])
    func `a shape has its figures`(values: [String: String], curve: RateCurve) throws {
        #expect(try settings(values).load.curve == curve)
    }

    @Test func `poisson is a shape, and chance around any other`() throws {
        #expect(try settings(["shape": "poisson", "rate": "5"]).load.arrivals == .poisson)
        #expect(try settings(["shape": "sine", "rate": "5", "arrivals": "poisson"]).load.arrivals == .poisson)
    }

    @Test func `a duration is the only end unless there are messages too`() throws {
        #expect(try settings(["duration": "5s"]).load.messages == nil)
        #expect(try settings(["duration": "5s", "messages": "7"]).load.messages == 7)
        #expect(try settings(["messages": "0"]).load.messages == nil)
    }

    @Test func `librdkafka's properties are set, and any property of the user's wins`() throws {
        let valid = try settings([
            "acks": "1", "compression": "lz4", "linger": "7ms", "batch_size": "5000", "idempotence": "false",
            "partitioner": "murmur2", "kafka.linger.ms": "9", "kafka.socket.nagle.disable": "true",
        ])
        let expected = [
            "acks": "1", "compression.type": "lz4", "linger.ms": "9", "batch.size": "5000", "partitioner": "murmur2",
            "socket.nagle.disable": "true", "bootstrap.servers": "a:9092",
        ]
        for (name, value) in expected { #expect(valid.configuration[name] == value, "\(name)") }
        let transactional = try settings(["transactional_id": "x", "producer": "b", "abort_ratio": "0.5"])
        #expect(transactional.configuration["transactional.id"] == "x-b")
        #expect(transactional.transactions?.size == 100 && transactional.transactions?.abortRatio == 0.5)
        #expect(try settings(["idempotence": "true"]).configuration["enable.idempotence"] == "true")
    }

    @Test func `a size that is large raises what librdkafka takes`() throws {
        #expect(try settings(["size": "5000000"]).configuration["message.max.bytes"] == "5010000")
    }

    @Test(arguments: [
        ("size", "big"), ("size", "uniform:9:1"), ("size", "normal:1"), ("rate", "-1"), ("rate", "fast"),
        ("shape", "square"), ("shape", "ramp"), ("shape", "sine"), ("steps", "x"), ("period", "0"), ("keys", "zipf:1"),
        ("keys", "uniform:0"), ("keys", "file:/nowhere"), ("tombstones", "2"), ("headers", "novalue"),
        ("partitioner", "best"), ("timestamps", "then"), ("acks", "2"), ("compression", "rar"), ("topic", "a b"),
        ("topic", "a:0"), ("topic", "a,a:1"), ("brokers", "a:b"), ("brokers", "::1"), ("seed", "-1"), ("run", "a/b"),
        ("replicas", "0"), ("max_p99", "fast"), ("max_errors", "-1"), ("max_errors", "101%"), ("min_rate", "x"),
        ("metrics_listen", "here"), ("interval", "1ms"), ("payload", "lines"), ("payload", "template"),
        ("warm_up", "x"), ("in_flight", "0"), ("linger", "-1"), ("batch_size", "0"), ("verification", "perhaps"),
        ("partitions", "0"), ("max_size", "-5"), ("ca_file", "x"), ("username_file", "/nowhere"),
    ])
    func `a value that cannot be used is named, with what is accepted`(name: String, value: String) {
        let error = #expect(throws: SettingError.self) { try settings([name: value]) }
        #expect(error?.description.split(separator: "\n").count == 1)
        #expect(error?.accepted.isEmpty == false)
    }

    @Test func `settings that need one another say so`() {
        for values in [
            ["shape": "steps"], ["shape": "spike", "rate": "1"], ["replicas": "2"], ["replicas": "2", "run": "a"],
            ["rate": "5", "in_flight": "5"], ["duration": "1s", "warm_up": "2s"],
            ["shape": "spike", "rate_to": "5", "spike_length": "20s"],
            ["shape": "sine", "rate": "1", "amplitude": "2"],
        ] {
            #expect(throws: SettingError.self, "\(values)") { try settings(values) }
        }
    }

    @Test func `each replica of a run draws otherwise`() throws {
        let run = ["replicas": "2", "run": "a"]
        let left = try settings(run.merging(["producer": "1"]) { $1 })
        let right = try settings(run.merging(["producer": "2"]) { $1 })
        #expect(left.seed != right.seed)
    }

    @Test func `flags win over the environment, that over the workload`() throws {
        let invocation = try LoadInvocation([
            "produce", "--workload", "smoke", "--topic=t", "-messages", "5", "--kafka.client.rack", "r",
        ])
        let settings = try invocation.settings(environment: ["brokers": "env:1", "messages": "6", "rate": "77"])
        #expect(settings.string("messages") == "5")
        #expect(settings.string("rate") == "77")
        #expect(settings.string("max_p99") == "5s")
        #expect(settings.string("kafka.client.rack") == "r")
        #expect(try LoadInvocation(["-messages=8"]).flags["messages"]?.value == "8")
        #expect(try LoadInvocation(["verify", "--compacted"]).flags["compacted"]?.value == "true")
    }

    @Test(arguments: [
        ["--nonsense"], ["--topic"], ["--topic", "a", "--topic", "b"], ["stray"], ["verify", "--rate", "5"],
        ["--compacted"], ["--workload", "a", "--workload", "b"], ["-x"], ["--"],
    ])
    func `a command line that is none is refused`(arguments: [String]) {
        #expect(throws: SettingError.self) { try LoadInvocation(arguments) }
    }

    @Test func `mutated command lines never trap`() {
        var generator = SeededGenerator(seed: 11)
        let names = LoadCatalog.all.map(\.name) + ["kafka.x", "nonsense"]
        let values = [
            "", "0", "-1", "1e400", "nan", "inf", "99999999999999999999", "a:b:c", "uniform:1:2", "zipf:nan:5",
            "file:", "steps", "1:1s,", "\u{0}", "ramp", "sine", "{{", "{{int:9:1}}", "5%", ":", "[", "]:1", "5s",
            "9e9h",
            "normal:inf:1", "lognormal:0:1", "template", "random", "-", "poisson", "true",
        ]
        for _ in 0..<3_000 {
            var all = ["brokers": "a", "topic": "t"]
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                let value = values[Int.random(in: values.indices, using: &generator)]
                let name = names[Int.random(in: names.indices, using: &generator)]
                // Standard input is the test's own.
                if name != "lines_file" { all[name] = value }
            }
            let settings = Settings(environment: all)
            _ = try? ProduceSettings(settings, run: "r", producer: nil)
            _ = try? VerifySettings(settings)
        }
    }
}
