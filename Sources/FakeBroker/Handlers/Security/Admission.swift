internal import KafkaProtocol

// The two questions that are asked before any handler: may this connection send such a request now, and may whoever
// it acts for do that to the cluster, the group or the transactional id that the request as a whole is about? What a
// request asks of single topics, groups or ids its handler asks itself, by ``Cluster/authorize(_:_:_:)``, for each
// gets an answer of its own.

extension Cluster {
    /// A connection has been made, and TLS, if any, has been agreed on.
    ///
    /// - Parameters:
    ///   - listener: where in the settings the listener stands that it came in by.
    ///   - certificateSubject: of the certificate that the client has proved to be its own, by RFC 2253.
    ///   - address: the client's IP address.
    package mutating func connectionOpened(
        _ connection: ConnectionID, listener: Int = 0, certificateSubject: String? = nil,
        address: String = "127.0.0.1", now: ClusterTime, effects: inout Effects
    ) {
        self.now = now
        security.opened(connection, listener: listener, certificateSubject: certificateSubject)
        countConnection(connection, from: address, effects: &effects)
    }

    /// Whether the next frame of a connection is no request but a token of SASL by itself.
    package func takesBareTokens(_ connection: ConnectionID) -> Bool {
        security.takesBareTokens(connection)
    }

    /// Notes who asks, and says whether the request may be handled. If not, it has been answered.
    mutating func admits(
        _ request: borrowing Request, _ context: inout RequestContext, effects: inout Effects
    ) -> Bool {
        switch security.admission(of: context.apiKey, on: context.connection, listener: context.listener, at: now) {
        case .admitted: break
        case .refused(let reason):
            close(context, reason: reason, effects: &effects)
            return false
        }
        context.principal = security.principal(of: context.connection)
        guard security.accessControl != nil, let error = authorizationError(request, context) else { return true }
        if context.apiKey == .produce, case .produce(let body) = copy request, body.acks == 0 {
            close(context, reason: "produce without acknowledgement failed: \(error)", effects: &effects)
        } else {
            reply(
                to: context, Response(refusing: copy request, with: error), error: error, effects: &effects)
        }
        return false
    }

    // MARK: Authorization

    /// May whoever asked do this?
    func authorize(_ operation: FakeBroker.ACL.Operation, _ resource: Resource, _ context: RequestContext) -> Bool {
        security.accessControl.map { $0.authorize(context.asker, operation, resource) } ?? true
    }

    /// TOPIC_AUTHORIZATION_FAILED if whoever asked may not do this to the topic.
    ///
    /// - Parameter topic: nil: it is not known under the id that was given, and nothing is told.
    func authorizationError(
        _ operation: FakeBroker.ACL.Operation, topic: String?, _ context: RequestContext
    ) -> ErrorCode? {
        guard let topic, !authorize(operation, .topic(topic), context) else { return nil }
        return .topicAuthorizationFailed
    }

    /// What whoever asked may do to the resource, a bit for each operation (KIP-430).
    func authorizedOperations(on resource: Resource, _ context: RequestContext) -> Int32 {
        security.accessControl.map { $0.authorizedOperations(context.asker, on: resource) }
            ?? resource.type.supportedOperations.bits
    }
}

extension RequestContext {
    var asker: AccessControlList.Asker {
        AccessControlList.Asker(principal: principal, host: String(clientHost.drop { $0 == "/" }))
    }
}
