internal import KafkaProtocol
internal import NIOCore

// SaslAuthenticate (key 36): one token of the exchange that SaslHandshake began.
//
// From v1 the answer says how long the session may last (KIP-368).

extension Cluster {
    mutating func saslAuthenticate(
        _ request: SaslAuthenticateRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = SaslAuthenticateResponse()
        var refusal: String?
        if request.authBytes.readableBytes > settings.limits.saslTokenBytes {
            refusal =
                "A token of \(request.authBytes.readableBytes) bytes; "
                + "\(settings.limits.saslTokenBytes) are accepted"
        } else {
            switch security.take(Array(request.authBytes.readableBytesView), on: context.connection, at: now) {
            case .challenge(let challenge):
                response.authBytes = ByteBuffer(bytes: challenge)
            case .authenticated(let lastToken, let lifetime):
                response.authBytes = ByteBuffer(bytes: lastToken)
                response.sessionLifetimeMs = lifetime
            case .illegal:
                response.errorCode = .illegalSaslState
                response.errorMessage = "SaslAuthenticate request received after successful authentication"
            case .failed(let reason):
                refusal = reason
            }
        }
        if let refusal {
            response.errorCode = .saslAuthenticationFailed
            response.errorMessage = refusal
        }
        reply(to: context, .saslAuthenticate(response), error: response.errorCode, effects: &effects)
        if let refusal { effects.append(.close(context.connection, reason: refusal)) }
    }
}
