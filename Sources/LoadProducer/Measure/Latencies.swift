import Histogram

/// Times in microseconds, by HdrHistogram: three digits of each are kept.
package struct Latencies: Sendable {
    /// What is longer counts as so long: a day.
    private static let longest: UInt64 = 86_400_000_000

    private var histogram = Histogram<UInt64>(
        highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: .three)

    package init() { histogram.autoResize = true }

    package var count: Int { Int(clamping: histogram.totalCount) }
    package var max: UInt64 { count > 0 ? histogram.maxRecorded : 0 }
    package var mean: Double { count > 0 ? histogram.mean : 0 }

    package mutating func record(_ microseconds: UInt64, count: Int = 1) {
        histogram.record(Swift.min(microseconds, Self.longest), count: UInt64(count))
    }
    package mutating func add(_ other: Latencies) { histogram.add(other.histogram) }
    package mutating func reset() { histogram.reset() }

    /// In microseconds; 0 if there is nothing.
    package func percentile(_ percent: Double) -> UInt64 {
        count > 0 ? Swift.min(histogram.valueAtPercentile(percent), max) : 0
    }
}

extension Latencies: Codable {
    /// Values and how often each came, in turn.
    package func encode(to encoder: any Encoder) throws {
        var pairs: [UInt64] = []
        for value in histogram.recordedValues() { pairs += [value.value, value.count] }
        var container = encoder.singleValueContainer()
        try container.encode(pairs)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let pairs = try container.decode([UInt64].self)
        self.init()
        guard pairs.count.isMultiple(of: 2) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a value without its count")
        }
        for index in stride(from: 0, to: pairs.count, by: 2) {
            guard pairs[index + 1] < 1 << 48 else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "a count beyond all measure")
            }
            histogram.record(Swift.min(pairs[index], Self.longest), count: pairs[index + 1])
        }
    }
}
