import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `Frame decoder` {
    private func framed(_ lengths: [Int]) -> (bytes: ByteBuffer, frames: [ByteBuffer]) {
        var bytes = ByteBuffer()
        let frames = lengths.enumerated().map { ByteBuffer(repeating: UInt8(truncatingIfNeeded: $0), count: $1) }
        for frame in frames {
            bytes.writeInteger(Int32(frame.readableBytes))
            bytes.writeImmutableBuffer(frame)
        }
        return (bytes, frames)
    }

    private func decode(_ chunks: [ByteBuffer], limit: Int = 1_000_000) -> [FrameDecoder.Progress] {
        var decoder = FrameDecoder(lengthLimit: limit)
        var found: [FrameDecoder.Progress] = []
        for chunk in chunks {
            var bytes = chunk
            while true {
                let progress = decoder.next(from: &bytes)
                if progress == .needsMore { break }
                found.append(progress)
                if case .refused = progress { return found }
            }
            #expect(bytes.readableBytes == 0)
        }
        return found
    }

    @Test func `cuts frames wherever the bytes are torn`() {
        let (bytes, frames) = framed([0, 1, 5, 0, 3])
        for first in 0...bytes.readableBytes {
            for second in first...bytes.readableBytes {
                let chunks = [(0, first), (first, second), (second, bytes.readableBytes)].compactMap {
                    bytes.getSlice(at: $0, length: $1 - $0)
                }
                #expect(decode(chunks) == frames.map { .frame($0) })
            }
        }
    }

    @Test(arguments: UInt64(0)..<30)
    func `cuts frames of every size out of chunks of every size`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let sizes = [0, 1, 100, FrameDecoder.sharedLength, FrameDecoder.sharedLength + 1, 300_000]
        var (bytes, frames) = framed((0..<10).map { _ in sizes.randomElement(using: &random) ?? 0 })
        var chunks: [ByteBuffer] = []
        while bytes.readableBytes > 0 {
            let length = min(bytes.readableBytes, Int.random(in: 1...100_000, using: &random))
            if let chunk = bytes.readSlice(length: length) { chunks.append(chunk) }
        }
        #expect(decode(chunks) == frames.map { .frame($0) })
    }

    @Test func `takes a frame of the greatest length and none longer`() {
        let (bytes, frames) = framed([100])
        #expect(decode([bytes], limit: 100) == [.frame(frames[0])])
        #expect(decode([bytes], limit: 99) == [.refused(length: 100)])
    }

    @Test func `refuses a negative length`() {
        #expect(decode([ByteBuffer(integer: Int32(-1))]) == [.refused(length: -1)])
    }

    @Test func `gives no memory for bytes that are only announced`() {
        var decoder = FrameDecoder(lengthLimit: 100 << 20)
        var bytes = ByteBuffer(integer: Int32(100 << 20))
        bytes.writeInteger(UInt8(0))
        #expect(decoder.next(from: &bytes) == .needsMore)
        #expect(decoder.memoryHeld <= 2 * FrameDecoder.trustedLength)
    }

    @Test func `gives a large frame memory of its own`() {
        let (bytes, _) = framed([100_000, 100_000])
        for case .frame(let frame) in decode([bytes]) { #expect(frame.storageCapacity == 131_072) }
    }
}
