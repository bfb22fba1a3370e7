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
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var text: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for index in 0..<16 {
            let word = index < 8 ? high : low
            bits = (bits << 8) | UInt32(truncatingIfNeeded: (word >> UInt64(56 - index % 8 * 8)) & 0xff)
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int((bits >> UInt32(count)) & 0x3f)])
            }
        }
        text.append(alphabet[Int((bits << UInt32(6 - count)) & 0x3f)])
        return String(decoding: text, as: UTF8.self)
    }
}
