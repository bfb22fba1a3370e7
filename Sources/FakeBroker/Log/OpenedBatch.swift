internal import KafkaProtocol
internal import NIOCore
internal import RecordCompression

// Looking into batches that are compressed: for those who search a log or clean it, never on the way in or out.

extension RecordBatch {
    /// The records of the batch, no longer compressed.
    ///
    /// - Parameter bytes: the batch, header included.
    func openRecords(_ bytes: ByteBuffer) throws -> ByteBuffer {
        try RecordCodec.open(RecordBatchReader.compressedRecords(bytes), attributes.compression ?? .none)
    }
}

extension RecordBatchReader {
    init(opening batch: RecordBatch, _ bytes: ByteBuffer) throws {
        try self.init(batch, bytes, inflated: batch.openRecords(bytes))
    }
}
