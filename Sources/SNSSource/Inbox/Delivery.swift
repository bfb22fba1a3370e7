import Connector

/// A message that was found to be SNS's, on its way to become an event.
struct SNSDelivery: Sendable {
    var topic: String
    var messageID: String
    var payload: [UInt8]
    var headers: [EventHeader] = []
    var timestampMilliseconds: Int64?

    var key: MessageKey { MessageKey(topic: topic, messageID: messageID) }

    init(_ message: SNSMessage) {
        topic = message.topic.description
        messageID = message.messageID
        payload = Array(message.message.utf8)
        timestampMilliseconds = message.timestampMilliseconds
        if let subject = message.subject { headers.append(EventHeader(name: "Subject", value: Bytes(subject))) }
        for attribute in message.attributes {
            headers.append(EventHeader(name: "Attr-\(attribute.name)", value: Bytes(attribute.value)))
            headers.append(EventHeader(name: "Attr-\(attribute.name)-Type", value: Bytes(attribute.type)))
        }
    }

    /// The bare message of raw delivery.
    init(raw payload: [UInt8], topic: TopicARN, messageID: String) {
        self.topic = topic.description
        self.messageID = messageID
        self.payload = payload
    }

    func event(number: Int64, epoch: Epoch) -> Event {
        Event(
            id: EventID(topic: topic, partition: 0, offset: number), epoch: epoch, payload: Bytes(payload),
            headers: headers,
            attributes: [
                EventAttribute(name: "X-Sns-Message-Id", value: messageID),
                EventAttribute(name: "X-Sns-Arn", value: topic),
            ],
            timestampMilliseconds: timestampMilliseconds)
    }
}
