internal import Crdkafka

/// Room for the messages of one batch on their way out of librdkafka.
@safe struct MessageBuffer: ~Copyable {
    typealias Element = UnsafeMutablePointer<rd_kafka_message_t>?

    let capacity: Int
    let pointers: UnsafeMutablePointer<Element>
    var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        unsafe pointers = .allocate(capacity: capacity)
        unsafe pointers.initialize(repeating: nil, count: capacity)
    }

    deinit {
        for index in 0..<count { unsafe rd_kafka_message_destroy(pointers[index]) }
        unsafe pointers.deallocate()
    }

    var isEmpty: Bool { count == 0 }

    /// Hands over each message, in order.
    mutating func drain(_ body: (consuming RawMessage) -> Void) {
        let taken = count
        count = 0
        for index in 0..<taken {
            guard let pointer = unsafe pointers[index] else { continue }
            body(unsafe RawMessage(owning: pointer))
        }
    }
}

/// Owns a message of librdkafka until someone takes it over.
@safe struct RawMessage: ~Copyable {
    private let pointer: UnsafeMutablePointer<rd_kafka_message_t>

    fileprivate init(owning pointer: UnsafeMutablePointer<rd_kafka_message_t>) { unsafe self.pointer = pointer }

    deinit { unsafe rd_kafka_message_destroy(pointer) }

    /// Set where this is a failure rather than a message.
    var error: ErrorCode? { unsafe ErrorCode(failure: pointer.pointee.err) }

    var errorText: String {
        guard let text = unsafe rd_kafka_message_errstr(pointer) else { return error?.text ?? "" }
        return unsafe String(cString: text)
    }

    var partition: Int32 { unsafe pointer.pointee.partition }
    var offset: Int64 { unsafe pointer.pointee.offset }

    /// librdkafka's own object for the topic; stays the topic's as long as a message of it lives.
    var topicIdentity: OpaquePointer? { unsafe pointer.pointee.rkt }

    var topicName: String? {
        guard let topic = unsafe topicIdentity else { return nil }
        return unsafe String(cString: rd_kafka_topic_name(topic))
    }

    /// The pointer, which the caller must destroy.
    consuming func release() -> UnsafeMutablePointer<rd_kafka_message_t> {
        let pointer = unsafe pointer
        discard self
        return unsafe pointer
    }
}
