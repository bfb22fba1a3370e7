internal import CCRC32C
package import NIOCore

/// The checksums of record batches (CRC-32C, by the processor's instruction) and of the message sets that came before
/// them (CRC-32, as in zip files, by a table).
package enum Checksum {
    package static func crc32c(_ bytes: ByteBuffer) -> UInt32 {
        unsafe bytes.withUnsafeReadableBytes { unsafe CCRC32C.crc32c(0, $0.baseAddress, $0.count) }
    }

    package static func crc32(_ bytes: ByteBuffer) -> UInt32 {
        var crc = ~(0 as UInt32)
        for byte in bytes.readableBytesView {
            crc = (crc >> 8) ^ table[Int((crc ^ UInt32(byte)) & 0xff)]
        }
        return ~crc
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { crc, _ in (crc >> 1) ^ (crc & 1 == 0 ? 0 : 0xedb8_8320) }
    }
}
