internal import KafkaProtocol

/// Who is connected, who may come in, and what they may do. Part of the cluster's value.
///
/// Decides by the time and the chance that are handed in. It never tells a password, a key or a token: what it says
/// to logs, the journal and clients names users, mechanisms and times only.
///
/// Sources: KIP-12, KIP-43, KIP-84, KIP-152, KIP-255, KIP-368, KIP-554 for authentication; KIP-11, KIP-290, KIP-430,
/// KIP-679 for authorization.
struct SecurityState: Sendable {
    private struct Peer: Sendable {
        /// By its certificate, or anonymous.
        let principal: Principal
        var sasl: SASLSession?
    }

    private let listeners: [FakeBroker.Listener]
    private let sessionLifetime: Duration?
    let tokens: TokenVerifier
    var credentials = Credentials()
    /// Nil: there is no authorizer, everybody may do everything.
    var accessControl: AccessControlList?
    /// For look-ups only.
    private var peers: [ConnectionID: Peer] = [:]

    /// - Precondition: the settings have been validated.
    init(_ settings: FakeBroker.Security, using random: inout some RandomNumberGenerator) {
        listeners = settings.listeners
        sessionLifetime = settings.sessionLifetime
        do throws(TokenKeyError) {
            tokens = try TokenVerifier(settings.oauth)
        } catch {
            preconditionFailure("The token keys were not validated: \(error)")
        }
        accessControl = settings.authorization.map { authorization in
            AccessControlList(
                superUsers: Set(authorization.superUsers),
                allowsEveryoneIfNoACLFound: authorization.allowEveryoneIfNoACLFound, rules: authorization.acls)
        }
        let mechanisms = Set(listeners.filter(\.securityProtocol.usesSASL).flatMap(\.mechanisms))
        for user in settings.users {
            setPassword(user.password, of: user.name, for: mechanisms, using: &random)
        }
    }

    /// Makes the credentials that the mechanisms need; each costs some milliseconds of hashing.
    mutating func setPassword(
        _ password: String, of user: String, for mechanisms: Set<FakeBroker.SASLMechanism>,
        using random: inout some RandomNumberGenerator
    ) {
        if mechanisms.contains(.plain) {
            credentials.setPlain(ScramCredential(.sha256, password: password, using: &random), of: user)
        }
        for mechanism in ScramMechanism.allCases where mechanisms.contains(mechanism.saslMechanism) {
            credentials.setScram(ScramCredential(mechanism, password: password, using: &random), of: user)
        }
    }

    // MARK: Connections

    /// - Parameter certificateSubject: of the certificate that the client has proved to be its own, by RFC 2253.
    mutating func opened(_ connection: ConnectionID, listener: Int, certificateSubject: String?) {
        let listener = listeners[listener]
        let session =
            listener.securityProtocol.usesSASL
            ? SASLSession(mechanisms: listener.mechanisms, lifetimeLimit: sessionLifetime) : nil
        let principal = certificateSubject.map { Principal(name: $0) } ?? .anonymous
        guard session != nil || principal != .anonymous else { return }
        peers[connection] = Peer(principal: principal, sasl: session)
    }

    mutating func closed(_ connection: ConnectionID) {
        peers[connection] = nil
    }

    func principal(of connection: ConnectionID) -> Principal {
        guard !peers.isEmpty, let peer = peers[connection] else { return .anonymous }
        return peer.sasl.map { $0.principal ?? .anonymous } ?? peer.principal
    }

    // MARK: Authentication

    /// - Parameter listener: where in the settings the listener stands that the connection came in by.
    func admission(
        of api: APIKey, on connection: ConnectionID, listener: Int, at now: ClusterTime
    ) -> SASLSession.Admission {
        guard listeners[listener].securityProtocol.usesSASL else { return .admitted }
        // A connection that is not known here, say because an earlier state was restored, has proved nothing.
        return peers[connection]?.sasl?.admission(of: api, at: now)
            ?? .refused(reason: "\(api.name) on a connection that is not known")
    }

    /// The mechanisms that a connection may choose from; none on a listener without SASL.
    func mechanisms(for connection: ConnectionID) -> [FakeBroker.SASLMechanism] {
        peers[connection]?.sasl?.mechanisms ?? []
    }

    mutating func handshake(
        _ mechanism: String, tokensAreBare: Bool, on connection: ConnectionID, at now: ClusterTime,
        using random: inout some RandomNumberGenerator
    ) -> SASLSession.HandshakeAction {
        peers[connection]?.sasl?.handshake(mechanism, tokensAreBare: tokensAreBare, at: now, using: &random)
            ?? .illegal
    }

    /// Whether the connection's next frame is no request but a token by itself.
    func takesBareTokens(_ connection: ConnectionID) -> Bool {
        guard !peers.isEmpty else { return false }
        return peers[connection]?.sasl?.takesBareTokens ?? false
    }

    mutating func take(_ token: [UInt8], on connection: ConnectionID, at now: ClusterTime) -> SASLSession.TokenAction {
        peers[connection]?.sasl?.take(token, credentials: credentials, tokens: tokens, at: now) ?? .illegal
    }
}
