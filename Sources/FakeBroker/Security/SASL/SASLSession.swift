internal import KafkaProtocol

/// One connection's way through SASL: handshake, tokens, a session that may end, and authentication anew before that
/// (KIP-43, KIP-152, KIP-368).
///
/// A connection that has failed is to be closed; nothing it sends afterwards is looked at.
struct SASLSession: Sendable {
    private struct Authenticated: Sendable {
        let identity: SASLIdentity
        let mechanism: FakeBroker.SASLMechanism
        /// Since the cluster's start; nil: never.
        let expiry: Duration?
        var lastReauthentication: Duration?

        func hasExpired(at now: ClusterTime) -> Bool { expiry.map { $0 < now.elapsed } ?? false }
    }

    private enum State: Sendable {
        case awaitingHandshake
        case exchanging(SASLExchange, asBareTokens: Bool, before: Authenticated?)
        case authenticated(Authenticated)
        case failed
    }

    enum Admission: Sendable, Equatable {
        case admitted
        case refused(reason: String)
    }

    enum HandshakeAction: Sendable, Equatable {
        case accepted
        /// Answer the error and go on.
        case illegal
        /// Answer the error, then close.
        case unsupported
    }

    enum TokenAction: Sendable, Equatable {
        case challenge([UInt8])
        case authenticated(lastToken: [UInt8], sessionLifetimeMilliseconds: Int64)
        /// Answer ILLEGAL_SASL_STATE and go on.
        case illegal
        /// Answer SASL_AUTHENTICATION_FAILED with this message, then close.
        case failed(String)
    }

    /// Kafka lets nobody authenticate anew more often.
    static let leastReauthenticationInterval = Duration.seconds(1)

    let mechanisms: [FakeBroker.SASLMechanism]
    private let lifetimeLimit: Duration?
    private var state = State.awaitingHandshake

    /// - Parameter lifetimeLimit: how long a session may last; nil: as long as the proof is good.
    init(mechanisms: [FakeBroker.SASLMechanism], lifetimeLimit: Duration?) {
        self.mechanisms = mechanisms
        self.lifetimeLimit = lifetimeLimit
    }

    /// Nobody, until authentication has succeeded; during a later one still whoever it was.
    var principal: Principal? {
        switch state {
        case .authenticated(let authenticated), .exchanging(_, _, before: .some(let authenticated)):
            Principal(name: authenticated.identity.name)
        case .awaitingHandshake, .exchanging(_, _, before: .none), .failed:
            nil
        }
    }

    /// Whether the next frame is no request but a token by itself, as after version 0 of SaslHandshake.
    var takesBareTokens: Bool {
        guard case .exchanging(_, let asBareTokens, _) = state else { return false }
        return asBareTokens
    }

    // MARK: Events

    /// A request has come in: may it be handled at all?
    func admission(of api: APIKey, at now: ClusterTime) -> Admission {
        switch state {
        case .awaitingHandshake:
            [.apiVersions, .saslHandshake, .saslAuthenticate].contains(api)
                ? .admitted : .refused(reason: "\(api.name) before SASL authentication")
        case .exchanging:
            api == .saslAuthenticate ? .admitted : .refused(reason: "\(api.name) during SASL authentication")
        case .authenticated(let authenticated):
            authenticated.hasExpired(at: now) && !(api == .saslHandshake && mayReauthenticate(authenticated, at: now))
                ? .refused(reason: "\(api.name) after the SASL session has expired") : .admitted
        case .failed:
            .refused(reason: "\(api.name) after SASL authentication has failed")
        }
    }

    mutating func handshake(
        _ name: String, tokensAreBare: Bool = false, at now: ClusterTime,
        using random: inout some RandomNumberGenerator
    ) -> HandshakeAction {
        var before: Authenticated?
        if case .authenticated(var authenticated) = state {
            guard mayReauthenticate(authenticated, at: now) else { return .illegal }
            authenticated.lastReauthentication = now.elapsed
            before = authenticated
        }
        guard let mechanism = FakeBroker.SASLMechanism(rawValue: name), mechanisms.contains(mechanism),
            before == nil || before?.mechanism == mechanism
        else {
            state = .failed
            return .unsupported
        }
        state = .exchanging(
            SASLExchange(mechanism, using: &random), asBareTokens: tokensAreBare, before: before)
        return .accepted
    }

    mutating func take(
        _ token: [UInt8], credentials: Credentials, tokens: TokenVerifier, at now: ClusterTime
    ) -> TokenAction {
        switch state {
        case .awaitingHandshake, .failed:
            state = .failed
            return .failed("SaslAuthenticate without SaslHandshake")
        case .authenticated:
            return .illegal
        case .exchanging(var exchange, let asBareTokens, let before):
            let step = exchange.take(
                token, credentials: credentials, tokens: tokens, wallMilliseconds: now.wallMilliseconds)
            switch step {
            case .challenge(let challenge):
                state = .exchanging(exchange, asBareTokens: asBareTokens, before: before)
                return .challenge(challenge)
            case .failed(let message):
                state = .failed
                return .failed(message)
            case .succeeded(let identity, let lastToken):
                return succeed(identity, exchange.mechanism, lastToken, before, at: now)
            }
        }
    }

    private mutating func succeed(
        _ identity: SASLIdentity, _ mechanism: FakeBroker.SASLMechanism, _ lastToken: [UInt8],
        _ before: Authenticated?, at now: ClusterTime
    ) -> TokenAction {
        if let before, before.identity.name != identity.name {
            state = .failed
            return .failed(
                "Cannot change principals during re-authentication from User: \(before.identity.name): "
                    + "User: \(identity.name)")
        }
        let proofLifetime = identity.expiresAtMilliseconds.map { Duration.milliseconds($0 - now.wallMilliseconds) }
        let lifetime = [proofLifetime, lifetimeLimit].compactMap(\.self).min().map { max($0, .zero) }
        state = .authenticated(
            Authenticated(
                identity: identity, mechanism: mechanism, expiry: lifetime.map { now.elapsed + $0 },
                lastReauthentication: before?.lastReauthentication))
        return .authenticated(
            lastToken: lastToken, sessionLifetimeMilliseconds: lifetime.map { Int64($0 / .milliseconds(1)) } ?? 0)
    }

    private func mayReauthenticate(_ authenticated: Authenticated, at now: ClusterTime) -> Bool {
        guard authenticated.expiry != nil else { return false }
        return authenticated.lastReauthentication.map {
            now.elapsed - $0 >= Self.leastReauthenticationInterval
        } ?? true
    }
}
