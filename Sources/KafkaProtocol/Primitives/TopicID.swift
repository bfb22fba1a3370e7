import Base64Coding

/// Kafka's uuid, which names a topic whatever becomes of its name (KIP-516).
///
/// Log directories and telemetry clients are named by the same type; see ``UniqueID``.
package struct TopicID: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// All zero: no topic.
    package init() { self.init(high: 0, low: 0) }

    package static let zero = TopicID()
}

/// A uuid that names something other than a topic.
package typealias UniqueID = TopicID

extension TopicID: Comparable {
    package static func < (lhs: TopicID, rhs: TopicID) -> Bool {
        (lhs.high, lhs.low) < (rhs.high, rhs.low)
    }
}

extension TopicID: CustomStringConvertible {
    /// URL-safe base64 without padding, as Kafka's tools print it.
    package var description: String {
        var bytes: [UInt8] = []
        for word in [high, low] {
            for shift: UInt64 in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(word >> shift & 0xff)) }
        }
        return Base64.encode(bytes, .url)
    }
}
