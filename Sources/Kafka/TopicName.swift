/// Kafka's rule for names of topics (`org.apache.kafka.common.internals.Topic`).
package enum TopicName {
    private static let longest = 249

    package static let accepted = "1 to \(longest) letters, digits, '.', '_' and '-'"

    /// Whether a topic may have this name: ASCII, and not a path's `.` or `..`.
    package static func isLegal(_ name: String) -> Bool {
        guard (1...longest).contains(name.utf8.count), name != ".", name != ".." else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
