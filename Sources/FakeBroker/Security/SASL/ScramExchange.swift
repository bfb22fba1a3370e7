import Base64Coding

/// SCRAM on the server's side (RFC 5802, with the hash functions of RFC 7677 and SHA-512).
///
/// Like Kafka it takes names as they are written, without SASLprep, and offers no channel binding.
struct ScramExchange: Sendable {
    private enum State: Sendable {
        case awaitingFirst
        case awaitingFinal(ScramMessages.ClientFirst, serverFirst: String, nonce: String, ScramCredential)
        case ended
    }

    let mechanism: ScramMechanism
    private let serverNonce: String
    private var state = State.awaitingFirst

    init(_ mechanism: ScramMechanism, serverNonce: String) {
        self.mechanism = mechanism
        self.serverNonce = serverNonce
    }

    /// 144 bits in characters that a nonce may have.
    static func nonce(using random: inout some RandomNumberGenerator) -> String {
        Base64.encode((0..<18).map { _ in UInt8.random(in: 0...255, using: &random) })
    }

    mutating func take(_ token: [UInt8], credentials: Credentials) -> SASLStep {
        let text = String(validating: token, as: UTF8.self)
        switch state {
        case .awaitingFirst:
            return takeFirst(text.flatMap(ScramMessages.ClientFirst.init), credentials)
        case .awaitingFinal(let first, let serverFirst, let nonce, let credential):
            state = .ended
            // The whole nonce is due. librdkafka 2.0.2 sends its own part once more in front, and Kafka lets it.
            guard let final = text.flatMap(ScramMessages.ClientFinal.init),
                final.channelBinding == Array(first.gs2Header.utf8),
                final.nonce == nonce || final.nonce == first.nonce + nonce
            else { return .failed(malformed) }
            return check(final, by: credential, message: "\(first.bare),\(serverFirst),\(final.withoutProof)", first)
        case .ended:
            return .failed(malformed)
        }
    }

    private mutating func takeFirst(_ first: ScramMessages.ClientFirst?, _ credentials: Credentials) -> SASLStep {
        state = .ended
        guard let first else { return .failed(malformed) }
        guard first.authorizationID.isEmpty || first.authorizationID == first.user else {
            return .failed(
                "Authentication failed: Client requested an authorization id that is different from username")
        }
        guard let credential = credentials.scramCredential(of: first.user, for: mechanism) else {
            return .failed(refused)
        }
        let nonce = first.nonce + serverNonce
        let serverFirst = "r=\(nonce),s=\(Base64.encode(credential.salt)),i=\(credential.iterations)"
        state = .awaitingFinal(first, serverFirst: serverFirst, nonce: nonce, credential)
        return .challenge(Array(serverFirst.utf8))
    }

    private func check(
        _ final: ScramMessages.ClientFinal, by credential: ScramCredential, message: String,
        _ first: ScramMessages.ClientFirst
    ) -> SASLStep {
        let message = Array(message.utf8)
        let signature = mechanism.hmac(key: credential.storedKey, message)
        guard final.proof.count == signature.count else { return .failed(refused) }
        let clientKey = zip(final.proof, signature).map { $0 ^ $1 }
        guard credential.storedKey.matches(mechanism.hash(clientKey)) else { return .failed(refused) }
        let verifier = Base64.encode(mechanism.hmac(key: credential.serverKey, message))
        return .succeeded(SASLIdentity(name: first.user), lastToken: Array("v=\(verifier)".utf8))
    }

    private var malformed: String { "Authentication failed: Invalid \(mechanism.saslMechanism) message" }

    private var refused: String {
        "Authentication failed during authentication due to invalid credentials with SASL mechanism "
            + mechanism.saslMechanism.rawValue
    }
}
