import Base64Coding
import Crypto

@testable import FakeBroker

/// The other side of SCRAM, by RFC 5802, so that tests can log in.
struct ScramClient {
    let mechanism: ScramMechanism
    let user: String
    let password: String
    var nonce = "fyko+d2lbbFgONRv9qkxdawL"
    /// What the header says: `n` (no channel binding) or `y` (could have it).
    var flag = "n"
    var authorizationID = ""
    /// As librdkafka 2.0.2 does.
    var repeatsItsNonce = false
    private var messages: (bare: String, expected: String) = ("", "")

    init(_ mechanism: ScramMechanism, _ user: String, _ password: String) {
        self.mechanism = mechanism
        self.user = user
        self.password = password
    }

    private var header: String { "\(flag),\(authorizationID.isEmpty ? "" : "a=\(authorizationID)")," }

    mutating func first() -> [UInt8] {
        let name = user.replacing("=", with: "=3D").replacing(",", with: "=2C")
        messages.bare = "n=\(name),r=\(nonce)"
        return Array("\(header)\(messages.bare)".utf8)
    }

    mutating func final(answering serverFirst: [UInt8]) throws -> [UInt8] {
        let text = String(decoding: serverFirst, as: UTF8.self)
        var fields: [Character: String] = [:]
        for field in text.split(separator: ",") { fields[field.first ?? " "] = String(field.dropFirst(2)) }
        guard let nonce = fields["r"], let salt = fields["s"].flatMap({ Base64.decode($0.utf8) }),
            let iterations = fields["i"].flatMap({ Int($0) })
        else { throw NotUnderstood(text: text) }
        let withoutProof = "c=\(Base64.encode(header.utf8)),r=\(repeatsItsNonce ? self.nonce : "")\(nonce)"
        let message = Array("\(messages.bare),\(text),\(withoutProof)".utf8)
        let salted = mechanism.saltedPassword(Array(password.utf8), salt: salt, iterations: iterations)
        let clientKey = mechanism.hmac(key: salted, Array("Client Key".utf8))
        let signature = mechanism.hmac(key: Secret(mechanism.hash(clientKey)), message)
        let serverKey = mechanism.hmac(key: salted, Array("Server Key".utf8))
        messages.expected = "v=\(Base64.encode(mechanism.hmac(key: Secret(serverKey), message)))"
        return Array("\(withoutProof),p=\(Base64.encode(zip(clientKey, signature).map { $0 ^ $1 }))".utf8)
    }

    /// Whether the server has proved that it knows the password too.
    func accepts(_ serverFinal: [UInt8]) -> Bool { Array(messages.expected.utf8) == serverFinal }

    struct NotUnderstood: Error {
        let text: String
    }
}
