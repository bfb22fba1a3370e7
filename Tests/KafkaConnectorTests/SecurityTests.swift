import Connector
import Foundation
import Kafka
import KafkaConnector
import KafkaSource
import Testing

/// Credentials in files: what is taken, and what is told of those that are not.
@Suite struct SecurityTests {
    private func settings(_ files: [String: String], _ values: [String: String]) throws -> KafkaConnectorSettings {
        let folder = FileManager.default.temporaryDirectory.appending(path: "security-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var all = ["topics": "a"].merging(values) { $1 }
        for (name, content) in files {
            let file = folder.appending(path: name)
            try Data(content.utf8).write(to: file)
            all[name] = file.path()
        }
        return try KafkaConnectorSettings(Settings(environment: all))
    }

    private func property(_ name: String, of settings: KafkaConnectorSettings) -> String? {
        settings.kafka.properties.last { $0.name == name }?.value
    }

    @Test func `a user and a password are taken without the end of their lines`() throws {
        let settings = try settings(["username_file": "alice\n", "password_file": " s3cret \r\n"], [:])
        #expect(property("sasl.username", of: settings) == "alice")
        #expect(property("sasl.password", of: settings) == " s3cret ")
        #expect(property("sasl.mechanisms", of: settings) == "PLAIN")
        #expect(property("security.protocol", of: settings) == "sasl_plaintext")
    }

    @Test func `a change between the reading of the settings and the first look is seen`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "security-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (user, password) = (folder.appending(path: "user"), folder.appending(path: "password"))
        for file in [user, password] { try Data("old".utf8).write(to: file) }
        let settings = try KafkaConnectorSettings(
            Settings(environment: [
                "topics": "a", "username_file": user.path(), "password_file": password.path(),
            ]))
        try Data("new".utf8).write(to: password)
        var watch = settings.files
        // One of the two may be yet to come.
        #expect(watch.look() == .none)
        #expect(watch.look() == .credentials(user: "old", password: "new"))
        #expect(watch.look() == .none)
    }

    /// `{"sub":"alice","exp":4102444800}`
    private static let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6NDEwMjQ0NDgwMH0.c2ln"

    @Test func `a token is what OAUTHBEARER logs in with`() throws {
        let settings = try settings(["token_file": "\(Self.token)\n"], ["sasl_mechanism": "oauthbearer", "tls": "1"])
        #expect(property("sasl.mechanisms", of: settings) == "OAUTHBEARER")
        #expect(property("security.protocol", of: settings) == "sasl_ssl")
        #expect(settings.kafka.tokens != nil)
    }

    @Test(
        arguments: [
            (["username_file": "", "password_file": "x"], [:], "username_file", "a file that is not empty"),
            (["username_file": "x", "password_file": "\n"], [:], "password_file", "a file that is not empty"),
            (["username_file": "x"], [:], "password_file", "where there is username_file"),
            ([:], ["sasl_mechanism": "scram-sha-512"], "username_file", "a file, for scram-sha-512"),
            (["password_file": "x"], [:], "username_file", "where there is password_file"),
            (["token_file": "x"], [:], "token_file", "together with sasl_mechanism=oauthbearer"),
            (["token_file": ""], ["sasl_mechanism": "oauthbearer"], "token_file", "it is empty"),
            (["token_file": "a.b.c"], ["sasl_mechanism": "oauthbearer"], "token_file", "holds no JSON Web Token"),
            ([:], ["sasl_mechanism": "oauthbearer"], "token_file", "a file, for oauthbearer"),
            (
                ["token_file": token, "username_file": "x", "password_file": "x"], ["sasl_mechanism": "oauthbearer"],
                "token_file", "without username_file and password_file"
            ),
            (["ca_file": "x"], [:], "ca_file", "together with tls=true"),
            ([:], ["topics": "a,dead", "dead_letter_topic": "dead"], "dead_letter_topic", "not among topics"),
        ] as [([String: String], [String: String], String, String)])
    func `what does not fit is told by its name, without what the file holds`(
        files: [String: String], values: [String: String], name: String, words: String
    ) {
        let error = #expect(throws: SettingError.self) { try settings(files, values) }
        #expect(error?.name == name)
        #expect(error?.description.contains(words) == true, "\(error as Any)")
        #expect(error?.description.contains("a.b.c") == false)
    }
}
