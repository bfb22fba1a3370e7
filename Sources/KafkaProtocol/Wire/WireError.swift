/// Why bytes are not the message that they should be, or why a message has no bytes.
package struct WireError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        /// The value needs more bytes than are left.
        case truncated(needed: Int, left: Int)
        /// A length or count that is negative, or null where null is not allowed.
        case badLength(Int)
        /// A length or count beyond the named limit.
        case beyondLimit(Int, limit: Int)
        /// Null was to be written, but this version has no null here.
        case nullNotAllowed
        case invalidUTF8
        /// A varint of more bytes than its type can fill.
        case varintTooLong
        /// The same tag twice, or tags that do not ascend.
        case tagOrder(Int)
        /// A tagged field whose value does not fill the size that it states.
        case tagSize(stated: Int, read: Int)
        case trailingBytes(Int)
        case unknownAPIKey(Int16)
        case unsupportedVersion(Int16, supported: ClosedRange<Int16>)
        case badChecksum(stated: UInt32, computed: UInt32)
        /// The format of records, which is 0, 1 or 2.
        case unknownMagic(Int8)
        /// A record batch or record that contradicts itself.
        case malformed(String)
    }

    /// The message, such as `FetchRequest`.
    package var message: String
    package var version: Int16
    /// Kafka's names down to the field, such as `Topics[2].Partitions[0].Records`.
    package var field: String
    /// Where in the buffer, counted from the first byte of the message.
    package var offset: Int
    package var reason: Reason

    package init(message: String, version: Int16, field: String, offset: Int, reason: Reason) {
        self.message = message
        self.version = version
        self.field = field
        self.offset = offset
        self.reason = reason
    }

    package var description: String {
        let place = field.isEmpty ? "" : ", field \(field)"
        return "\(message) v\(version)\(place), byte \(offset): \(reason)"
    }
}

extension WireError.Reason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let needed, let left): "needs \(needed) bytes, \(left) are left"
        case .badLength(let length): "length or count \(length) is not valid here"
        case .beyondLimit(let value, let limit): "\(value) is beyond the limit of \(limit)"
        case .nullNotAllowed: "null is not allowed in this version"
        case .invalidUTF8: "is not UTF-8"
        case .varintTooLong: "varint has too many bytes"
        case .tagOrder(let tag): "tag \(tag) does not ascend"
        case .tagSize(let stated, let read): "tagged field states \(stated) bytes, its value has \(read)"
        case .trailingBytes(let count): "\(count) bytes are left over"
        case .unknownAPIKey(let key): "API key \(key) is not known"
        case .unsupportedVersion(let version, let supported):
            "version \(version) is not supported, \(supported.lowerBound) to \(supported.upperBound) are"
        case .badChecksum(let stated, let computed):
            "states checksum \(String(stated, radix: 16)), has \(String(computed, radix: 16))"
        case .unknownMagic(let magic): "record format \(magic) is not known"
        case .malformed(let what): what
        }
    }
}
