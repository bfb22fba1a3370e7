internal import NIOCore

/// Cuts a connection's bytes into Kafka frames: four bytes of length, then as many bytes.
///
/// A frame that has arrived whole and is small stays a slice of what was read: the log copies small batches anyhow.
/// A larger one gets memory of its own, exactly as long as it is, so that a batch kept from it pins nothing else.
/// No frame is given memory for more than ``trustedLength`` bytes before those have arrived.
struct FrameDecoder {
    enum Progress: Equatable {
        case frame(ByteBuffer)
        /// All bytes are taken; the frame goes on.
        case needsMore
        /// Nothing after this can be made sense of.
        case refused(length: Int)
    }

    /// The longest frame that may stay a slice of the bytes read.
    static let sharedLength = 16 * 1024
    /// Memory given to a frame on its word alone.
    static let trustedLength = 1024 * 1024

    /// The longest frame taken.
    let lengthLimit: Int
    private var lengthBytes = ByteBuffer()
    private var body: (bytes: ByteBuffer, missing: Int)?

    init(lengthLimit: Int) {
        self.lengthLimit = lengthLimit
    }

    /// Bytes of memory given to the frame that is under way.
    var memoryHeld: Int { body?.bytes.storageCapacity ?? 0 }

    /// Takes bytes until a frame is whole. Call again with the same bytes until more are needed.
    mutating func next(from bytes: inout ByteBuffer) -> Progress {
        if body == nil {
            guard let length = readLength(from: &bytes) else { return .needsMore }
            guard 0...lengthLimit ~= length else { return .refused(length: length) }
            if length <= Self.sharedLength, let frame = bytes.readSlice(length: length) { return .frame(frame) }
            let capacity = min(length, max(Self.trustedLength, bytes.readableBytes))
            body = (bytes: ByteBufferAllocator().buffer(capacity: capacity), missing: length)
        }
        guard var (frame, missing) = body.take() else { return .needsMore }
        if var part = bytes.readSlice(length: min(missing, bytes.readableBytes)) {
            missing -= part.readableBytes
            frame.writeBuffer(&part)
        }
        if missing == 0 { return .frame(frame) }
        body = (bytes: frame, missing: missing)
        return .needsMore
    }

    private mutating func readLength(from bytes: inout ByteBuffer) -> Int? {
        if lengthBytes.readableBytes == 0, let length = bytes.readInteger(as: Int32.self) { return Int(length) }
        let needed = 4 - lengthBytes.readableBytes
        if var part = bytes.readSlice(length: min(needed, bytes.readableBytes)) { lengthBytes.writeBuffer(&part) }
        guard let length = lengthBytes.readInteger(as: Int32.self) else { return nil }
        lengthBytes.clear()
        return Int(length)
    }
}
