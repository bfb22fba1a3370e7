internal import CZstd
internal import KafkaProtocol
internal import NIOCore

/// Zstandard (RFC 8878), by libzstd.
///
/// Its decoder refuses windows above 128 MiB by itself, and touches no more of one than it has produced.
enum Zstd {
    private static let level: Int32 = 3

    static func open(_ bytes: ByteBuffer, limit: Int) throws(CompressionError) -> ByteBuffer {
        guard let context = unsafe ZSTD_createDCtx() else {
            throw CompressionError(compression: .zstd, reason: .failed)
        }
        defer { unsafe ZSTD_freeDCtx(context) }
        return try unsafe inflate(bytes, .zstd, limit: limit) { input, output in
            var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
            var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
            let hint = unsafe ZSTD_decompressStream(context, &target, &source)
            guard ZSTD_isError(hint) == 0 else { return .damaged }
            return unsafe .went(consumed: source.pos, produced: target.pos, isAtEnd: hint == 0)
        }
    }

    static func close(_ bytes: ByteBuffer) throws(CompressionError) -> ByteBuffer {
        try unsafe deflate(bytes, .zstd, bound: ZSTD_compressBound(bytes.readableBytes)) { input, output in
            let count = unsafe ZSTD_compress(output.baseAddress, output.count, input.baseAddress, input.count, level)
            return ZSTD_isError(count) == 0 ? count : nil
        }
    }
}
