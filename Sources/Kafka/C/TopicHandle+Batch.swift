internal import Crdkafka

extension TopicHandle {
    /// Hands messages over in their order, beginning with the one at `first`; librdkafka copies them.
    ///
    /// - Parameter refused: Why librdkafka does not take one; the next ones are tried all the same.
    /// - Returns: Where it stopped for lack of room, or the end.
    func produce(_ batch: borrowing MessageBatch, from first: Int, by client: Client, refused: (ErrorCode) -> Void)
        -> Int
    {
        let messages = batch.messages[first...]
        guard !messages.isEmpty else { return first }
        let isUniform = batch.isUniform
        let taken = unsafe batch.bytes.withUnsafeBytes { bytes in
            // An empty value has an address, for librdkafka tells a tombstone from it by that.
            unsafe withUnsafeBytes(of: 0) { empty in
                let bytes = unsafe bytes.baseAddress == nil ? empty : bytes
                guard isUniform else {
                    return unsafe produceEach(of: batch, messages, bytes, by: client, refused)
                }
                return unsafe produceAtOnce(messages, bytes, refused)
            }
        }
        return first + taken
    }

    /// One look at the clock for all.
    private func produceAtOnce(
        _ messages: ArraySlice<MessageBatch.Message>, _ bytes: UnsafeRawBufferPointer, _ refused: (ErrorCode) -> Void
    ) -> Int {
        unsafe withUnsafeTemporaryAllocation(of: rd_kafka_message_t.self, capacity: messages.count) { list in
            var count = 0
            for message in messages {
                var entry = unsafe rd_kafka_message_t()
                if let value = message.value {
                    unsafe entry.payload = bytes.address(of: value)
                    unsafe entry.len = value.count
                }
                if let key = message.key {
                    unsafe entry.key = bytes.address(of: key)
                    unsafe entry.key_len = key.count
                }
                unsafe entry._private = MessageOpaque(token: message.token).pointer
                unsafe list.initializeElement(at: count, to: entry)
                count += 1
            }
            let taken = unsafe rd_kafka_produce_batch(
                pointer, messages.first?.partition ?? ProducerTopic.anyPartition, RD_KAFKA_MSG_F_COPY,
                list.baseAddress, Int32(count))
            if Int(taken) == count { return count }
            for index in 0..<count {
                guard let error = unsafe ErrorCode(failure: list[index].err) else { continue }
                // Nor was any after it taken.
                if error == .queueFull { return index }
                refused(error)
            }
            return count
        }
    }

    /// With headers and timestamps, which librdkafka takes one message at a time only.
    private func produceEach(
        of batch: borrowing MessageBatch, _ messages: ArraySlice<MessageBatch.Message>,
        _ bytes: UnsafeRawBufferPointer, by client: Client, _ refused: (ErrorCode) -> Void
    ) -> Int {
        unsafe withUnsafeTemporaryAllocation(of: rd_kafka_vu_t.self, capacity: 8) { arguments in
            for (index, type) in Self.argumentTypes.enumerated() {
                unsafe arguments.initializeElement(at: index, to: rd_kafka_vu_t())
                unsafe arguments[index].vtype = type
            }
            unsafe arguments[0].u.rkt = pointer
            unsafe arguments[1].u.i = RD_KAFKA_MSG_F_COPY
            var count = 0
            for message in messages {
                let list = unsafe Self.headers(of: message, batch, bytes)
                let value = message.value
                let key = message.key
                unsafe arguments[2].u.i32 = message.partition
                unsafe arguments[3].u.mem.ptr = value.flatMap {
                    unsafe bytes.address(of: $0)
                }
                unsafe arguments[3].u.mem.size = value?.count ?? 0
                unsafe arguments[4].u.mem.ptr = key.flatMap {
                    unsafe bytes.address(of: $0)
                }
                unsafe arguments[4].u.mem.size = key?.count ?? 0
                unsafe arguments[5].u.ptr = MessageOpaque(token: message.token).pointer
                // Zero is now.
                unsafe arguments[6].u.i64 = message.timestampMilliseconds ?? batch.now ?? 0
                unsafe arguments[7].u.headers = list
                let used = unsafe list == nil ? 7 : 8
                if let error = unsafe rd_kafka_produceva(client.pointer, arguments.baseAddress, used) {
                    // The list is librdkafka's only once the message is.
                    if let list = unsafe list { unsafe rd_kafka_headers_destroy(list) }
                    let code = ErrorCode(unsafe rd_kafka_error_code(error))
                    unsafe rd_kafka_error_destroy(error)
                    if code == .queueFull { return count }
                    refused(code)
                }
                count += 1
            }
            return count
        }
    }

    private static var argumentTypes: [rd_kafka_vtype_t] {
        [
            RD_KAFKA_VTYPE_RKT, RD_KAFKA_VTYPE_MSGFLAGS, RD_KAFKA_VTYPE_PARTITION, RD_KAFKA_VTYPE_VALUE,
            RD_KAFKA_VTYPE_KEY, RD_KAFKA_VTYPE_OPAQUE, RD_KAFKA_VTYPE_TIMESTAMP, RD_KAFKA_VTYPE_HEADERS,
        ]
    }

    private static func headers(
        of message: MessageBatch.Message, _ batch: borrowing MessageBatch, _ bytes: UnsafeRawBufferPointer
    ) -> OpaquePointer? {
        let count = batch.headers.count + (message.header == nil ? 0 : 1)
        guard count > 0 else { return nil }
        let list = unsafe rd_kafka_headers_new(count)
        for header in batch.headers {
            _ = unsafe withPointer(header.value) { value in
                unsafe rd_kafka_header_add(list, header.name, -1, value.baseAddress, value.count)
            }
        }
        if let own = message.header {
            _ = unsafe rd_kafka_header_add(
                list, batch.ownHeader, batch.ownHeader.utf8.count, bytes.address(of: own), own.count)
        }
        return unsafe list
    }
}

extension UnsafeRawBufferPointer {
    /// As librdkafka wants it, which only reads there.
    fileprivate func address(of range: Range<Int>) -> UnsafeMutableRawPointer? {
        unsafe UnsafeMutableRawPointer(mutating: baseAddress?.advanced(by: range.lowerBound))
    }
}
