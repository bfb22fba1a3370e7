package import KafkaProtocol
package import NIOCore

/// Opens the records of a compressed batch, and closes them again.
///
/// What comes from a producer is never trusted: opening it ends at a limit, so that a few bytes that stand for
/// gigabytes are an error and not memory.
package enum RecordCodec {
    /// As much as a frame brings uncompressed.
    package static let openBytesLimit = 100 * 1024 * 1024

    /// - Parameters:
    ///   - bytes: what follows the batch's header.
    ///   - limit: the most bytes that the open records may have.
    package static func open(
        _ bytes: ByteBuffer, _ compression: Compression, limit: Int = openBytesLimit
    ) throws(CompressionError) -> ByteBuffer {
        switch compression {
        case .none: return bytes
        case .gzip: return try Gzip.open(bytes, limit: limit)
        case .snappy: return try Snappy.open(bytes, limit: limit)
        case .lz4: return try LZ4Frame.open(bytes, limit: limit)
        case .zstd: return try Zstd.open(bytes, limit: limit)
        }
    }

    package static func close(
        _ bytes: ByteBuffer, _ compression: Compression
    ) throws(CompressionError) -> ByteBuffer {
        switch compression {
        case .none: return bytes
        case .gzip: return try Gzip.close(bytes)
        case .snappy: return Snappy.close(bytes)
        case .lz4: return try LZ4Frame.close(bytes)
        case .zstd: return try Zstd.close(bytes)
        }
    }
}

/// Records that cannot be opened or closed.
package struct CompressionError: Error, Equatable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        case damaged
        /// The bytes end before the records do.
        case truncated
        /// Open they would have more bytes than this.
        case beyondLimit(Int)
        /// The library could not work, for want of memory say.
        case failed
    }

    package let compression: Compression
    package let reason: Reason

    package init(compression: Compression, reason: Reason) {
        self.compression = compression
        self.reason = reason
    }

    package var description: String {
        switch reason {
        case .damaged: "records compressed by \(compression) are damaged"
        case .truncated: "records compressed by \(compression) end early"
        case .beyondLimit(let limit): "records compressed by \(compression) have more than \(limit) bytes when opened"
        case .failed: "\(compression) failed"
        }
    }
}
