extension Connector {
    private var isStructured: Bool { configuration.cloudEvents == .structured }

    /// The way to a function for the events of a topic.
    func route(to function: FunctionName, for topic: String) -> CallRoute {
        let headers = InvocationHeaders.common(
            to: topic, of: sourceHeaders,
            contentType: isStructured ? CloudEvent.contentType : configuration.contentType)
        return gateway.route(to: function, mode: configuration.invocationMode, headers: headers)
    }

    /// The request that a function gets for an event.
    func makeInvocation(on route: CallRoute, with event: Event) -> Invocation {
        var headers = InvocationHeaders(for: event, of: sourceHeaders)
        var body: Bytes?
        switch configuration.cloudEvents {
        case .off: break
        case .binary:
            for header in CloudEvent(event, sourceKind: source.kind).headers {
                headers.append(header.name, header.value)
            }
        case .structured:
            body = CloudEvent(event, sourceKind: source.kind)
                .json(payload: event.payload, contentType: configuration.contentType)
        }
        return Invocation(
            route, event: event, headers: headers.list, body: body, replyBodyLimit: configuration.replyBodyLimit)
    }
}
