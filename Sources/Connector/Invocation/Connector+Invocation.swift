extension Connector {
    /// The request that a function gets for an event.
    func makeInvocation(of function: FunctionName, with event: Event) -> Invocation {
        let isStructured = configuration.cloudEvents == .structured
        var headers = InvocationHeaders(
            for: event, of: sourceHeaders,
            contentType: isStructured ? CloudEvent.contentType : configuration.contentType)
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
            function: function, event: event, mode: configuration.invocationMode, headers: headers.list, body: body,
            replyBodyLimit: configuration.replyBodyLimit)
    }
}
