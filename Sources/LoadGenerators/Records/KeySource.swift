package import SeededRandom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Which key each record has.
package struct KeySource: Sendable {
    package enum Kind: Sendable, Equatable {
        case none
        /// 0, 1, 2, …, again from 0 after `count` if there is one.
        case sequential(count: Int?)
        case uniform(count: Int)
        /// The k-th key has a share in proportion to 1/kˢ.
        case zipf(exponent: Double, count: Int)
        /// The lines of a file, each as likely as the other.
        case file(String)
    }

    package static let accepted =
        "none, sequential[:KEYS], uniform:KEYS, zipf:S:KEYS or file:PATH, with up to 1000000 keys"
    private static let most = 1_000_000
    private static let prefix = Array("key-".utf8)

    private let kind: Kind
    /// Shares of a zipf, summed up.
    private let cumulated: [Double]
    private let lines: [[UInt8]]

    package init(_ kind: Kind, lines: [[UInt8]] = []) {
        self.kind = kind
        self.lines = lines
        if case .zipf(let exponent, let count) = kind {
            var sum = 0.0
            cumulated = (1...max(1, count)).map { rank in
                sum += pow(Double(rank), -exponent)
                return sum
            }
        } else {
            cumulated = []
        }
    }

    package static func kind(_ text: String) -> Kind? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let rest = parts.count > 1 ? parts[1] : nil
        func count(_ text: some StringProtocol) -> Int? { Int(text).flatMap { 1...most ~= $0 ? $0 : nil } }
        switch (parts[0].lowercased(), rest) {
        case ("none", nil): return Kind.none
        case ("sequential", nil): return .sequential(count: nil)
        case ("sequential", let rest?): return count(rest).map { .sequential(count: $0) }
        case ("uniform", let rest?): return count(rest).map { .uniform(count: $0) }
        case ("zipf", let rest?):
            let numbers = rest.split(separator: ":", omittingEmptySubsequences: false)
            guard numbers.count == 2, let exponent = Double(numbers[0]), (0...20).contains(exponent),
                let count = count(numbers[1])
            else { return nil }
            return .zipf(exponent: exponent, count: count)
        case ("file", let rest?) where !rest.isEmpty: return .file(rest)
        default: return nil
        }
    }

    /// Appends the key of a record to `bytes`; where it has come to stand, or `nil` if there is none.
    package func append(
        _ sequence: Int, to bytes: inout [UInt8], using generator: inout SeededGenerator
    ) -> Range<Int>? {
        let start = bytes.count
        switch kind {
        case .none: return nil
        case .sequential(let count): Self.append(count.map { sequence % $0 } ?? sequence, to: &bytes)
        case .uniform(let count): Self.append(Int.random(in: 0..<count, using: &generator), to: &bytes)
        case .zipf: Self.append(rank(using: &generator), to: &bytes)
        case .file:
            guard !lines.isEmpty else { return nil }
            bytes += lines[Int.random(in: lines.indices, using: &generator)]
        }
        return start..<bytes.count
    }

    private static func append(_ number: Int, to bytes: inout [UInt8]) {
        bytes += prefix
        bytes.append(decimal: UInt64(number))
    }

    /// From 0, the most frequent.
    private func rank(using generator: inout SeededGenerator) -> Int {
        let wanted = Double.random(in: 0..<(cumulated.last ?? 1), using: &generator)
        var low = 0
        var high = cumulated.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulated[middle] <= wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
