/// A failure that librdkafka or the broker reported.
package struct KafkaError: Error, Hashable, Sendable {
    package let code: ErrorCode
    /// What was being done: `committing offsets of group orders`.
    package let operation: String
    /// librdkafka's own words.
    package let reason: String
    /// Whether the client is of no use any more and must be closed.
    package let isFatal: Bool
    /// Whether the same operation may succeed later without anyone changing anything.
    package let isRetriable: Bool

    package init(
        _ code: ErrorCode, while operation: String, reason: String? = nil, isFatal: Bool = false,
        isRetriable: Bool = false
    ) {
        self.code = code
        self.operation = operation
        self.reason = reason ?? code.text
        self.isFatal = isFatal
        self.isRetriable = isRetriable || code.isRetriable
    }

    /// librdkafka's name of the code: `UNKNOWN_MEMBER_ID`, `_TIMED_OUT`.
    package var name: String { code.name }

    package static func closed(while operation: String) -> KafkaError {
        KafkaError(.destroyed, while: operation, reason: "the client is closed")
    }
}

extension KafkaError: CustomStringConvertible {
    package var description: String {
        "\(operation): \(reason) (\(name)\(isFatal ? ", fatal" : isRetriable ? ", retriable" : ""))"
    }
}
