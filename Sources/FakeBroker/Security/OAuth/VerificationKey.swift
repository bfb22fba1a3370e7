internal import Crypto
internal import CryptoExtras

/// A key ready to verify signatures.
struct VerificationKey: Sendable {
    private enum Material: Sendable {
        case hs256(SymmetricKey)
        case rs256(_RSA.Signing.PublicKey)
        case es256(P256.Signing.PublicKey)
    }

    let algorithm: FakeBroker.TokenKey.Algorithm
    let id: String?
    private let material: Material

    init(_ key: FakeBroker.TokenKey) throws(TokenKeyError) {
        algorithm = key.algorithm
        id = key.id
        do {
            switch key.material {
            case .secret(let secret): material = .hs256(SymmetricKey(data: secret.bytes))
            case .publicKeyPEM(let pem) where key.algorithm == .rs256:
                material = .rs256(try _RSA.Signing.PublicKey(pemRepresentation: pem))
            case .publicKeyPEM(let pem): material = .es256(try P256.Signing.PublicKey(pemRepresentation: pem))
            }
        } catch {
            throw TokenKeyError(algorithm: key.algorithm)
        }
    }

    func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
        switch material {
        case .hs256(let key):
            HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: bytes, using: key)
        case .rs256(let key):
            key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: bytes),
                padding: .insecurePKCS1v1_5)
        case .es256(let key):
            (try? P256.Signing.ECDSASignature(rawRepresentation: signature)).map {
                key.isValidSignature($0, for: SHA256.hash(data: bytes))
            } ?? false
        }
    }
}

/// A text that should have been a public key is none.
struct TokenKeyError: Error, Sendable, Equatable {
    let algorithm: FakeBroker.TokenKey.Algorithm
}
