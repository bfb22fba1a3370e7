// How the connector proves who it is to Kafka, and Kafka to it: settings in the names of the commercial connector's
// flags, as properties of librdkafka.

import Connector
import Foundation
import Kafka

enum KafkaSecurity {
    private enum Mechanism: String, CaseIterable {
        case plain, scramSHA256 = "scram-sha-256", scramSHA512 = "scram-sha-512"
    }

    /// Reads `tls`, `ca_file`, `cert_file`, `key_file`, `username_file`, `password_file` and `sasl_mechanism`.
    static func properties(_ settings: Settings) throws(SettingError) -> [Configuration.Property] {
        var properties: [Configuration.Property] = []
        func add(_ name: String, _ value: String) { properties.append(.init(name: name, value: value)) }

        let tls = try settings.bool("tls", default: false)
        for (name, property) in [
            ("ca_file", "ssl.ca.location"), ("cert_file", "ssl.certificate.location"),
            ("key_file", "ssl.key.location"),
        ] {
            guard let path = settings.string(name) else { continue }
            guard tls else { throw settings.error(name, accepted: "together with tls=true") }
            _ = try content(of: path, name, settings)
            add(property, path)
        }
        let credentials = try credentials(settings)
        if let credentials {
            let mechanism = try settings.choice("sasl_mechanism", default: Mechanism.plain)
            add("sasl.mechanisms", mechanism.rawValue.uppercased())
            add("sasl.username", credentials.user)
            add("sasl.password", credentials.password)
        }
        if tls || credentials != nil {
            add("security.protocol", (credentials == nil ? "" : "sasl_") + (tls ? "ssl" : "plaintext"))
        }
        return properties
    }

    /// - Throws: For a file that cannot be read, and for one of the two alone.
    private static func credentials(_ settings: Settings) throws(SettingError) -> (user: String, password: String)? {
        switch (settings.string("username_file"), settings.string("password_file")) {
        case (nil, nil): return nil
        case (let user?, let password?):
            return (
                try content(of: user, "username_file", settings), try content(of: password, "password_file", settings)
            )
        case (_?, nil): throw settings.error("password_file", accepted: "a file, where there is username_file")
        case (nil, _?): throw settings.error("username_file", accepted: "a file, where there is password_file")
        }
    }

    /// Without the line's end that editors add.
    private static func content(
        of path: String, _ name: String, _ settings: Settings
    ) throws(SettingError) -> String {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 1024 * 1024,
            let text = String(data: data, encoding: .utf8)
        else { throw settings.error(name, accepted: "a file of text that can be read") }
        return text.trimmingCharacters(in: .newlines)
    }
}
