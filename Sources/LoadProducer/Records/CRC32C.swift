internal import CCRC32C

/// Castagnoli's CRC, as Kafka's own batches have it.
struct CRC32C {
    private(set) var value: UInt32 = 0

    mutating func update(_ bytes: ArraySlice<UInt8>) {
        // The C function reads what it is given the address and the length of, and keeps neither.
        value = unsafe bytes.withUnsafeBytes { unsafe crc32c(value, $0.baseAddress, $0.count) }
    }
}
