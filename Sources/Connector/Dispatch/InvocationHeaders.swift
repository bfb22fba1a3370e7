/// The headers of one invocation, in order: what connectors always send, then what the source says of the event.
func invocationHeaders(for event: Event, contentType: String?) -> [EventAttribute] {
    var headers: [EventAttribute] = []
    headers.reserveCapacity(3 + event.attributes.count)
    if let contentType { headers.append(EventAttribute(name: "Content-Type", value: contentType)) }
    headers.append(EventAttribute(name: "X-Connector", value: "openfaas-kafka-connector"))
    headers.append(EventAttribute(name: "X-Topic", value: event.topic))
    headers += event.attributes
    return headers
}
