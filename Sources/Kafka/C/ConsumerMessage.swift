internal import Crdkafka

/// One message as librdkafka fetched it: key, value and headers stay where they are until the last reference ends.
///
/// Unchecked `Sendable`, because the message never changes: its headers, which librdkafka parses on first use, were
/// parsed before anyone saw it.
@safe package final class ConsumerMessage: @unchecked Sendable {
    /// Where a timestamp comes from.
    package enum TimestampKind: Sendable { case created, appended }

    /// When the message was produced or appended.
    package struct Timestamp: Hashable, Sendable {
        /// Milliseconds since 1970.
        package let milliseconds: Int64
        package let kind: TimestampKind
    }

    private let pointer: UnsafeMutablePointer<rd_kafka_message_t>
    private let headerList: OpaquePointer?
    let origin: MessageOrigin
    /// The assignment under which the partition was held when the message was taken.
    package let assignmentEpoch: UInt64

    init(_ message: consuming RawMessage, from origin: MessageOrigin, epoch: UInt64) {
        let pointer = unsafe message.release()
        var headers: OpaquePointer?
        if unsafe rd_kafka_message_headers(pointer, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR { unsafe headers = nil }
        unsafe self.pointer = pointer
        unsafe headerList = headers
        self.origin = origin
        assignmentEpoch = epoch
    }

    /// Before `origin`, and with it perhaps the client, is released.
    deinit { unsafe rd_kafka_message_destroy(pointer) }

    package var topic: String { origin.topic }
    package var partition: Int32 { unsafe pointer.pointee.partition }
    package var offset: Int64 { unsafe pointer.pointee.offset }
    package var topicPartition: TopicPartition { TopicPartition(topic, partition) }

    package var timestamp: Timestamp? {
        var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let milliseconds = unsafe rd_kafka_message_timestamp(pointer, &type)
        switch type {
        case RD_KAFKA_TIMESTAMP_CREATE_TIME: return Timestamp(milliseconds: milliseconds, kind: .created)
        case RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME: return Timestamp(milliseconds: milliseconds, kind: .appended)
        default: return nil
        }
    }

    // MARK: Value and key

    /// Whether there is no value, which is not the same as an empty one.
    package var isTombstone: Bool { unsafe pointer.pointee.payload == nil }
    package var hasKey: Bool { unsafe pointer.pointee.key != nil }
    package var payloadCount: Int { isTombstone ? 0 : unsafe pointer.pointee.len }
    package var keyCount: Int { hasKey ? unsafe pointer.pointee.key_len : 0 }

    /// Calls `body` with the value in place; with nothing for a tombstone.
    package func withPayload<R>(_ body: (RawSpan) throws -> R) rethrows -> R {
        let bytes = unsafe UnsafeRawBufferPointer(start: pointer.pointee.payload, count: payloadCount)
        return try body(unsafe bytes.bytes)
    }

    /// Calls `body` with the key in place; with nothing if there is none.
    package func withKey<R>(_ body: (RawSpan) throws -> R) rethrows -> R {
        let bytes = unsafe UnsafeRawBufferPointer(start: pointer.pointee.key, count: keyCount)
        return try body(unsafe bytes.bytes)
    }

    /// A copy of the value; `nil` for a tombstone.
    package var payload: [UInt8]? { isTombstone ? nil : withPayload(Array.init(copying:)) }

    /// A copy of the key.
    package var key: [UInt8]? { hasKey ? withKey(Array.init(copying:)) : nil }

    // MARK: Headers

    package var headerCount: Int {
        guard let headers = unsafe headerList else { return 0 }
        return unsafe rd_kafka_header_cnt(headers)
    }

    /// Calls `body` with name and value of the header at `index`, in place; the value is `nil` where there is none,
    /// which is not the same as an empty one.
    package func withHeader<R>(at index: Int, _ body: (String, RawSpan?) throws -> R) rethrows -> R {
        let header = unsafe rawHeader(at: index)
        let name = unsafe String(cString: header.name)
        guard let value = unsafe header.value else { return try body(name, nil) }
        return try body(name, unsafe UnsafeRawBufferPointer(start: value, count: header.count).bytes)
    }

    /// Name and length of the header at `index`, the length `nil` where there is no value.
    package func header(at index: Int) -> (name: String, count: Int?) {
        let header = unsafe rawHeader(at: index)
        return unsafe (String(cString: header.name), header.value == nil ? nil : header.count)
    }

    /// Copies of all headers, in order; one name may stand more than once.
    package var headers: [MessageHeader] {
        (0..<headerCount).map { index in
            withHeader(at: index) { name, value in
                var copy: [UInt8]?
                if let value { copy = Array(copying: value) }
                return MessageHeader(name, copy)
            }
        }
    }

    private func rawHeader(at index: Int) -> (name: UnsafePointer<CChar>, value: UnsafeRawPointer?, count: Int) {
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var count = 0
        if let headers = unsafe headerList {
            _ = unsafe rd_kafka_header_get_all(headers, index, &name, &value, &count)
        }
        guard let name = unsafe name else { preconditionFailure("header \(index) of \(headerCount)") }
        return unsafe (name, value, count)
    }
}

extension [UInt8] {
    fileprivate init(copying span: RawSpan) {
        self = unsafe span.withUnsafeBytes { unsafe Array($0) }
    }
}
