import KafkaProtocol
import NIOCore

@testable import FakeBroker

/// Record batches as producers send them.
enum Batches {
    static func make(
        _ values: [String], timestamp: Int64 = 1000, producerID: Int64 = -1, epoch: Int16 = -1, sequence: Int32 = -1
    ) -> ByteBuffer {
        var builder = RecordBatchBuilder()
        builder.producerID = producerID
        builder.producerEpoch = epoch
        builder.baseSequence = sequence
        for (index, value) in values.enumerated() {
            builder.append(value: ByteBuffer(string: value), timestampMs: timestamp + Int64(index))
        }
        return builder.build()
    }

    /// The values, with their offsets, of all batches in a fetch's records.
    static func values(_ records: ByteBuffer?) throws -> [(offset: Int64, value: String)] {
        var rest = records ?? ByteBuffer()
        var values: [(offset: Int64, value: String)] = []
        while let (batch, bytes) = try RecordBatch.next(from: &rest) {
            try batch.validate(bytes)
            var reader = try RecordBatchReader(batch, bytes)
            while let record = try reader.next() {
                values.append((record.offset, record.value.map { String(buffer: $0) } ?? ""))
            }
        }
        return values
    }
}
