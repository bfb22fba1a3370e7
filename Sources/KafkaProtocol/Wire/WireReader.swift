package import NIOCore

/// Fills a message from bytes.
///
/// The first failure sticks: it is kept with the path of the field, the rest of the buffer is dropped, and every
/// later read leaves its field at the default. So a walk needs no `try` per field; ``finish(_:)`` throws once.
///
/// Never traps, and never allocates more than the bytes that are left (times the size of an element) and ``Limits``
/// allow.
package struct WireReader: WireCoder {
    package let version: Int16
    package let isFlexible: Bool
    private var buffer: ByteBuffer

    private let limits: Limits
    private let start: Int
    private var elementsLeft: Int
    private var failure: Failure?
    /// The tag whose value stands next, while `wireTags` looks for the field that has it.
    private var pendingTag: UInt32?

    private struct Failure {
        var offset: Int
        var reason: WireError.Reason
        var path: String
    }

    package init(_ buffer: ByteBuffer, version: Int16, isFlexible: Bool, limits: Limits = .standard) {
        self.buffer = buffer
        self.version = version
        self.isFlexible = isFlexible
        self.limits = limits
        self.start = buffer.readerIndex
        self.elementsLeft = limits.arrayElements
    }

    /// The rest of the buffer, or the first failure with the name of the message.
    package consuming func finish(_ message: @autoclosure () -> String) throws(WireError) -> ByteBuffer {
        if let failure {
            throw WireError(
                message: message(), version: version, field: failure.path, offset: failure.offset,
                reason: failure.reason)
        }
        return buffer
    }

    // MARK: Fixed width

    package mutating func bool(_ name: StaticString, _ value: inout Bool) {
        let byte: UInt8 = integer(name)
        value = byte != 0
    }

    @inline(__always)
    package mutating func int8(_ name: StaticString, _ value: inout Int8) { value = integer(name) }

    @inline(__always)
    package mutating func int16(_ name: StaticString, _ value: inout Int16) { value = integer(name) }

    @inline(__always)
    package mutating func int32(_ name: StaticString, _ value: inout Int32) { value = integer(name) }

    @inline(__always)
    package mutating func int64(_ name: StaticString, _ value: inout Int64) { value = integer(name) }

    package mutating func float64(_ name: StaticString, _ value: inout Double) {
        value = Double(bitPattern: integer(name))
    }

    package mutating func uuid(_ name: StaticString, _ value: inout TopicID) {
        value = TopicID(high: integer(name), low: integer(name))
    }

    @inline(__always)
    private mutating func integer<Number: FixedWidthInteger>(_ name: StaticString) -> Number {
        if let value = buffer.readInteger(as: Number.self) { return value }
        fail(name, .truncated(needed: MemoryLayout<Number>.size, left: buffer.readableBytes))
        return 0
    }

    // MARK: Strings and bytes

    package mutating func string(_ name: StaticString, _ value: inout String) {
        guard let length = stringLength(name) else { return fail(name, .badLength(-1)) }
        value = text(name, length)
    }

    package mutating func nullableString(_ name: StaticString, _ value: inout String?, mayBeNull: Bool) {
        guard let length = stringLength(name) else {
            value = nil
            if !mayBeNull { fail(name, .badLength(-1)) }
            return
        }
        value = text(name, length)
    }

    package mutating func bytes(_ name: StaticString, _ value: inout ByteBuffer) {
        guard let length = length(name) else { return fail(name, .badLength(-1)) }
        value = slice(name, length)
    }

    package mutating func records(_ name: StaticString, _ value: inout ByteBuffer?) {
        value = length(name).map { slice(name, $0) }
    }

    private mutating func text(_ name: StaticString, _ length: Int) -> String {
        if length > limits.stringBytes {
            fail(name, .beyondLimit(length, limit: limits.stringBytes))
            return ""
        }
        if length > buffer.readableBytes {
            fail(name, .truncated(needed: length, left: buffer.readableBytes))
            return ""
        }
        let offset = buffer.readerIndex
        guard let text = try? buffer.readUTF8ValidatedString(length: length) else {
            buffer.moveReaderIndex(to: offset)
            fail(name, .invalidUTF8)
            return ""
        }
        return text
    }

    private mutating func slice(_ name: StaticString, _ length: Int) -> ByteBuffer {
        if let slice = buffer.readSlice(length: length) { return slice }
        fail(name, .truncated(needed: length, left: buffer.readableBytes))
        return ByteBuffer()
    }

    /// Nil for null. Zero after a failure.
    private mutating func stringLength(_ name: StaticString) -> Int? {
        if isFlexible { return compactLength(name) }
        let length: Int16 = integer(name)
        return plainLength(name, Int(length))
    }

    private mutating func length(_ name: StaticString) -> Int? {
        if isFlexible { return compactLength(name) }
        let length: Int32 = integer(name)
        return plainLength(name, Int(length))
    }

    private mutating func plainLength(_ name: StaticString, _ length: Int) -> Int? {
        if length >= 0 { return length }
        if length == -1 { return nil }
        fail(name, .badLength(length))
        return 0
    }

    /// Length plus one, so that null is zero.
    private mutating func compactLength(_ name: StaticString) -> Int? {
        let plusOne = unsignedVarint(name, onFailure: 1)
        return plusOne == 0 ? nil : Int(plusOne) - 1
    }

    @inline(__always)
    private mutating func unsignedVarint(_ name: StaticString, onFailure: UInt32) -> UInt32 {
        if let value = buffer.readUnsignedVarint() { return value }
        let left = buffer.readableBytes
        fail(name, left < 5 ? .truncated(needed: left + 1, left: left) : .varintTooLong)
        return onFailure
    }

    // MARK: Arrays and structs

    package mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element]) {
        guard let count = length(name) else { return fail(name, .badLength(-1)) }
        elements(name, count, &value)
    }

    package mutating func nullableArray<Element: WireValue>(
        _ name: StaticString, _ value: inout [Element]?, mayBeNull: Bool
    ) {
        guard let count = length(name) else {
            value = nil
            if !mayBeNull { fail(name, .badLength(-1)) }
            return
        }
        var read: [Element] = []
        elements(name, count, &read)
        value = read
    }

    private mutating func elements<Element: WireValue>(
        _ name: StaticString, _ count: Int, _ value: inout [Element]
    ) {
        value = []
        // Every element takes a byte or more.
        if count > buffer.readableBytes {
            return fail(name, .truncated(needed: count, left: buffer.readableBytes))
        }
        if count > elementsLeft { return fail(name, .beyondLimit(count, limit: limits.arrayElements)) }
        elementsLeft -= count
        value.reserveCapacity(min(count, 1024))
        for index in 0..<count {
            var element = Element()
            element.wireValue("", &self)
            if failure != nil { return prefixPath("\(name)[\(index)]") }
            value.append(element)
        }
    }

    package mutating func structure<Value: WireStruct>(_ name: StaticString, _ value: inout Value) {
        value.wire(&self)
        if isFlexible { tags(of: &value) }
        if failure != nil, name.utf8CodeUnitCount > 0 { prefixPath("\(name)") }
    }

    /// A byte says whether the struct is there.
    package mutating func nullableStructure<Value: WireStruct>(
        _ name: StaticString, _ value: inout Value?, mayBeNull: Bool
    ) {
        let presence: Int8 = integer(name)
        if presence < 0 {
            value = nil
            if !mayBeNull { fail(name, .badLength(-1)) }
            return
        }
        var read = Value()
        structure(name, &read)
        value = read
    }

    // MARK: Tagged fields

    /// Passes over a tag section of which no tag is known, as headers have it.
    package mutating func skipTags() {
        var none = NoFields()
        tags(of: &none)
    }

    private struct NoFields: WireStruct {
        mutating func wire(_ w: inout some WireCoder) {}
    }

    private mutating func tags<Value: WireStruct>(of value: inout Value) {
        var left = unsignedVarint("TaggedFields", onFailure: 0)
        var previous: UInt32?
        while left > 0, failure == nil {
            left -= 1
            let tag = unsignedVarint("TaggedFields", onFailure: 0)
            let size = Int(unsignedVarint("TaggedFields", onFailure: 0))
            if let previous, tag <= previous { return fail("TaggedFields", .tagOrder(Int(tag))) }
            previous = tag
            if size > buffer.readableBytes {
                return fail("TaggedFields", .truncated(needed: size, left: buffer.readableBytes))
            }
            let first = buffer.readerIndex
            pendingTag = tag
            value.wireTags(&self)
            if failure != nil { return }
            if pendingTag != nil {
                // Not one of ours: a newer peer's, to be skipped.
                pendingTag = nil
                buffer.moveReaderIndex(forwardBy: size)
            } else if buffer.readerIndex - first != size {
                fail("TaggedFields", .tagSize(stated: size, read: buffer.readerIndex - first))
            }
        }
    }

    package mutating func tagged<Value: WireValue>(
        _ tag: UInt32, _ name: StaticString, _ value: inout Value, unless standard: Value
    ) {
        guard pendingTag == tag else { return }
        pendingTag = nil
        value.wireValue(name, &self)
    }

    // MARK: Failure

    private mutating func fail(_ name: StaticString, _ reason: WireError.Reason) {
        guard failure == nil else { return }
        failure = Failure(offset: buffer.readerIndex - start, reason: reason, path: "\(name)")
        buffer.moveReaderIndex(forwardBy: buffer.readableBytes)
    }

    private mutating func prefixPath(_ step: String) {
        guard var failure else { return }
        failure.path = failure.path.isEmpty ? step : "\(step).\(failure.path)"
        self.failure = failure
    }
}
