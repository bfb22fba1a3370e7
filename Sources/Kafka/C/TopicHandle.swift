internal import Crdkafka

/// Owns a producer's reference to a topic. It must end before the client does.
///
/// Unchecked `Sendable`, because any thread may use a topic of librdkafka at any time.
@safe struct TopicHandle: ~Copyable, @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ name: String, of client: Client) throws(KafkaError) {
        guard let pointer = unsafe rd_kafka_topic_new(client.pointer, name, nil) else {
            throw KafkaError(ErrorCode(rd_kafka_last_error()), while: "opening topic \(name)")
        }
        unsafe self.pointer = pointer
    }

    deinit { unsafe rd_kafka_topic_destroy(pointer) }

    /// Hands one message over; librdkafka copies it. Returns why not.
    func produce(
        partition: Int32, key: [UInt8]?, value: [UInt8]?, opaque: MessageOpaque
    ) -> ErrorCode? {
        let result = unsafe withPointers(key, value) { key, value in
            unsafe rd_kafka_produce(
                pointer, partition, RD_KAFKA_MSG_F_COPY, UnsafeMutableRawPointer(mutating: value.baseAddress),
                value.count, key.baseAddress, key.count, opaque.pointer)
        }
        return result == 0 ? nil : ErrorCode(rd_kafka_last_error())
    }

    /// The same with headers and a timestamp, which librdkafka takes by another way that costs more.
    func produce(
        partition: Int32, key: [UInt8]?, value: [UInt8]?, headers: [MessageHeader], timestampMilliseconds: Int64?,
        by client: Client, opaque: MessageOpaque
    ) -> ErrorCode? {
        let list = unsafe rd_kafka_headers_new(headers.count)
        for header in headers {
            _ = unsafe withPointer(header.value) { value in
                unsafe rd_kafka_header_add(list, header.name, -1, value.baseAddress, value.count)
            }
        }
        let error = unsafe withPointers(key, value) { key, value in
            var arguments = unsafe [
                rd_kafka_vu_t(RD_KAFKA_VTYPE_RKT) { unsafe $0.rkt = pointer },
                rd_kafka_vu_t(RD_KAFKA_VTYPE_PARTITION) { unsafe $0.i32 = partition },
                rd_kafka_vu_t(RD_KAFKA_VTYPE_MSGFLAGS) { unsafe $0.i = RD_KAFKA_MSG_F_COPY },
                rd_kafka_vu_t(RD_KAFKA_VTYPE_VALUE) {
                    unsafe $0.mem.ptr = UnsafeMutableRawPointer(mutating: value.baseAddress)
                    unsafe $0.mem.size = value.count
                },
                rd_kafka_vu_t(RD_KAFKA_VTYPE_KEY) {
                    unsafe $0.mem.ptr = UnsafeMutableRawPointer(mutating: key.baseAddress)
                    unsafe $0.mem.size = key.count
                },
                rd_kafka_vu_t(RD_KAFKA_VTYPE_HEADERS) { unsafe $0.headers = list },
                rd_kafka_vu_t(RD_KAFKA_VTYPE_OPAQUE) { unsafe $0.ptr = opaque.pointer },
            ]
            if let timestampMilliseconds {
                unsafe arguments.append(
                    rd_kafka_vu_t(RD_KAFKA_VTYPE_TIMESTAMP) { unsafe $0.i64 = timestampMilliseconds })
            }
            return unsafe rd_kafka_produceva(client.pointer, arguments, arguments.count)
        }
        guard let error = unsafe error else { return nil }
        // On success the list is librdkafka's, otherwise still ours.
        unsafe rd_kafka_headers_destroy(list)
        defer { unsafe rd_kafka_error_destroy(error) }
        return ErrorCode(unsafe rd_kafka_error_code(error))
    }
}

extension rd_kafka_vu_t {
    fileprivate init(_ type: rd_kafka_vtype_t, _ set: (inout __Unnamed_union_u) -> Void) {
        unsafe self.init()
        unsafe vtype = type
        unsafe set(&u)
    }
}

/// Calls `body` with both runs of bytes. A run that is absent has no address; one that is empty has one, for
/// librdkafka tells a tombstone from an empty value by it.
private func withPointers<R>(
    _ key: [UInt8]?, _ value: [UInt8]?, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> R
) -> R {
    unsafe withPointer(key) { key in unsafe withPointer(value) { value in unsafe body(key, value) } }
}

func withPointer<R>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    guard let bytes else { return unsafe body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    guard !bytes.isEmpty else {
        return unsafe withUnsafeBytes(of: 0) { unsafe body(.init(start: $0.baseAddress, count: 0)) }
    }
    return unsafe bytes.withUnsafeBytes { unsafe body($0) }
}
