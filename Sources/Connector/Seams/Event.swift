/// Where an event stands in its source: unique there, and in the order of the source within one partition.
///
/// Kafka: topic, partition, offset. RabbitMQ: queue, 0, arrival number. SNS: topic, 0, arrival number.
public struct EventID: Hashable, Sendable, CustomStringConvertible {
    public var topic: String
    public var partition: Int32
    public var offset: Int64

    public init(topic: String, partition: Int32, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }

    public var description: String { "\(topic)/\(partition)/\(offset)" }
}

/// One header of an event. Headers keep their order, and one name may stand more than once.
public struct EventHeader: Equatable, Sendable {
    public var name: String
    /// `nil` is a header without a value, which Kafka tells apart from an empty one.
    public var value: Bytes?

    public init(name: String, value: Bytes?) {
        self.name = name
        self.value = value
    }
}

/// What the source says of an event, ready to be an HTTP header of the invocation (`X-Kafka-Offset: 53694`).
public struct EventAttribute: Equatable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// The assignment in which a source handed out an event. It grows with every assignment and revocation.
public struct Epoch: Hashable, Comparable, Sendable {
    public var number: UInt64

    public init(_ number: UInt64) { self.number = number }

    public static func < (left: Epoch, right: Epoch) -> Bool { left.number < right.number }
}

/// One message of a source. A class, for it passes through queues and tasks on its way and never changes.
public final class Event: Sendable {
    public let id: EventID
    /// The assignment that the event came with; its settlement carries it back.
    public let epoch: Epoch
    /// `nil` is a tombstone, which is not the same as an empty payload.
    public let payload: Bytes?
    public let key: Bytes?
    public let headers: [EventHeader]
    /// Named by the source, sent with the invocation.
    public let attributes: [EventAttribute]
    /// Milliseconds since 1970, by the producer's or the broker's clock; `nil` if the source knows none.
    public let timestampMilliseconds: Int64?
    /// Counts from 1; `nil` if the source does not count.
    public let deliveryAttempt: Int?

    public init(
        id: EventID, epoch: Epoch = Epoch(0), payload: Bytes?, key: Bytes? = nil, headers: [EventHeader] = [],
        attributes: [EventAttribute] = [], timestampMilliseconds: Int64? = nil, deliveryAttempt: Int? = nil
    ) {
        self.id = id
        self.epoch = epoch
        self.payload = payload
        self.key = key
        self.headers = headers
        self.attributes = attributes
        self.timestampMilliseconds = timestampMilliseconds
        self.deliveryAttempt = deliveryAttempt
    }

    /// The string that annotations name.
    public var topic: String { id.topic }
    public var partition: SourcePartition { SourcePartition(topic: id.topic, partition: id.partition) }
    public var isTombstone: Bool { payload == nil }
}
