package import SeededRandom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many bytes each value has.
package enum SizeDistribution: Sendable, Equatable {
    /// What librdkafka takes at most, with room for the record around it.
    package static let largest = 999_999_000
    package static let accepted =
        "BYTES, uniform:LEAST:MOST, normal:MEAN:DEVIATION or lognormal:MEDIAN:SIGMA, up to \(largest) bytes"

    case fixed(Int)
    case uniform(ClosedRange<Int>)
    case normal(mean: Double, deviation: Double)
    /// `sigma` is the deviation of the logarithm.
    case logNormal(median: Double, sigma: Double)

    /// Reads `100`, `uniform:10:1000`, `normal:500:100` or `lognormal:500:1`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let numbers = parts.dropFirst().compactMap(Double.init)
        guard numbers.count == parts.count - 1, numbers.allSatisfy({ (0...Double(Self.largest)).contains($0) })
        else { return nil }
        switch (parts[0].lowercased(), numbers.count) {
        case (_, 0):
            guard let size = Int(text), (0...Self.largest).contains(size) else { return nil }
            self = .fixed(size)
        case ("uniform", 2):
            guard numbers[0] <= numbers[1] else { return nil }
            self = .uniform(Int(numbers[0])...Int(numbers[1]))
        case ("normal", 2): self = .normal(mean: numbers[0], deviation: numbers[1])
        case ("lognormal", 2):
            guard numbers[0] > 0, numbers[1] <= 10 else { return nil }
            self = .logNormal(median: numbers[0], sigma: numbers[1])
        default: return nil
        }
    }

    /// The one size, if all are alike.
    package var fixed: Int? { if case .fixed(let size) = self { size } else { nil } }

    /// - Parameter most: No size is larger; what would be is cut.
    package func draw(most: Int, using generator: inout SeededGenerator) -> Int {
        switch self {
        case .fixed(let size): return min(size, most)
        case .uniform(let range): return min(Int.random(in: range, using: &generator), most)
        case .normal(let mean, let deviation):
            return Int(clampedSize: mean + deviation * Self.standardNormal(&generator), most)
        case .logNormal(let median, let sigma):
            return Int(clampedSize: median * exp(sigma * Self.standardNormal(&generator)), most)
        }
    }

    /// Box and Muller's way.
    private static func standardNormal(_ generator: inout SeededGenerator) -> Double {
        let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &generator))).squareRoot()
        return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &generator))
    }
}

extension Int {
    fileprivate init(clampedSize size: Double, _ most: Int) {
        self = size <= 0 ? 0 : size >= Double(most) ? most : Int(size.rounded())
    }
}
