public import Connector

/// Partitions of records with the offset committed in each: what is left when a process dies.
public actor InMemoryLog {
    public struct Record: Sendable {
        /// `nil` is a tombstone.
        public var payload: [UInt8]?
        public var key: [UInt8]?
        public var headers: [EventHeader] = []
        public var timestampMilliseconds: Int64?
    }

    private var records: [SourcePartition: [Record]] = [:]
    private var committedOffsets: [SourcePartition: Int64] = [:]

    public init() {}

    /// Makes an empty partition.
    public func create(_ partition: SourcePartition) { records[partition, default: []] += [] }

    /// Appends one record; the partition exists from then on.
    public func append(
        _ payload: [UInt8], key: [UInt8]? = nil, headers: [EventHeader] = [], timestampMilliseconds: Int64? = nil,
        to partition: SourcePartition
    ) {
        records[partition, default: []].append(
            Record(payload: payload, key: key, headers: headers, timestampMilliseconds: timestampMilliseconds))
    }

    /// Appends a record without a value.
    public func appendTombstone(key: [UInt8]?, headers: [EventHeader] = [], to partition: SourcePartition) {
        records[partition, default: []].append(Record(payload: nil, key: key, headers: headers))
    }

    /// The offset that a new reader starts from.
    public func committed(_ partition: SourcePartition) -> Int64 { committedOffsets[partition, default: 0] }

    /// The offset after the last record.
    public func end(_ partition: SourcePartition) -> Int64 { Int64(records[partition, default: []].count) }

    /// - Parameter offset: of the next record to read.
    func commit(_ offset: Int64, of partition: SourcePartition) {
        committedOffsets[partition] = max(committedOffsets[partition, default: 0], offset)
    }

    func partitions(of topics: [String]) -> [SourcePartition] {
        records.keys.filter { topics.contains($0.topic) }.sorted()
    }

    func read(_ partition: SourcePartition, from offset: Int64, limit: Int) -> [Record] {
        let all = records[partition, default: []]
        return Array(all[min(Int(offset), all.count)...].prefix(limit))
    }
}
