internal import Crypto

/// What a server keeps of a password: enough to check a proof, not enough to make one (RFC 5802 section 3).
struct ScramCredential: Sendable, Equatable {
    /// What Kafka takes: fewer are too easy to guess, more cost the broker too much.
    static let iterationsAccepted = 4096...16384
    static let defaultIterations = 4096

    let mechanism: ScramMechanism
    let salt: [UInt8]
    let iterations: Int
    let storedKey: Secret
    let serverKey: Secret

    private init(_ mechanism: ScramMechanism, saltedPassword: SymmetricKey, salt: [UInt8], iterations: Int) {
        self.mechanism = mechanism
        self.salt = salt
        self.iterations = iterations
        storedKey = Secret(mechanism.hash(mechanism.hmac(key: saltedPassword, Array("Client Key".utf8))))
        serverKey = Secret(mechanism.hmac(key: saltedPassword, Array("Server Key".utf8)))
    }

    /// Of a password that a client has salted and hashed itself.
    init(_ mechanism: ScramMechanism, saltedPassword: Secret, salt: [UInt8], iterations: Int) {
        self.init(
            mechanism, saltedPassword: SymmetricKey(data: saltedPassword.bytes), salt: salt, iterations: iterations)
    }

    init(_ mechanism: ScramMechanism, password: String, salt: [UInt8], iterations: Int = defaultIterations) {
        let salted = mechanism.saltedPassword(Array(password.utf8), salt: salt, iterations: iterations)
        self.init(mechanism, saltedPassword: salted, salt: salt, iterations: iterations)
    }

    /// With a salt by chance.
    init(_ mechanism: ScramMechanism, password: String, using random: inout some RandomNumberGenerator) {
        let salt = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        self.init(mechanism, password: password, salt: salt)
    }

    /// Costs as much as making the credential did.
    func matches(password: String) -> Bool {
        let other = ScramCredential(mechanism, password: password, salt: salt, iterations: iterations)
        return storedKey.matches(other.storedKey.bytes)
    }
}
