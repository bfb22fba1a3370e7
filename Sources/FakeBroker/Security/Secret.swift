/// Bytes that no log, error or dump may show.
struct Secret: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var description: String { "<secret>" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// Looks at all bytes whatever they are, so that the time taken says nothing about them.
    func matches(_ other: some Collection<UInt8>) -> Bool {
        bytes.count == other.count && zip(bytes, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
