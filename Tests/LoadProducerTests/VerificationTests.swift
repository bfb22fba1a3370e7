import LoadProducer
import SeededRandom
import Testing

@Suite struct VerificationTests {
    private func record(
        _ sequence: Int, at offset: Int64, partition: Int32 = 0, run: String = "r", aborted: Int = 0,
        isToBeAborted: Bool = false, value: [UInt8] = [1], changed: [UInt8]? = nil
    ) -> SeenRecord {
        let header = VerificationHeader(
            run: run, producer: "p", sequence: sequence, intended: 5,
            checksum: VerificationHeader.checksum(key: nil, value: value), aborted: aborted,
            isToBeAborted: isToBeAborted)
        return SeenRecord(
            topic: "t", partition: partition, offset: offset, key: nil, value: changed ?? value,
            header: String(decoding: header.text, as: UTF8.self))
    }

    private func verdict(
        _ records: [SeenRecord], _ expectation: VerificationLedger.Expectation? = nil,
        _ change: (inout VerificationLedger.Options) -> Void = { _ in }
    ) -> Verdict {
        var options = VerificationLedger.Options()
        change(&options)
        var ledger = VerificationLedger(options)
        for record in records { ledger.take(record) }
        return ledger.verdict(expectation)
    }

    @Test func `a run that is whole has nothing wrong`() {
        let verdict = verdict([
            record(0, at: 0), record(2, at: 1), record(1, at: 0, partition: 1), record(3, at: 1, partition: 1),
        ])
        #expect(verdict.holds(allowing: []))
        #expect(verdict.distinct == 4)
        #expect(verdict.sources == ["r/p"])
    }

    @Test func `what is missing is lost, and told`() {
        let verdict = verdict([record(0, at: 0), record(3, at: 1)])
        #expect(verdict.lost == 2)
        #expect(verdict.gaps == ["r/p: 1…2"])
        #expect(!verdict.holds(allowing: []))
        #expect(verdict.holds(allowing: [.gaps]))
    }

    @Test func `what is missing at the end is known from the report`() {
        let records = [record(0, at: 0), record(1, at: 1)]
        #expect(verdict(records, .init(committed: 5)).lost == 3)
        let failed = verdict(records, .init(committed: 2, failed: 3))
        #expect(failed.lost == 0)
        #expect(failed.missingByFailure == 3)
        #expect(verdict(records, .init(committed: 2)).lost == 0)
    }

    @Test func `a double is told from what is read again`() {
        let doubled = verdict([record(0, at: 0), record(1, at: 1), record(0, at: 2)])
        #expect(doubled.duplicates == 1)
        #expect(doubled.redelivered == 0)
        let again = verdict([record(0, at: 0), record(1, at: 1), record(0, at: 0), record(1, at: 1), record(2, at: 2)])
        #expect(again.duplicates == 0)
        #expect(again.redelivered == 2)
        #expect(again.holds(allowing: []))
    }

    @Test func `order counts within a partition`() {
        #expect(verdict([record(1, at: 0), record(0, at: 1)]).reordered == 1)
        #expect(verdict([record(1, at: 0), record(0, at: 0, partition: 1)]).reordered == 0)
    }

    @Test func `a change of key, value or header is found`() {
        #expect(verdict([record(0, at: 0, changed: [2])]).corrupted == 1)
        var broken = record(0, at: 0)
        broken.header = "run=r;producer=p;sequence=x"
        #expect(verdict([broken]).corrupted == 1)
        broken.header = nil
        #expect(verdict([broken]).foreign == 1)
        #expect(verdict([record(.max, at: 0)]).corrupted == 1)
    }

    @Test func `other runs are others'`() {
        let verdict = verdict([record(5, at: 0, run: "old"), record(0, at: 1)], nil) { $0.run = "r" }
        #expect(verdict.foreign == 1)
        #expect(verdict.lost == 0)
    }

    @Test func `aborted records may be missing, and may not be shown to who reads committed ones`() {
        // 0 and 1 committed; 2 and 3 aborted; 4 committed.
        let committed = [
            record(0, at: 0), record(1, at: 1), record(4, at: 6, aborted: 2),
        ]
        let clean = verdict(committed)
        #expect(clean.lost == 0)
        #expect(clean.missingByAbort == 2)
        let lossy = verdict([record(0, at: 0), record(4, at: 6, aborted: 2)])
        #expect(lossy.lost == 1)
        let aborted = [record(2, at: 3, isToBeAborted: true), record(3, at: 4, isToBeAborted: true)]
        let all = [committed[0], committed[1]] + aborted + [committed[2]]
        #expect(verdict(all).abortedShown == 2)
        #expect(!verdict(all).holds(allowing: []))
        let uncommitted = verdict(all, nil) { $0.isReadCommitted = false }
        #expect(uncommitted.abortedRead == 2)
        #expect(uncommitted.missingByAbort == 0)
        #expect(uncommitted.holds(allowing: []))
    }

    @Test func `compaction may take records, but no more than it left holes`() {
        let records = [record(0, at: 0), record(3, at: 3)]
        let compacted = verdict(records) { $0.isCompacted = true }
        #expect(compacted.lost == 0)
        #expect(compacted.missingByCompaction == 2)
        let lossy = verdict([record(0, at: 0), record(3, at: 2)]) { $0.isCompacted = true }
        #expect(lossy.lost == 1)
    }

    @Test func `calls are followed by function`() {
        var ledger = FollowLedger(functions: ["f", "g"], run: "r")
        for sequence in [0, 1, 1, 2] {
            let header = VerificationHeader(
                run: "r", producer: "p", sequence: sequence, intended: 1_000_000, checksum: 0)
            let text = String(decoding: header.text, as: UTF8.self)
            ledger.take(function: "f", header: text, at: 1_000_000 + Int64(sequence + 1) * 2_000_000)
            ledger.take(function: "f", header: text.replacing("run=r", with: "run=other"), at: 0)
        }
        ledger.take(function: "f", header: "nonsense", at: 0)
        let verdicts = ledger.verdicts(of: 4)
        #expect(verdicts.map(\.name) == ["f", "g"])
        #expect(verdicts[0].calls == 4 && verdicts[0].records == 3 && verdicts[0].repeated == 1)
        #expect(verdicts[0].lost == 1 && verdicts[1].lost == 4)
        #expect(verdicts[0].p50 > 3.9 && verdicts[0].p50 < 4.1)
        #expect(verdicts[0].max > 5.9 && verdicts[0].max < 6.1)
    }

    @Test func `sequence sets know their gaps`() {
        var set = SequenceSet()
        for number in 0..<200_000 where !(100...163).contains(number) && number != 70_000 {
            #expect(set.insert(number) == .new)
        }
        #expect(set.insert(5) == .alreadyThere)
        #expect(set.gaps(below: 200_010, limit: 9) == [100..<164, 70_000..<70_001, 200_000..<200_010])
        #expect(set.gaps(below: 200_010, limit: 1) == [100..<164])
        #expect(set.contains(99) && !set.contains(100))
        #expect(set.insert(-1) == .refused)
    }

    @Test func `sequence numbers far apart do not fill the memory`() {
        var set = SequenceSet()
        var refused = 0
        for number in 0..<20_000 where set.insert(number * 1_000_000) == .refused { refused += 1 }
        #expect(refused == 20_000 - (1 << 14))
    }

    @Test func `mutated headers never trap`() {
        var generator = SeededGenerator(seed: 3)
        let original = VerificationHeader(
            run: "r", producer: "p", sequence: 7, intended: 5, checksum: 9, aborted: 2, isToBeAborted: true
        ).text
        #expect(VerificationHeader(String(decoding: original, as: UTF8.self))?.text == original)
        var ledger = VerificationLedger(.init())
        var follow = FollowLedger(functions: [], run: nil)
        for round in 0..<20_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            if round.isMultiple(of: 5) { bytes += bytes }
            let text = String(decoding: bytes, as: UTF8.self)
            ledger.take(
                SeenRecord(topic: "t", partition: 0, offset: Int64(round), key: nil, value: nil, header: text))
            follow.take(function: "f", header: text, at: Int64(round))
        }
        #expect(ledger.verdict(nil).records == 20_000)
    }
}
