// AMQP's strings, tables and properties: into memory that librabbitmq reads, and out of its memory.

internal import Crabbitmq

/// Bytes that stay where they are while this lives.
@safe final class Text {
    private let memory: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        unsafe memory = .allocate(capacity: max(bytes.count, 1))
        unsafe memory.initialize(repeating: 0)
        for (index, byte) in bytes.enumerated() { unsafe memory[index] = byte }
        count = bytes.count
    }

    convenience init(_ text: String) { self.init(Array(text.utf8)) }

    deinit { unsafe memory.deallocate() }

    private let count: Int

    var bytes: amqp_bytes_t {
        unsafe amqp_bytes_t(len: count, bytes: UnsafeMutableRawPointer(memory.baseAddress))
    }
}

/// A table of texts.
@safe final class Table {
    private let texts: [Text]
    private let entries: UnsafeMutableBufferPointer<amqp_table_entry_t>

    init(_ values: [(name: String, value: [UInt8])]) {
        var texts: [Text] = []
        unsafe entries = .allocate(capacity: max(values.count, 1))
        for (index, entry) in values.enumerated() {
            let (name, value) = (Text(entry.name), Text(entry.value))
            texts += [name, value]
            var field = unsafe amqp_table_entry_t()
            unsafe field.key = name.bytes
            unsafe field.value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
            unsafe field.value.value.bytes = value.bytes
            unsafe entries.initializeElement(at: index, to: field)
        }
        self.texts = texts
        count = Int32(clamping: values.count)
    }

    convenience init(_ values: [String: String]) {
        self.init(values.sorted { $0.key < $1.key }.map { ($0.key, Array($0.value.utf8)) })
    }

    deinit { unsafe entries.deallocate() }

    private let count: Int32

    var table: amqp_table_t { unsafe amqp_table_t(num_entries: count, entries: entries.baseAddress) }
}

/// What is known of a message beside its payload, as far as events carry it.
struct MessageProperties {
    var id: String?
    var contentType: String?
    /// Seconds since 1970.
    var timestamp: UInt64?
    /// In their order; those that hold tables or lists are left out.
    var headers: [(name: String, value: [UInt8]?)] = []
    /// How often a quorum queue delivered it before.
    var deliveryCount: Int?

    init() {}

    init(_ properties: amqp_basic_properties_t) {
        let flags = unsafe Int32(truncatingIfNeeded: properties._flags)
        if flags & AMQP_BASIC_MESSAGE_ID_FLAG != 0 { unsafe id = String(properties.message_id) }
        if flags & AMQP_BASIC_CONTENT_TYPE_FLAG != 0 { unsafe contentType = String(properties.content_type) }
        if flags & AMQP_BASIC_TIMESTAMP_FLAG != 0 { unsafe timestamp = properties.timestamp }
        guard flags & AMQP_BASIC_HEADERS_FLAG != 0, let entries = unsafe properties.headers.entries else { return }
        for index in 0..<Int(unsafe properties.headers.num_entries) {
            let entry = unsafe entries[index]
            let name = unsafe String(entry.key)
            guard let value = unsafe Self.value(of: entry.value) else { continue }
            if name == "x-delivery-count" { deliveryCount = value.flatMap { Int(String(decoding: $0, as: UTF8.self)) } }
            headers.append((name, value))
        }
    }

    /// As text, if it is not text already; `.some(nil)` is no value, `nil` a value that has no such form.
    private static func value(of field: amqp_field_value_t) -> [UInt8]?? {
        let value = unsafe field.value
        let number: any CustomStringConvertible
        switch unsafe UInt32(field.kind) {
        case AMQP_FIELD_KIND_UTF8.rawValue, AMQP_FIELD_KIND_BYTES.rawValue: return unsafe .some(Array(value.bytes))
        case AMQP_FIELD_KIND_VOID.rawValue: return .some(nil)
        case AMQP_FIELD_KIND_BOOLEAN.rawValue: number = unsafe value.boolean != 0
        case AMQP_FIELD_KIND_I8.rawValue: number = unsafe value.i8
        case AMQP_FIELD_KIND_U8.rawValue: number = unsafe value.u8
        case AMQP_FIELD_KIND_I16.rawValue: number = unsafe value.i16
        case AMQP_FIELD_KIND_U16.rawValue: number = unsafe value.u16
        case AMQP_FIELD_KIND_I32.rawValue: number = unsafe value.i32
        case AMQP_FIELD_KIND_U32.rawValue: number = unsafe value.u32
        case AMQP_FIELD_KIND_I64.rawValue: number = unsafe value.i64
        case AMQP_FIELD_KIND_U64.rawValue, AMQP_FIELD_KIND_TIMESTAMP.rawValue: number = unsafe value.u64
        case AMQP_FIELD_KIND_F32.rawValue: number = unsafe value.f32
        case AMQP_FIELD_KIND_F64.rawValue: number = unsafe value.f64
        default: return nil
        }
        return .some(Array(number.description.utf8))
    }
}

extension Array where Element == UInt8 {
    init(_ bytes: amqp_bytes_t) {
        guard let start = unsafe bytes.bytes, unsafe bytes.len > 0 else {
            self = []
            return
        }
        self = unsafe Array(UnsafeRawBufferPointer(start: start, count: bytes.len))
    }
}

extension String {
    /// What is not UTF-8 becomes U+FFFD.
    init(_ bytes: amqp_bytes_t) { self = unsafe String(decoding: Array(bytes), as: UTF8.self) }
}
