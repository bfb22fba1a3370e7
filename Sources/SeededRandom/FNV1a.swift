/// FNV-1a in 64 bits: the same in every process and build, unlike `Hasher`, so that runs are compared by one number.
package struct FNV1a: Sendable {
    package private(set) var value: UInt64

    /// - Parameter value: What was folded so far; the algorithm's own beginning by default.
    package init(_ value: UInt64 = 0xcbf2_9ce4_8422_2325) { self.value = value }

    package mutating func fold(_ number: UInt64) { value = (value ^ number) &* 0x100_0000_01b3 }

    // Not generic: code of another module is not specialized, and takes ten times as long.
    package mutating func fold(_ bytes: Span<UInt8>) {
        for index in bytes.indices { fold(UInt64(bytes[index])) }
    }
}
