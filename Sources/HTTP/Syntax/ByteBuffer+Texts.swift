import NIOCore

/// Puts texts one behind the other into memory that is there already, and traps at its end.
@safe struct TextCursor {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    fileprivate init(_ memory: UnsafeMutableRawBufferPointer) { unsafe self.memory = memory }

    mutating func put(_ text: String) { put(text.utf8Span.span) }

    mutating func put(_ text: Span<UInt8>) { unsafe put(text.bytes) }

    mutating func put(_ bytes: RawSpan) {
        let end = count + bytes.byteCount
        let place = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[count..<end])
        unsafe bytes.withUnsafeBytes { unsafe place.copyMemory(from: $0) }
        count = end
    }

    mutating func put(_ byte: UInt8) {
        unsafe memory[count] = byte
        count += 1
    }

    /// In decimal digits, of which there are 20 at most.
    mutating func put(_ number: UInt) {
        var digits = 1
        var rest = number
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        rest = number
        for place in (count..<(count + digits)).reversed() {
            unsafe memory[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    /// The header and its line end: 38 bytes at most.
    mutating func putContentLength(_ length: Int) {
        put("Content-Length: ")
        put(UInt(length))
        putLineEnd()
    }

    mutating func putLineEnd() {
        put(UInt8.carriageReturn)
        put(UInt8.lineFeed)
    }
}

extension ByteBuffer {
    /// Looks for room once, where each text that was written by itself would look for its own.
    mutating func writeTexts(atMost room: Int, _ write: (inout TextCursor) -> Void) {
        unsafe writeWithUnsafeMutableBytes(minimumWritableBytes: room) { memory in
            var cursor = unsafe TextCursor(memory)
            write(&cursor)
            return cursor.count
        }
    }

    /// Writes `name: value` and a line end. Neither is checked.
    mutating func writeHeaderLine(_ name: Span<UInt8>, _ value: Span<UInt8>) {
        writeTexts(atMost: name.count + value.count + 4) { line in
            line.put(name)
            line.put(UInt8(ascii: ":"))
            line.put(UInt8(ascii: " "))
            line.put(value)
            line.putLineEnd()
        }
    }

    /// Writes the header `Content-Length` and a line end.
    mutating func writeContentLength(_ length: Int) {
        writeTexts(atMost: 38) { $0.putContentLength(length) }
    }
}
