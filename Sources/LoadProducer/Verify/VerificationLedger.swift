// Judges what was read of a topic by the header that each record carries: what is missing, doubled, out of order or
// changed, and which of it Kafka allows.

/// A record as it was read.
package struct SeenRecord: Sendable {
    package var topic: String
    package var partition: Int32
    package var offset: Int64
    package var key: [UInt8]?
    package var value: [UInt8]?
    /// Of `VerificationHeader.name`; `nil` if there is none.
    package var header: String?

    package init(
        topic: String, partition: Int32, offset: Int64, key: [UInt8]?, value: [UInt8]?, header: String?
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.key = key
        self.value = value
        self.header = header
    }
}

package struct VerificationLedger: Sendable {
    package struct Options: Sendable {
        /// Only of this run; `nil`: of all.
        package var run: String?
        /// The topic keeps the last record of each key only (`cleanup.policy=compact`).
        package var isCompacted = false
        /// Records of aborted transactions are not shown (`isolation.level=read_committed`).
        package var isReadCommitted = true

        package init() {}
    }

    /// Whose sequence numbers count together.
    package struct Source: Hashable, Sendable, Comparable, CustomStringConvertible {
        package var run: String
        package var producer: String

        package static func < (left: Source, right: Source) -> Bool {
            (left.run, left.producer) < (right.run, right.producer)
        }

        package var description: String { "\(run)/\(producer)" }
    }

    private struct Place: Hashable {
        var topic: String
        var partition: Int32
    }

    private struct Line: Hashable {
        var place: Place
        var source: Source
    }

    struct Account: Sendable {
        var seen = SequenceSet()
        /// Highest sequence seen, to be aborted or not; -1 for none.
        var greatest = -1
        /// In aborted transactions before the highest, as its record says.
        var aborted = 0
        var duplicates = 0
        var reordered = 0
        var corrupted = 0
        var abortedShown = 0
    }

    private let options: Options
    private var accounts: [Source: Account] = [:]
    /// The next offset of each partition.
    private var nextOffsets: [Place: Int64] = [:]
    private var lastSequences: [Line: Int] = [:]
    package private(set) var records = 0
    /// Records without the header, or of other runs.
    package private(set) var foreign = 0
    /// Records read a second time: after a rebalance others' uncommitted work is read again.
    package private(set) var redelivered = 0
    /// Offsets that no record has: transaction markers, aborted records, compaction.
    package private(set) var holes = 0
    package private(set) var unreadable = 0
    /// The first few troubles, for people.
    package private(set) var examples: [String] = []

    private static let mostExamples = 20
    private static let mostSources = 10_000

    package init(_ options: Options) { self.options = options }

    /// Distinct records of the runs that are looked at.
    package var distinct: Int { accounts.values.reduce(0) { $0 + $1.seen.count } }

    /// Where a partition's log begins: what is missing from there on leaves a hole.
    package mutating func begin(topic: String, partition: Int32, at offset: Int64) {
        nextOffsets[Place(topic: topic, partition: partition)] = offset
    }

    package mutating func take(_ record: SeenRecord) {
        let place = Place(topic: record.topic, partition: record.partition)
        if let next = nextOffsets[place] {
            guard record.offset >= next else {
                redelivered += 1
                return
            }
            holes += Int(record.offset - next)
        }
        nextOffsets[place] = record.offset + 1
        records += 1
        guard let text = record.header else {
            foreign += 1
            return
        }
        guard let header = VerificationHeader(text) else {
            unreadable += 1
            note("\(Self.name(record)): its header \(VerificationHeader.name) cannot be read")
            return
        }
        let source = Source(run: header.run, producer: header.producer)
        if let run = options.run, header.run != run {
            foreign += 1
            return
        }
        guard accounts[source] != nil || accounts.count < Self.mostSources else {
            unreadable += 1
            return
        }
        judge(record, header, Line(place: place, source: source))
    }

    private mutating func judge(_ record: SeenRecord, _ header: VerificationHeader, _ line: Line) {
        var account = accounts.removeValue(forKey: line.source) ?? Account()
        defer { accounts[line.source] = account }
        if VerificationHeader.checksum(key: record.key, value: record.value) != header.checksum {
            account.corrupted += 1
            note("\(Self.name(record)): key or value are not those that sequence \(header.sequence) was sent with")
        }
        if header.isToBeAborted {
            account.abortedShown += 1
            if options.isReadCommitted {
                note("\(Self.name(record)): sequence \(header.sequence) is of a transaction that was to be aborted")
            }
            return
        }
        switch account.seen.insert(header.sequence) {
        case .new:
            if header.sequence > account.greatest {
                account.greatest = header.sequence
                account.aborted = header.aborted
            }
            if let last = lastSequences[line], header.sequence < last {
                account.reordered += 1
                note("\(Self.name(record)): sequence \(header.sequence) comes after \(last)")
            } else {
                lastSequences[line] = header.sequence
            }
        case .alreadyThere:
            account.duplicates += 1
            note("\(Self.name(record)): sequence \(header.sequence) for the second time")
        case .refused:
            account.corrupted += 1
            note("\(Self.name(record)): sequence \(header.sequence) is beyond all measure")
        }
    }

    private mutating func note(_ example: String) {
        if examples.count < Self.mostExamples { examples.append(example) }
    }

    private static func name(_ record: SeenRecord) -> String {
        "\(record.topic)/\(record.partition)@\(record.offset)"
    }
}

extension VerificationLedger {
    /// What is known of a run beside its records: from its own report.
    package struct Expectation: Sendable {
        /// Records that the brokers acknowledged and that no transaction took back.
        package var committed: Int
        /// Reported as failed; some may be in the topic all the same.
        package var failed: Int

        package init(committed: Int, failed: Int = 0) {
            self.committed = committed
            self.failed = failed
        }
    }

    package func verdict(_ expectation: Expectation?) -> Verdict {
        var verdict = Verdict()
        verdict.records = records
        verdict.foreign = foreign
        verdict.redelivered = redelivered
        verdict.corrupted = unreadable
        verdict.examples = examples
        var missing = 0
        for (source, account) in accounts.sorted(by: { $0.key < $1.key }) {
            verdict.sources.append("\(source)")
            verdict.distinct += account.seen.count
            verdict.duplicates += account.duplicates
            verdict.reordered += account.reordered
            verdict.corrupted += account.corrupted
            if options.isReadCommitted {
                verdict.abortedShown += account.abortedShown
            } else {
                verdict.abortedRead += account.abortedShown
            }
            let absent = account.greatest + 1 - account.seen.count
            let legal = min(absent, account.aborted)
            verdict.missingByAbort += options.isReadCommitted ? legal : max(0, legal - account.abortedShown)
            missing += absent - legal
            if absent > legal {
                for gap in account.seen.gaps(below: account.greatest + 1, limit: 5) {
                    verdict.gaps.append("\(source): \(gap.lowerBound)…\(gap.upperBound - 1)")
                }
            }
        }
        if let expectation {
            // What is missing at a producer's end leaves no gap. Those that failed are among what is missing.
            missing = max(missing, expectation.committed + expectation.failed - verdict.distinct)
            verdict.missingByFailure = min(missing, expectation.failed)
            missing -= verdict.missingByFailure
        }
        if options.isCompacted {
            // A record that compaction removed leaves the hole of its offset, or, where it was the last, nothing.
            verdict.missingByCompaction = min(missing, holes)
            missing -= verdict.missingByCompaction
        }
        verdict.lost = max(0, missing)
        return verdict
    }
}
