/// Which sequence numbers have been seen; bits in pages, so that a number costs a bit and bad ones cost bounded memory.
package struct SequenceSet: Sendable {
    private static let pageBits = 1 << 16
    /// 8 KiB each.
    private static let mostPages = 1 << 14

    private var pages: [Int: [UInt64]] = [:]
    package private(set) var count = 0
    /// `nil` while there is none.
    package private(set) var greatest: Int?

    package enum Insertion: Sendable, Equatable {
        case new, alreadyThere
        /// Too far from all others to be kept.
        case refused
    }

    package init() {}

    package mutating func insert(_ number: Int) -> Insertion {
        let page = number / Self.pageBits
        guard number >= 0, pages[page] != nil || pages.count < Self.mostPages else { return .refused }
        let bit = number % Self.pageBits
        let mask = UInt64(1) << UInt64(bit % 64)
        var words = pages.removeValue(forKey: page) ?? [UInt64](repeating: 0, count: Self.pageBits / 64)
        let isNew = words[bit / 64] & mask == 0
        words[bit / 64] |= mask
        pages[page] = words
        guard isNew else { return .alreadyThere }
        count += 1
        greatest = max(greatest ?? 0, number)
        return .new
    }

    package func contains(_ number: Int) -> Bool {
        guard number >= 0, let words = pages[number / Self.pageBits] else { return false }
        let bit = number % Self.pageBits
        return words[bit / 64] & 1 << UInt64(bit % 64) != 0
    }

    /// The first runs of numbers below `end` that are not there.
    package func gaps(below end: Int, limit: Int) -> [Range<Int>] {
        var gaps: [Range<Int>] = []
        var start: Int?
        var number = 0
        func close(_ at: Int) {
            if let first = start { gaps.append(first..<at) }
            start = nil
        }
        while number < end, gaps.count < limit {
            guard let words = pages[number / Self.pageBits] else {
                if start == nil { start = number }
                number = min(end, (number / Self.pageBits + 1) * Self.pageBits)
                continue
            }
            let word = words[number % Self.pageBits / 64]
            if word == ~0, number % 64 == 0 {
                close(number)
                number += 64
                continue
            }
            if word & 1 << UInt64(number % 64) == 0 {
                if start == nil { start = number }
            } else {
                close(number)
            }
            number += 1
        }
        if gaps.count < limit { close(min(number, end)) }
        return gaps
    }
}
