import LoadGenerators
import NIOCore
import SeededRandom

/// Makes the records of a plan's messages, by load-producer's generators.
struct RecordSource {
    struct Made {
        let key: ByteBuffer?
        let value: ByteBuffer?
        let timestampMilliseconds: Int64
        /// FNV-1a over key and value.
        let hash: UInt64

        /// The value in words.
        var valueText: String { value.map { "\($0.readableBytes) bytes" } ?? "a tombstone" }
    }

    private static let firstTimestamp: Int64 = 1_764_000_000_000

    private let plan: ValuePlan
    private var payload: PayloadSource
    private var bytes: [UInt8] = []

    /// - Parameter plan: Clamped, so that it is one.
    init(_ plan: ValuePlan) {
        self.plan = plan
        payload = (try? plan.source()) ?? PayloadSource(.sentence, sizes: .fixed(0), most: 0)
    }

    mutating func record(of message: MessagePlan) -> Made {
        let timestamp = Self.firstTimestamp + Int64(message.atMilliseconds)
        var mixer = SeededGenerator(seed: plan.seed ^ UInt64(truncatingIfNeeded: message.sequence))
        var generator = mixer.fork()
        bytes.removeAll(keepingCapacity: true)
        if let key = message.key { bytes += key.utf8 }
        let keyEnd = bytes.count
        let isTombstone = plan.tombstones > 0 && Double.random(in: 0..<1, using: &generator) < plan.tombstones
        if !isTombstone {
            let context = Template.Context(
                run: "simulation", producer: "0", sequence: message.sequence, intended: timestamp * 1_000_000,
                key: message.key == nil ? nil : 0..<keyEnd)
            payload.append(context, line: [], to: &bytes, using: &generator)
        }
        // Templates are not cut by the generator.
        let value = bytes[keyEnd...].prefix(ValuePlan.largest)
        var hash = isTombstone ? FNV1a(1) : FNV1a()
        hash.fold(bytes.span)
        return Made(
            key: message.key == nil ? nil : ByteBuffer(bytes: bytes[..<keyEnd]),
            value: isTombstone ? nil : ByteBuffer(bytes: value), timestampMilliseconds: timestamp,
            hash: hash.value ^ UInt64(keyEnd))
    }
}
