// How the connector proves who it is to Kafka, and Kafka to it: settings in the names of the commercial connector's
// flags, as properties of librdkafka.

package import Connector
import Foundation
package import Kafka

package struct KafkaSecurity {
    private enum Mechanism: String, CaseIterable {
        case plain, scramSHA256 = "scram-sha-256", scramSHA512 = "scram-sha-512", oauthBearer = "oauthbearer"
    }

    /// Files of TLS, and librdkafka's names of them.
    static let files = [
        (setting: "ca_file", property: "ssl.ca.location"), (setting: "cert_file", property: "ssl.certificate.location"),
        (setting: "key_file", property: "ssl.key.location"),
    ]

    package private(set) var properties: [Configuration.Property] = []
    package private(set) var tokens: TokenProvider?

    /// Reads `tls`, `verify_ssl`, `ca_file`, `cert_file`, `key_file`, `sasl_mechanism`, `username_file`,
    /// `password_file` and `token_file`.
    package init(_ settings: Settings) throws(SettingError) {
        let tls = try settings.bool("tls", default: false)
        try readTLS(settings, tls)
        let isAuthenticated = try readSASL(settings)
        if tls || isAuthenticated {
            add("security.protocol", (isAuthenticated ? "sasl_" : "") + (tls ? "ssl" : "plaintext"))
        }
    }

    private mutating func add(_ name: String, _ value: String) { properties.append(.init(name: name, value: value)) }

    private mutating func readTLS(_ settings: Settings, _ tls: Bool) throws(SettingError) {
        for (name, property) in Self.files {
            guard let path = settings.string(name) else { continue }
            guard tls else { throw settings.error(name, accepted: "together with tls=true") }
            _ = try settings.fileText(name)
            add(property, path)
        }
        _ = try settings.files("cert_file", "key_file")
        if try !settings.bool("verify_ssl", default: true) { add("enable.ssl.certificate.verification", "false") }
    }

    /// Whether there is any.
    private mutating func readSASL(_ settings: Settings) throws(SettingError) -> Bool {
        let mechanism = try settings.choice("sasl_mechanism", default: Mechanism.plain)
        let hasPassword = settings.string("username_file") != nil || settings.string("password_file") != nil
        let token = settings.string("token_file")
        guard hasPassword || token != nil else {
            // What is left can only be meant for librdkafka, by `kafka.sasl.*`.
            if mechanism == .oauthBearer { throw settings.error("token_file", accepted: "a file, for oauthbearer") }
            let isForLibrdkafka = settings.string("kafka.security.protocol")?.lowercased().hasPrefix("sasl") == true
            // librdkafka's own default is Kerberos.
            if isForLibrdkafka {
                add("sasl.mechanisms", mechanism.rawValue.uppercased())
            } else if mechanism != .plain {
                throw settings.error("username_file", accepted: "a file, for \(mechanism.rawValue)")
            }
            return false
        }
        switch (mechanism, token) {
        case (.oauthBearer, let token?):
            guard !hasPassword else {
                throw settings.error("token_file", accepted: "without username_file and password_file")
            }
            let file = TokenFile(path: token)
            do throws(TokenFile.Unusable) { _ = try file.read() } catch {
                throw settings.error("token_file", accepted: "a file with a JSON Web Token; it \(error.problem)")
            }
            tokens = { try file.read() }
        case (.oauthBearer, nil): throw settings.error("token_file", accepted: "a file, for oauthbearer")
        case (_, _?): throw settings.error("token_file", accepted: "together with sasl_mechanism=oauthbearer")
        case (_, nil):
            try Self.checkPair(settings)
            let (user, password) = try Self.credentials(settings)
            add("sasl.username", user)
            add("sasl.password", password)
        }
        add("sasl.mechanisms", mechanism.rawValue.uppercased())
        return true
    }

    /// - Throws: For one of the two alone.
    private static func checkPair(_ settings: Settings) throws(SettingError) {
        guard settings.string("username_file") != nil else {
            throw settings.error("username_file", accepted: "a file, where there is password_file")
        }
        guard settings.string("password_file") != nil else {
            throw settings.error("password_file", accepted: "a file, where there is username_file")
        }
    }

    /// - Throws: For a file that cannot be read, or is empty.
    private static func credentials(_ settings: Settings) throws(SettingError) -> (user: String, password: String) {
        func read() throws(SettingError) -> (user: String, password: String) {
            (try credential("username_file", settings), try credential("password_file", settings))
        }
        var pair = try read()
        // Read while they are replaced, they could be one of the old and one of the new.
        for _ in 0..<5 {
            let again = try read()
            if again == pair { break }
            pair = again
        }
        return pair
    }

    private static func credential(_ name: String, _ settings: Settings) throws(SettingError) -> String {
        guard let text = try settings.fileText(name), !text.isEmpty else {
            throw settings.error(name, accepted: "a file that is not empty")
        }
        return text
    }
}
