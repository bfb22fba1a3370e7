internal import Crypto
internal import CryptoExtras

/// The hash functions of SCRAM, and what RFC 5802 builds from them.
enum ScramMechanism: Sendable, Hashable, CaseIterable {
    case sha256
    case sha512

    /// As AlterUserScramCredentials numbers it (KIP-554).
    init?(wireNumber: Int8) {
        switch wireNumber {
        case 1: self = .sha256
        case 2: self = .sha512
        default: return nil
        }
    }

    var wireNumber: Int8 {
        switch self {
        case .sha256: 1
        case .sha512: 2
        }
    }

    var saslMechanism: FakeBroker.SASLMechanism {
        switch self {
        case .sha256: .scramSHA256
        case .sha512: .scramSHA512
        }
    }

    var byteCount: Int {
        switch self {
        case .sha256: SHA256.byteCount
        case .sha512: SHA512.byteCount
        }
    }

    func hash(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .sha256: Array(SHA256.hash(data: bytes))
        case .sha512: Array(SHA512.hash(data: bytes))
        }
    }

    func hmac(key: SymmetricKey, _ message: [UInt8]) -> [UInt8] {
        switch self {
        case .sha256: Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
        case .sha512: Array(HMAC<SHA512>.authenticationCode(for: message, using: key))
        }
    }

    func hmac(key: Secret, _ message: [UInt8]) -> [UInt8] {
        hmac(key: SymmetricKey(data: key.bytes), message)
    }

    /// RFC 5802's `Hi`, which is PBKDF2.
    func saltedPassword(_ password: [UInt8], salt: [UInt8], iterations: Int) -> SymmetricKey {
        do {
            return try KDF.Insecure.PBKDF2.deriveKey(
                from: password, salt: salt, using: self == .sha256 ? .sha256 : .sha512, outputByteCount: byteCount,
                unsafeUncheckedRounds: iterations)
        } catch {
            preconditionFailure("PBKDF2 fails only for a length or a count that is not positive: \(error)")
        }
    }
}
