internal import OrderedCollections

/// The passwords that users log in with, as salted keys: PLAIN's, which are configured, and SCRAM's, which
/// AlterUserScramCredentials changes too (KIP-554). As in Kafka the two know nothing of each other.
struct Credentials: Sendable {
    /// For look-ups only. PLAIN has no stored form of its own; one form serves all.
    private var plain: [String: ScramCredential] = [:]
    private var scram: OrderedDictionary<String, [ScramCredential]> = [:]

    /// Users with a SCRAM credential, in the order in which they got their first.
    var scramUsers: [String] { Array(scram.keys) }

    func plainCredential(of user: String) -> ScramCredential? { plain[user] }

    /// By mechanism.
    func scramCredentials(of user: String) -> [ScramCredential] { scram[user] ?? [] }

    func scramCredential(of user: String, for mechanism: ScramMechanism) -> ScramCredential? {
        scramCredentials(of: user).first { $0.mechanism == mechanism }
    }

    mutating func setPlain(_ credential: ScramCredential, of user: String) {
        plain[user] = credential
    }

    mutating func setScram(_ credential: ScramCredential, of user: String) {
        var all = scramCredentials(of: user).filter { $0.mechanism != credential.mechanism }
        all.append(credential)
        scram[user] = all.sorted { $0.mechanism.wireNumber < $1.mechanism.wireNumber }
    }

    mutating func removeScram(_ mechanism: ScramMechanism, of user: String) {
        let left = scramCredentials(of: user).filter { $0.mechanism != mechanism }
        scram[user] = left.isEmpty ? nil : left
    }
}
