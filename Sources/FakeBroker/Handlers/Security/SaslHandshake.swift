internal import KafkaProtocol

// SaslHandshake (key 17): the client names the mechanism that it wants.
//
// v0: tokens follow as frames by themselves; v1: in SaslAuthenticate requests (KIP-152).

extension Cluster {
    mutating func saslHandshake(_ request: SaslHandshakeRequest, _ context: RequestContext, effects: inout Effects) {
        var response = SaslHandshakeResponse()
        response.mechanisms = security.mechanisms(for: context.connection).map(\.rawValue)
        let action = security.handshake(
            request.mechanism, tokensAreBare: context.tokensFollowBare, on: context.connection, at: now,
            using: &random)
        switch action {
        case .accepted: break
        case .illegal: response.errorCode = .illegalSaslState
        case .unsupported: response.errorCode = .unsupportedSaslMechanism
        }
        reply(to: context, .saslHandshake(response), error: response.errorCode, effects: &effects)
        if action == .unsupported {
            let reason = "SASL mechanism '\(request.mechanism.prefix(32))' is not offered on this listener"
            effects.append(.close(context.connection, reason: reason))
        }
    }
}

extension RequestContext {
    fileprivate var tokensFollowBare: Bool { apiVersion == 0 }
}
