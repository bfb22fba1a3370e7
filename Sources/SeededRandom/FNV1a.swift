/// FNV-1a in 64 bits: the same in every process and build, unlike `Hasher`, so that runs are compared by one number.
package struct FNV1a: Sendable {
    package private(set) var value: UInt64

    /// - Parameter value: What was folded so far; the algorithm's own beginning by default.
    package init(_ value: UInt64 = 0xcbf2_9ce4_8422_2325) { self.value = value }

    package mutating func fold(_ number: UInt64) { value = (value ^ number) &* 0x100_0000_01b3 }

    package mutating func fold(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { fold(UInt64(byte)) }
    }
}
