/// What one token of a SASL exchange leads to.
enum SASLStep: Sendable, Equatable {
    /// The client answers this with another token.
    case challenge([UInt8])
    case succeeded(SASLIdentity, lastToken: [UInt8] = [])
    /// Told to the client, so it names no secret and, as in Kafka, not which part was wrong.
    case failed(String)
}

/// Who an exchange found out.
struct SASLIdentity: Sendable, Equatable {
    let name: String
    /// Milliseconds since 1970 at which the proof loses its worth; nil: never.
    var expiresAtMilliseconds: Int64?
}

/// One exchange by any mechanism, from the first token to the end.
enum SASLExchange: Sendable {
    case plain
    case scram(ScramExchange)
    case oauthBearer(OAuthBearerExchange)

    init(_ mechanism: FakeBroker.SASLMechanism, using random: inout some RandomNumberGenerator) {
        switch mechanism {
        case .plain: self = .plain
        case .scramSHA256: self = .scram(ScramExchange(.sha256, serverNonce: ScramExchange.nonce(using: &random)))
        case .scramSHA512: self = .scram(ScramExchange(.sha512, serverNonce: ScramExchange.nonce(using: &random)))
        case .oauthBearer: self = .oauthBearer(OAuthBearerExchange())
        }
    }

    var mechanism: FakeBroker.SASLMechanism {
        switch self {
        case .plain: .plain
        case .scram(let exchange): exchange.mechanism.saslMechanism
        case .oauthBearer: .oauthBearer
        }
    }

    mutating func take(
        _ token: [UInt8], credentials: Credentials, tokens: TokenVerifier, wallMilliseconds: Int64
    ) -> SASLStep {
        switch self {
        case .plain:
            return PlainExchange.take(token, credentials: credentials)
        case .scram(var exchange):
            let step = exchange.take(token, credentials: credentials)
            self = .scram(exchange)
            return step
        case .oauthBearer(var exchange):
            let step = exchange.take(token, verifier: tokens, wallMilliseconds: wallMilliseconds)
            self = .oauthBearer(exchange)
            return step
        }
    }
}
