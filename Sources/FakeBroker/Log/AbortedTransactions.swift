internal import KafkaProtocol

/// Which records of a partition were aborted, for those who read committed records only: they skip, from the first
/// offset on, all of the producer's records up to its marker.
///
/// Source: Kafka's transaction index (KIP-98).
struct AbortedTransactions: Sendable {
    struct Entry: Equatable, Sendable {
        var producerID: Int64
        var firstOffset: Int64
        /// Of the marker.
        var lastOffset: Int64

        func covers(_ batch: RecordBatch) -> Bool {
            batch.attributes.isTransactional && batch.producerID == producerID
                && firstOffset <= batch.baseOffset && batch.baseOffset < lastOffset
        }
    }

    /// By last offset.
    private var entries: [Entry] = []

    var count: Int { entries.count }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
    }

    /// Those that have something between the offsets, by first offset.
    func overlapping(_ offsets: Range<Int64>) -> [Entry] {
        let start = entries.partitioningIndex { $0.lastOffset >= offsets.lowerBound }
        return entries[start...].filter { $0.firstOffset < offsets.upperBound }.sorted {
            ($0.firstOffset, $0.lastOffset) < ($1.firstOffset, $1.lastOffset)
        }
    }

    /// The records before are gone.
    mutating func truncate(before offset: Int64) {
        entries.removeFirst(entries.partitioningIndex { $0.lastOffset >= offset })
    }
}
