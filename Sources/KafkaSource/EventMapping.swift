// A message of Kafka as an event of the connector: nothing is copied, the event's bytes stay in librdkafka's memory.

package import Connector
package import Kafka

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension ConsumerMessage: BytesOwner {
    private static let payloadPart = 0
    private static let keyPart = 1
    private static let firstHeaderPart = 2

    package func withBytes(part: Int, _ body: (RawSpan) -> Void) {
        switch part {
        case Self.payloadPart: withPayload(body)
        case Self.keyPart: withKey(body)
        default: withHeader(at: part - Self.firstHeaderPart) { _, value in if let value { body(value) } }
        }
    }

    fileprivate var payloadBytes: Bytes? {
        isTombstone ? nil : Bytes(owner: self, part: Self.payloadPart, count: payloadCount)
    }

    fileprivate var keyBytes: Bytes? {
        hasKey ? Bytes(owner: self, part: Self.keyPart, count: keyCount) : nil
    }

    fileprivate var eventHeaders: [EventHeader] {
        (0..<headerCount).map { index in
            let header = header(at: index)
            let value = header.count.map { Bytes(owner: self, part: Self.firstHeaderPart + index, count: $0) }
            return EventHeader(name: header.name, value: value)
        }
    }
}

extension Event {
    package convenience init(_ message: ConsumerMessage) {
        let partition = message.partition
        let offset = message.offset
        var attributes: [EventAttribute] = []
        attributes.reserveCapacity(4)
        attributes.append(EventAttribute(name: "X-Kafka-Partition", value: String(partition)))
        attributes.append(EventAttribute(name: "X-Kafka-Offset", value: String(offset)))
        let key = message.keyBytes
        if let key { attributes.appendKey(key) }
        self.init(
            id: EventID(topic: message.topic, partition: partition, offset: offset),
            epoch: Epoch(message.assignmentEpoch), payload: message.payloadBytes, key: key,
            headers: message.eventHeaders, attributes: attributes,
            timestampMilliseconds: message.timestamp?.milliseconds)
    }
}

extension [EventAttribute] {
    /// Servers bound what headers they take: a longer key is left out, and its length told.
    package static let longestKey = 16_384

    /// Adds the key as it is if a header can carry it unchanged, otherwise in base64 and marked as such.
    package mutating func appendKey(_ key: Bytes) {
        if key.count > Self.longestKey {
            append(EventAttribute(name: "X-Kafka-Key-Left-Out", value: String(key.count)))
        } else if let text = key.headerText {
            append(EventAttribute(name: "X-Kafka-Key", value: text))
        } else {
            append(EventAttribute(name: "X-Kafka-Key", value: Data(key.array).base64EncodedString()))
            append(EventAttribute(name: "X-Kafka-Key-Enc", value: "b64"))
        }
    }
}
