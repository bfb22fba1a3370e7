internal import KafkaProtocol

/// The one source of chance in a cluster (SplitMix64): the same seed gives the same ids in the same order.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The 36 characters of a version 4 UUID, as Kafka appends them to member ids.
    mutating func nextUUIDString() -> String {
        let digits = Array("0123456789abcdef".utf8)
        var high = next()
        var low = next()
        high = (high & ~0xF000) | 0x4000
        low = (low & ~(0b11 << 62)) | (0b10 << 62)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (word, dashes) in [(high, [8, 12]), (low, [0, 4])] {
            for position in 0..<16 {
                if dashes.contains(position) { text.append(UInt8(ascii: "-")) }
                text.append(digits[Int((word >> (60 - 4 * UInt64(position))) & 0xF)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
