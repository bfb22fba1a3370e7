// Bytes of a message, without a copy and without a dependency.
//
// A source hands over memory that it already has: a librdkafka message, a frame, an array. Whoever sends the
// bytes on reads them in place, so that a payload is copied at most once between socket and socket.

/// Memory that outlives every `Bytes` made of it.
public protocol BytesOwner: AnyObject, Sendable {
    /// Calls `body` once with the bytes that the owner numbered `part`, or with an empty span if there are none.
    ///
    /// The bytes never change while the owner lives.
    func withBytes(part: Int, _ body: (RawSpan) -> Void)
}

/// An immutable run of bytes, borrowed from its owner for as long as this value lives.
public struct Bytes: Sendable {
    private enum Storage {
        case array([UInt8])
        case owned(any BytesOwner, part: Int)
    }

    private let storage: Storage

    /// How many bytes there are.
    public let count: Int

    /// Bytes held in an array.
    public init(_ bytes: [UInt8]) {
        storage = .array(bytes)
        count = bytes.count
    }

    /// The UTF-8 bytes of a text.
    public init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// Bytes that stay where they are: the part of `owner` numbered `part`, `count` bytes long.
    public init(owner: any BytesOwner, part: Int, count: Int) {
        storage = .owned(owner, part: part)
        self.count = count
    }

    /// Whether there are none.
    public var isEmpty: Bool { count == 0 }

    /// Calls `body` once with the bytes in place.
    public func withSpan(_ body: (RawSpan) -> Void) {
        switch storage {
        case .array(let bytes): unsafe body(bytes.span.bytes)
        case .owned(let owner, let part): owner.withBytes(part: part, body)
        }
    }

    /// A copy of the bytes.
    public var array: [UInt8] {
        if case .array(let bytes) = storage { return bytes }
        var copy: [UInt8] = []
        withSpan { span in
            // The pointer does not leave the closure, and the array copies what it points to.
            unsafe span.withUnsafeBytes { pointer in unsafe copy = Array(pointer) }
        }
        return copy
    }

    /// The bytes as text; what is not UTF-8 becomes U+FFFD.
    public var text: String { String(decoding: array, as: UTF8.self) }
}

extension Bytes: Equatable {
    public static func == (left: Bytes, right: Bytes) -> Bool {
        left.count == right.count && left.array == right.array
    }
}

extension Bytes {
    /// The text that a header of HTTP carries as it is: visible ASCII, with blanks inside it. `nil` if
    /// they are no such text: nothing else passes every implementation of HTTP unchanged.
    package var headerText: String? {
        var text: String?
        withSpan { span in
            // The pointer does not leave the closure, and the string copies what it points to.
            unsafe span.withUnsafeBytes { bytes in
                let blank = UInt8(ascii: " ")
                guard unsafe bytes.allSatisfy({ (blank...0x7E).contains($0) }), unsafe bytes.first != blank,
                    unsafe bytes.last != blank
                else { return }
                unsafe text = String(decoding: bytes, as: UTF8.self)
            }
        }
        return text
    }

    var stableHash: UInt64 {
        var hash = StableHash()
        withSpan { span in
            for offset in span.byteOffsets {
                // The offsets are the span's own.
                hash.add(unsafe span.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
            }
        }
        return hash.value
    }
}

/// FNV-1a in 64 bits: the same in every process, unlike `Hasher`, so that a seed replays.
struct StableHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
    }
}
