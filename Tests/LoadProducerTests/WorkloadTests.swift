import Connector
import LoadProducer
import Testing

@Suite struct WorkloadTests {
    @Test(arguments: Workload.readyMade.map(\.name))
    func `a ready-made workload needs brokers and a topic, nothing else`(name: String) throws {
        let layers = [
            ["brokers": Settings.Entry("a", .flag), "topic": .init("t", .flag)], try Workload.entries(name),
        ]
        let settings = try ProduceSettings(Settings(layers: layers), run: "r", producer: nil)
        #expect(settings.load.messages != nil || settings.load.duration != nil)
    }

    @Test func `they are what they are called`() {
        #expect(
            Workload.readyMade.map(\.name) == [
                "smoke", "steady", "hot-key", "burst", "large", "tiny", "transactional",
            ])
    }

    @Test func `a file has a setting a line, and lists`() throws {
        let entries = try Workload.parse("rate: 5\n# none\ntopic:\n  - a:2\n  - b\n", path: "w.yml")
        #expect(entries["rate"]?.value == "5")
        #expect(entries["topic"]?.value == "a:2,b")
        #expect(entries["topic"]?.origin == .file("w.yml", line: 3))
    }

    @Test(arguments: [
        ("rate: 5\nratte: 6\n", "w.yml:2"), ("- a\n", "w.yml:1"), ("rate: 5\nrate: 6\n", "w.yml"),
        ("rate:\n  a: b\n", "w.yml:2"), ("compacted: true\n", "w.yml:1"), ("a: [\n", "w.yml"),
    ])
    func `what cannot be used is told with its line`(text: String, place: String) {
        let error = #expect(throws: SettingError.self) { try Workload.parse(text, path: "w.yml") }
        #expect(error?.description.hasPrefix(place) == true, "\(error?.description ?? "")")
        #expect(error?.description.split(separator: "\n").count == 1)
    }

    @Test func `a value that is wrong is told with its line`() throws {
        let entries = try Workload.parse("size: 5\nrate: fast\n", path: "w.yml")
        let settings = Settings(layers: [
            ["brokers": Settings.Entry("a", .flag), "topic": .init("t", .flag)], entries,
        ])
        let error = #expect(throws: SettingError.self) {
            try ProduceSettings(settings, run: "r", producer: nil)
        }
        #expect(error?.name == "w.yml:2: rate")
    }

    @Test func `a name that is none tells those that are`() {
        let error = #expect(throws: SettingError.self) { try Workload.entries("smok") }
        #expect(error?.accepted.contains("transactional") == true)
        #expect(throws: SettingError.self) { try Workload.entries("./nowhere.yml") }
    }
}
