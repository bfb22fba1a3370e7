internal import KafkaProtocol
internal import NIOCore

/// What a call of a streaming decoder did.
enum InflateStep {
    /// - Parameter isAtEnd: a frame, or stream, is complete, and what it holds was handed out.
    case went(consumed: Int, produced: Int, isAtEnd: Bool)
    case damaged
}

/// Calls a streaming decoder until its input is used up, whatever number of frames that has, or the limit is reached.
///
/// The output grows with what was produced, not by what a header promises.
///
/// - Parameter step: takes from the first bytes and writes into the second.
func inflate(
    _ input: ByteBuffer, _ compression: Compression, limit: Int,
    _ step: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> InflateStep
) throws(CompressionError) -> ByteBuffer {
    let firstRoom = 64 * 1024
    var rest = input
    var output = ByteBuffer()
    var isAtEnd = false
    while rest.readableBytes > 0 || !isAtEnd {
        // One byte more than may be, so that going beyond is seen.
        let room = min(max(firstRoom, output.readableBytes), limit + 1 - output.readableBytes)
        var result = InflateStep.damaged
        unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            result = unsafe rest.withUnsafeReadableBytes {
                unsafe step($0, UnsafeMutableRawBufferPointer(rebasing: target.prefix(room)))
            }
            guard case .went(_, let produced, _) = result else { return 0 }
            return produced
        }
        guard case .went(let consumed, let produced, let ended) = result else {
            throw CompressionError(compression: compression, reason: .damaged)
        }
        rest.moveReaderIndex(forwardBy: consumed)
        isAtEnd = ended
        guard output.readableBytes <= limit else {
            throw CompressionError(compression: compression, reason: .beyondLimit(limit))
        }
        if consumed == 0, produced == 0, rest.readableBytes > 0 || !ended {
            throw CompressionError(compression: compression, reason: rest.readableBytes > 0 ? .damaged : .truncated)
        }
    }
    return output
}

/// Lets a library compress all at once into so many bytes.
///
/// - Parameter body: returns how many it wrote; nil if it failed.
func deflate(
    _ input: ByteBuffer, _ compression: Compression, bound: Int,
    _ body: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Int?
) throws(CompressionError) -> ByteBuffer {
    var output = ByteBuffer()
    var isDone = false
    unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { target in
        guard let count = unsafe input.withUnsafeReadableBytes({ unsafe body($0, target) }) else { return 0 }
        isDone = true
        return count
    }
    guard isDone else { throw CompressionError(compression: compression, reason: .failed) }
    return output
}
