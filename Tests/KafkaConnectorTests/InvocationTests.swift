import Connector
import Foundation
import KafkaConnector
import KafkaSource
import Testing

/// Flags, the file of `--config`, and what `--print-config` says of them.
@Suite struct InvocationTests {
    private func settings(_ arguments: [String], environment: [String: String] = [:]) throws -> Settings {
        try Invocation(arguments).settings(environment: environment)
    }

    @Test func `a flag may have its value after a space or an equals sign, or be true by itself`() throws {
        let settings = try settings([
            "--topics", "a,b", "--upstream-timeout=1m", "--print-response", "--kafka.session.timeout.ms", "9000",
        ])
        #expect(settings.string("topics") == "a,b")
        #expect(settings.string("upstream_timeout") == "1m")
        #expect(settings.string("print_response") == "true")
        #expect(settings.string("kafka.session.timeout.ms") == "9000")
    }

    @Test func `one dash does, as it did for the commercial connector`() throws {
        let settings = try settings(["-tls", "-username-file=/user", "-password-file", "/password", "-group", "-g"])
        #expect(settings.string("tls") == "true")
        #expect(settings.string("username_file") == "/user")
        #expect(settings.string("password_file") == "/password")
        #expect(settings.string("group") == "-g")
        #expect(try Invocation(["-print-config", "-tls"]).action == .printConfiguration)
        #expect(try Invocation(["-help"]).action == .help)
    }

    @Test func `the version is the one that images are tagged with`() throws {
        #expect(try Invocation(["--version"]).action == .version)
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = root.deletingLastPathComponent().appending(path: "setup/VERSION")
        #expect(try String(contentsOf: file, encoding: .utf8) == "\(ProgramVersion.current)\n")
    }

    @Test(arguments: [
        (["--tpoics", "a"], "flag=\"--tpoics\" is not valid: one of those that --help lists"),
        (["topics=a"], "argument=\"topics\" is not valid: flags, after a command if any; --help lists them"),
        (["-pasword=secret"], "flag=\"-pasword\" is not valid: one of those that --help lists"),
        (["-x=secret"], "argument=\"-x\" is not valid: flags, after a command if any; --help lists them"),
        (["---tls=secret"], "argument=\"---tls\" is not valid: flags, after a command if any; --help lists them"),
        (["--topics"], "--topics is not set: --topics VALUE"),
        (["--group", "a", "--group=b"], "flag=\"--group\" is not valid: once"),
        (
            ["--kafka.sasl.password", "a", "--kafka.sasl.password=secret"],
            "flag=\"--kafka.sasl.password\" is not valid: once"
        ),
        (["--config", "/no/such/file"], "--config=\"/no/such/file\" is not valid: a file that can be read"),
    ])
    func `a bad command line is told in one line`(arguments: [String], message: String) {
        let error = #expect(throws: SettingError.self) { try settings(arguments) }
        #expect(error?.description == message)
    }

    @Test func `a file holds settings, lists, and librdkafka's properties by name or below kafka`() throws {
        let entries = try SettingsFile.parse(
            """
            # comment
            topics: [a, b]
            max_in_flight: 8
            group:
            kafka:
              session.timeout.ms: 9000
            kafka.client.id: me
            """, path: "c.yaml")
        let settings = Settings(layers: [entries])
        #expect(settings.list("topics") == ["a", "b"])
        #expect(settings.string("max_in_flight") == "8")
        #expect(settings.string("group") == nil)
        #expect(settings.string("kafka.session.timeout.ms") == "9000")
        #expect(settings.entry("kafka.client.id")?.origin == .file("c.yaml", line: 7))
    }

    @Test(arguments: [
        ("topics: a\ntpoics: b", "c.yaml:2=\"tpoics\" is not valid: a setting that --help lists"),
        ("topics: a\ngroup: x\n\ntopics: b", "c.yaml:1=\"topics\" is not valid: each name once; it comes again below"),
        ("- a", "c.yaml:1=\"a list\" is not valid: settings as `name: value`"),
        ("group:\n  a: b", "c.yaml:2: group=\"a mapping\" is not valid: one value, or a list of them"),
    ])
    func `what is no setting is told with its line`(text: String, message: String) {
        let error = #expect(throws: SettingError.self) { try SettingsFile.parse(text, path: "c.yaml") }
        #expect(error?.description == message)
    }

    @Test(arguments: ["a: [", "{", "a: b: c", "\u{0}", "? - :", "&a *a", String(repeating: "[", count: 10_000)])
    func `what is no YAML is refused, and never crashes`(text: String) {
        #expect(throws: SettingError.self) { try SettingsFile.parse(text, path: "c.yaml") }
    }

    @Test func `the effective settings say where each came from, hide secrets, and can be read again`() throws {
        let settings = try settings(
            ["--topics", "a", "--kafka.sasl.password=hunter2", "--kafka.ssl.key.location=/k"],
            environment: ["group": "g \"x\"", "kafka.ssl.key.password": "hunter2"])
        let text = SettingCatalog.effective(settings)
        #expect(text.contains("topics: \"a\"  # flag\n"))
        #expect(text.contains("group: \"g \\\"x\\\"\"  # environment\n"))
        #expect(text.contains("upstream_timeout: \"30s\"  # default\n"))
        #expect(text.contains("kafka.ssl.key.location: \"/k\"  # flag\n"))
        #expect(!text.contains("hunter2"))
        let open = text.replacing("\"***\"", with: "\"told\"")
        let again = Settings(layers: [try SettingsFile.parse(open, path: "c.yaml")])
        #expect(again.string("group") == "g \"x\"")
        let file = FileManager.default.temporaryDirectory.appending(path: "masked-\(UUID()).yaml").path()
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let secrets = ["--kafka.sasl.password", "a", "--kafka.ssl.key.password", "b"]
        let whole = try self.settings(["--config", file] + secrets)
        #expect(whole.string("kafka.sasl.password") == "a")
        let error = #expect(throws: SettingError.self) { try self.settings(["--config", file] + secrets.dropLast(2)) }
        #expect(error?.description.contains(": kafka.ssl.key.password=\"***\" is not valid: the secret itself") == true)
    }

    @Test(arguments: [
        (["broker_host": "old:9092"], "broker_host: \"old:9092\"  # environment\n", "broker_hosts: "),
        (["broker_hosts": "a:1", "broker_host": "b:2"], "broker_hosts: \"a:1\"  # environment\n", "broker_host: "),
        (["debug": "true"], "log_level: \"debug\"  # default\n", nil),
        (["retry_min_wait": "2m"], "retry_max_wait: \"2m\"  # default\n", "60s"),
    ])
    func `where one setting decides about another, what is in force is shown, and is so when it is read again`(
        environment: [String: String], shown: String, hidden: String?
    ) throws {
        let settings = Settings(environment: environment.merging(["topics": "a"]) { $1 })
        let text = SettingCatalog.effective(settings)
        #expect(text.contains(shown), "\(text)")
        if let hidden { #expect(!text.contains(hidden), "\(text)") }
        let again = Settings(layers: [try SettingsFile.parse(text, path: "c.yaml")])
        let (first, second) = (try KafkaConnectorSettings(settings), try KafkaConnectorSettings(again))
        #expect(first.kafka.brokers == second.kafka.brokers)
        #expect(first.log.level == second.log.level)
        #expect(first.connector.retry.maxWait == second.connector.retry.maxWait)
    }

    @Test func `a file that begins with a byte order mark is read`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "bom-\(UUID()).yaml")
        try Data([0xEF, 0xBB, 0xBF] + Array("topics: a\ngroup: g\n".utf8)).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let entries = try SettingsFile.read(file.path())
        #expect(entries["topics"]?.value == "a" && entries["group"]?.value == "g")
    }

    @Test func `help names every setting as a flag`() {
        for setting in SettingCatalog.all {
            #expect(SettingCatalog.help.contains("--\(Settings.Origin.flagName(setting.name))\n"))
        }
    }
}
