internal import Connector

extension Event {
    /// A message of RabbitMQ as an event of the connector.
    convenience init(_ message: IncomingMessage, id: EventID, epoch: Epoch) {
        var attributes: [EventAttribute] = []
        if let id = message.properties.id, let text = Self.headerText(id) {
            attributes.append(EventAttribute(name: "X-Rabbitmq-Msg-Id", value: text))
        }
        if let text = Self.headerText(message.routingKey) {
            attributes.append(EventAttribute(name: "X-Rabbitmq-Routing-Key", value: text))
        }
        self.init(
            id: id, epoch: epoch, payload: Bytes(message.payload),
            headers: message.properties.headers.map { EventHeader(name: $0.name, value: $0.value.map { Bytes($0) }) },
            attributes: attributes,
            timestampMilliseconds: message.properties.timestamp.flatMap { Self.milliseconds(seconds: $0) },
            deliveryAttempt: message.properties.deliveryCount.map { max(0, min($0, Int(Int32.max))) + 1 })
    }

    /// `nil` for what is no time.
    private static func milliseconds(seconds: UInt64) -> Int64? {
        guard let seconds = Int64(exactly: seconds) else { return nil }
        let (milliseconds, isTooLate) = seconds.multipliedReportingOverflow(by: 1000)
        return isTooLate ? nil : milliseconds
    }

    /// The text if an HTTP header can carry it: visible ASCII, with blanks inside it.
    static func headerText(_ text: String) -> String? {
        let isFit = text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        return isFit && text.first != " " && text.last != " " && !text.isEmpty ? text : nil
    }
}
