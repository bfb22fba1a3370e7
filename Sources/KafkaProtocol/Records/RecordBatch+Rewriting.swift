package import NIOCore

// What a broker writes into a batch that a producer sent. `index` is where the batch begins in the buffer. The
// checksum does not cover base offset and leader epoch, so these cost a few bytes however long the batch is.

extension ByteBuffer {
    package mutating func setBaseOffset(_ offset: Int64, ofBatchAt index: Int) {
        setInteger(offset, at: index + RecordBatch.Field.baseOffset)
    }

    package mutating func setPartitionLeaderEpoch(_ epoch: Int32, ofBatchAt index: Int) {
        setInteger(epoch, at: index + RecordBatch.Field.partitionLeaderEpoch)
    }

    /// Gives every record of the batch the time at which the broker appended it, and states the checksum anew.
    package mutating func setLogAppendTime(_ timestampMs: Int64, of batch: RecordBatch, at index: Int) {
        var attributes = batch.attributes
        attributes.isLogAppendTime = true
        setInteger(attributes.rawValue, at: index + RecordBatch.Field.attributes)
        setInteger(timestampMs, at: index + RecordBatch.Field.maxTimestamp)
        sealBatch(at: index, sizeInBytes: batch.sizeInBytes)
    }

    /// States the latest time of the batch's records, which its producer left out, and the checksum anew.
    package mutating func setMaxTimestamp(_ timestampMs: Int64, of batch: RecordBatch, at index: Int) {
        setInteger(timestampMs, at: index + RecordBatch.Field.maxTimestamp)
        sealBatch(at: index, sizeInBytes: batch.sizeInBytes)
    }

    /// The batch at `index`, which ends where the buffer does, has fewer records than before: states how many, its
    /// length and its checksum.
    package mutating func setRecordCount(_ count: Int32, ofBatchAt index: Int) {
        setInteger(count, at: index + RecordBatch.Field.recordCount)
        sealBatch(at: index, sizeInBytes: writerIndex - index)
    }

    /// States length and checksum of the batch, once everything else is written.
    package mutating func sealBatch(at index: Int, sizeInBytes: Int) {
        let length = Int32(truncatingIfNeeded: sizeInBytes - RecordBatch.prefixBytes)
        setInteger(length, at: index + RecordBatch.Field.batchLength)
        guard let crc = batchChecksum(at: index, sizeInBytes: sizeInBytes) else { return }
        setInteger(crc, at: index + RecordBatch.Field.crc)
    }

    /// Apart, so that the slice is gone when the checksum is set, or all bytes would be copied.
    private func batchChecksum(at index: Int, sizeInBytes: Int) -> UInt32? {
        let length = sizeInBytes - RecordBatch.checksummedFrom
        return getSlice(at: index + RecordBatch.checksummedFrom, length: length).map { Checksum.crc32c($0) }
    }
}

extension RecordBatch {
    /// A copy in which every batch states another checksum than its own, for those who test what a reader does then.
    package static func withWrongChecksums(_ records: ByteBuffer) -> ByteBuffer {
        var spoiled = ByteBuffer()
        spoiled.writeImmutableBuffer(records)
        var rest = spoiled
        while let batch = try? RecordBatch(headerOf: rest) {
            spoiled.setInteger(~batch.crc, at: rest.readerIndex + Field.crc)
            rest.moveReaderIndex(forwardBy: batch.sizeInBytes)
        }
        return spoiled
    }
}
