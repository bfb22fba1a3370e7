import KafkaProtocol
import Testing

@testable import FakeBroker

/// Who has which record, and how often it was delivered.
@Suite struct `A partition of a share group` {
    private var partition = SharePartition(startOffset: 0)
    private var limits = SharePartition.Limits(lockDuration: .seconds(30), deliveries: 2, records: 10)
    private var now: Duration = .zero

    private mutating func acquire(_ count: Int, by member: String, _ batches: [Range<Int64>] = [0..<100]) -> [String] {
        partition.acquire(batches, count: count, for: member, limits: limits, now: now).map {
            "\($0.firstOffset)-\($0.lastOffset)×\($0.deliveryCount)"
        }
    }

    private mutating func expire() -> Bool { partition.expireLocks(now: now, limits: limits) }

    private mutating func release(_ member: String) -> Bool { partition.releaseAll(of: member, limits: limits) }

    private mutating func say(
        _ types: [Int8], _ offsets: ClosedRange<Int64>, by member: String, renews: Bool = false
    ) -> String {
        partition.acknowledge(
            [SharePartition.Batch(firstOffset: offsets.lowerBound, lastOffset: offsets.upperBound, types: types)],
            by: member, mayRenew: renews, limits: limits, now: now
        ).description
    }

    @Test mutating func `gives each record to one member`() {
        #expect(acquire(3, by: "a") == ["0-2×1"])
        #expect(acquire(3, by: "b") == ["3-5×1"])
        #expect(acquire(3, by: "a") == ["6-8×1"])
    }

    @Test mutating func `is done with what is accepted or rejected, from its beginning on`() {
        _ = acquire(4, by: "a")
        #expect(say([1], 1...2, by: "a") == "NONE")
        #expect(partition.startOffset == 0)
        #expect(partition.doneCount(before: 100) == 2)
        #expect(say([3], 0...0, by: "a") == "NONE")
        #expect(partition.startOffset == 3)
        #expect(say([0], 3...3, by: "a") == "NONE")
        #expect(partition.startOffset == 4)
    }

    @Test mutating func `delivers again what is released, and counts`() {
        _ = acquire(3, by: "a")
        #expect(say([2, 1, 2], 0...2, by: "a") == "NONE")
        #expect(acquire(3, by: "b") == ["0-0×2", "2-2×2", "3-3×1"])
        // Delivered as often as may be.
        #expect(say([2], 0...0, by: "b") == "NONE")
        #expect(acquire(3, by: "a") == ["4-6×1"])
        #expect(partition.startOffset == 2)
    }

    @Test mutating func `frees what was locked too long, to the nanosecond`() {
        _ = acquire(2, by: "a")
        now = .seconds(30) - .nanoseconds(1)
        #expect(partition.earliestLock == .seconds(30))
        #expect(expire() == false)
        now = .seconds(30)
        #expect(expire() == true)
        #expect(partition.earliestLock == nil)
        #expect(say([1], 0...1, by: "a") == "INVALID_RECORD_STATE")
        #expect(acquire(2, by: "b") == ["0-1×2"])
    }

    @Test mutating func `locks anew what is renewed`() {
        _ = acquire(2, by: "a")
        now = .seconds(20)
        #expect(say([4], 0...0, by: "a", renews: true) == "NONE")
        #expect(say([4], 1...1, by: "a") == "INVALID_REQUEST")
        now = .seconds(30)
        #expect(expire() == true)
        #expect(partition.earliestLock == .seconds(50))
        #expect(acquire(2, by: "b") == ["1-1×2", "2-2×1"])
    }

    @Test(arguments: [
        ([Int8(1)], Int64(2), Int64(1), "INVALID_REQUEST"), ([1], 0, 5, "INVALID_REQUEST"),
        ([], 0, 1, "INVALID_REQUEST"), ([1, 1], 0, 2, "INVALID_REQUEST"), ([5], 0, 1, "INVALID_REQUEST"),
        ([-1], 0, 1, "INVALID_REQUEST"), ([1], -3, -1, "INVALID_REQUEST"), ([1], 0, .max, "INVALID_REQUEST"),
        ([1], 3, 3, "INVALID_RECORD_STATE"),
    ])
    mutating func `takes nothing of an acknowledgement that is not as it should be`(
        types: [Int8], first: Int64, last: Int64, error: String
    ) {
        _ = acquire(3, by: "a")
        _ = acquire(2, by: "b")
        let former = partition
        let answer = partition.acknowledge(
            [
                SharePartition.Batch(firstOffset: 0, lastOffset: 0, types: [1]),
                SharePartition.Batch(firstOffset: first, lastOffset: last, types: types),
            ].suffix(first == 3 ? 2 : 1), by: "a", mayRenew: false, limits: limits, now: now)
        #expect(answer.description == error)
        #expect(partition == former)
    }

    @Test mutating func `says nothing of what is forgotten`() {
        _ = acquire(3, by: "a")
        #expect(say([1], 0...1, by: "a") == "NONE")
        // A repeated acknowledgement, as of an answer that was lost.
        #expect(say([1], 0...2, by: "a") == "NONE")
        #expect(partition.startOffset == 3)
    }

    @Test mutating func `has no more records under way than it may`() {
        #expect(acquire(20, by: "a") == ["0-9×1"])
        #expect(partition.firstAvailable(before: 100, limits: limits) == nil)
        #expect(say([2], 9...9, by: "a") == "NONE")
        #expect(partition.firstAvailable(before: 100, limits: limits) == 9)
        #expect(acquire(20, by: "b") == ["9-9×2"])
        #expect(say([1], 0...4, by: "a") == "NONE")
        #expect(acquire(20, by: "b") == ["10-14×1"])
    }

    @Test mutating func `passes over offsets that are not there`() {
        #expect(acquire(10, by: "a", [2..<4, 6..<8]) == ["2-3×1", "6-7×1"])
        #expect(say([1], 2...3, by: "a") == "NONE")
        #expect(partition.startOffset == 6)
        partition.advance(to: 50)
        #expect((partition.startOffset, partition.endOffset) == (50, 50))
    }

    @Test mutating func `frees what a member had that is gone`() {
        _ = acquire(2, by: "a")
        _ = acquire(1, by: "b")
        #expect(release("a") == true)
        #expect(acquire(5, by: "c") == ["0-1×2", "3-5×1"])
        #expect(release("nobody") == false)
    }

    @Test(arguments: UInt64(0)..<100)
    func `whatever members do, no record is at two, nor delivered too often`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var partition = SharePartition(startOffset: 5)
        let limits = SharePartition.Limits(lockDuration: .seconds(10), deliveries: 3, records: 20)
        var now: Duration = .zero
        var holders: [Int64: String] = [:]
        var deliveries: [Int64: Int] = [:]
        var done: Set<Int64> = []
        var startOffset: Int64 = 5
        for _ in 0..<300 {
            let member = ["a", "b", "c"].randomElement(using: &random) ?? "a"
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                let count = Int.random(in: 0...5, using: &random)
                let first = partition.firstAvailable(before: 200, limits: limits) ?? 0
                for run in partition.acquire(
                    [first..<first + 7], count: count, for: member, limits: limits, now: now)
                {
                    for offset in run.firstOffset...run.lastOffset {
                        #expect(holders[offset] == nil)
                        #expect(!done.contains(offset))
                        holders[offset] = member
                        deliveries[offset, default: 0] += 1
                        #expect(deliveries[offset] == Int(run.deliveryCount))
                        #expect(run.deliveryCount <= 3)
                    }
                }
            case 2, 3:
                let first = Int64.random(in: 0..<200, using: &random)
                let last = first + Int64.random(in: 0..<3, using: &random)
                let type = Int8.random(in: 0...4, using: &random)
                let isMine = (first...last).allSatisfy { holders[$0] == member }
                let error = partition.acknowledge(
                    [SharePartition.Batch(firstOffset: first, lastOffset: last, types: [type])], by: member,
                    mayRenew: true, limits: limits, now: now)
                if isMine { #expect(error == .none) }
                guard error == .none else { continue }
                for offset in first...last where offset >= startOffset {
                    #expect(holders[offset] == member)
                    if type != 4 { holders[offset] = nil }
                    if type != 4, type != 2 { done.insert(offset) }
                }
            case 4:
                now += .seconds(Int64.random(in: 0...5, using: &random))
                _ = partition.expireLocks(now: now, limits: limits)
            default:
                _ = partition.releaseAll(of: member, limits: limits)
            }
            #expect(partition.startOffset >= startOffset)
            startOffset = partition.startOffset
            #expect(partition.endOffset - startOffset <= 20)
            // What the partition says now is what holds.
            holders = [:]
            for offset in startOffset..<partition.endOffset {
                if case .acquired(let holder, let until) = partition.state(of: offset) {
                    holders[offset] = holder
                    #expect(until > now)
                }
            }
        }
    }
}
