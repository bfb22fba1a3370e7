import Connector
import GoDuration
import Testing

@Suite struct ConfigurationTests {
    @Test(arguments: [
        ("0", Duration.zero), ("500ms", .milliseconds(500)), ("30s", .seconds(30)), ("1m30s", .seconds(90)),
        ("1.5h", .seconds(5400)), ("1h0m0.5s", .milliseconds(3_600_500)), ("10us", .microseconds(10)),
        ("10µs", .microseconds(10)), ("7ns", .nanoseconds(7)), (".5s", .milliseconds(500)),
    ])
    func `Go durations are read`(text: String, duration: Duration) {
        #expect(Duration(goDuration: text) == duration)
    }

    @Test(arguments: ["", "3", "s", "3 s", "-3s", "1m30", "3x", "1..5s", "١s", "9999999999h", "1e3s", "inf"])
    func `what Go would not take is refused`(text: String) {
        #expect(Duration(goDuration: text) == nil)
    }

    @Test func `unset and empty variables take the default`() throws {
        let environment = Settings(environment: ["rebuild_interval": "  "])
        #expect(try environment.duration("rebuild_interval", default: .seconds(3)) == .seconds(3))
        #expect(try environment.bool("print_response", default: false) == false)
        #expect(environment.list("topics") == nil)
    }

    @Test func `an empty variable hides neither the file nor the default`() {
        let settings = Settings(layers: [
            ["group": .init(" ", .environment), "topic_delimiter": .init("", .environment)],
            ["group": .init("orders", .environment), "topic_delimiter": .init(";", .environment)],
        ])
        #expect(settings.string("group") == "orders")
        #expect(settings.untrimmedEntry("topic_delimiter")?.value == ";")
    }

    @Test func `a list tolerates blanks, a trailing comma and repetition`() {
        #expect(Settings(environment: ["topics": "a, b,,a,"]).list("topics") == ["a", "b"])
    }

    @Test func `a bad duration is named with its value and what is accepted`() {
        let error = #expect(throws: SettingError.self) {
            try Settings(environment: ["upstream_timeout": "3"]).duration("upstream_timeout", default: .seconds(30))
        }
        #expect(
            error?.description
                == "upstream_timeout=\"3\" is not valid: a duration above zero, such as 500ms, 30s or 1m30s")
    }

    @Test func `a bad truth value, number or choice is named`() {
        let environment = Settings(environment: ["print_response": "maybe", "max_in_flight": "0", "ordering": "fifo"])
        #expect(throws: SettingError(name: "print_response", value: "maybe", accepted: "true, 1, false or 0")) {
            try environment.bool("print_response", default: false)
        }
        #expect(
            throws: SettingError(name: "max_in_flight", value: "0", accepted: "a whole number from 1 to 10")
        ) { try environment.integer("max_in_flight", default: 1, in: 1...10) }
        #expect(
            throws: SettingError(name: "ordering", value: "fifo", accepted: "one of partition, key, none")
        ) { try environment.choice("ordering", default: Ordering.partition) }
    }

    @Test func `an error stays on one line and bounded, whatever the value holds`() {
        let text = SettingError(
            name: "topics", value: "a\nb" + String(repeating: "x", count: 1000), accepted: "names"
        ).description
        #expect(!text.contains("\n"))
        #expect(text.count < 200)
    }
}

@Suite struct SettingsOfTheConnectorTests {
    @Test func `the connector reads the names of the 2018 connector`() throws {
        let configuration = try ConnectorConfiguration(
            Settings(environment: [
                "topics": "faas-request,", "rebuild_interval": "500ms", "print_response": "true",
                "max_in_flight": "8", "ordering": "key", "asynchronous_invocation": "1", "topic_delimiter": ";",
            ]))
        #expect(configuration.topics == .named(["faas-request"]))
        #expect(configuration.rebuildInterval == .milliseconds(500))
        #expect(configuration.replyBodyLimit > 0)
        #expect(configuration.maxInFlight == 8)
        #expect(configuration.ordering == .key)
        #expect(configuration.invocationMode == .asynchronous)
        #expect(configuration.annotations.delimiter == ";")
    }

    @Test(arguments: ["a/b\r\nX-Evil: 1", "a/b\u{7F}", "texte/françois"])
    func `a content type that no header can hold is refused`(value: String) {
        let error = #expect(throws: SettingError.self) {
            try ConnectorConfiguration(Settings(environment: ["topics": "a", "content_type": value]))
        }
        #expect(error?.name == "content_type")
    }

    @Test func `defaults are the documented ones`() throws {
        let configuration = try ConnectorConfiguration(Settings(environment: ["topics": "a"]))
        #expect(configuration.rebuildInterval == .seconds(3))
        #expect(configuration.replyBodyLimit == 0)
        #expect(configuration.maxInFlight == 64)
        #expect(configuration.ordering == .partition)
        #expect(configuration.invocationMode == .synchronous)
        #expect(configuration.contentType == "text/plain")
    }

    @Test(arguments: ["namespaces", "exclude_namespaces"], ["a b", "a,b\tc", "a/b"])
    func `what names no namespace is refused`(name: String, value: String) {
        let error = #expect(throws: SettingError.self) {
            try ConnectorConfiguration(Settings(environment: ["topics": "a", name: value]))
        }
        #expect(
            error == SettingError(name: name, value: value, accepted: "names of namespaces, separated by commas"))
    }

    @Test(arguments: [[:], ["topics": ""], ["topics": " , "]])
    func `without topics the error says what to set`(variables: [String: String]) {
        let error = #expect(throws: SettingError.self) { try ConnectorConfiguration(Settings(environment: variables)) }
        #expect(error?.name == "topics")
        #expect(error?.description.contains("faas-request,audit") == true)
    }
}
