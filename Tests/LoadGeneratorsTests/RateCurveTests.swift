import LoadGenerators
import SeededRandom
import Testing

@Suite struct RateCurveTests {
    private static let curves: [RateCurve] = [
        .constant(250),
        .steps([.init(rate: 10, seconds: 2), .init(rate: 0, seconds: 1), .init(rate: 500, seconds: 3)]),
        .ramp(from: 0, to: 400, seconds: 5), .ramp(from: 300, to: 20, seconds: 4),
        .sine(mean: 200, amplitude: 200, period: 3), .spike(base: 50, peak: 1_000, length: 0.5, period: 4),
        .spike(base: 0, peak: 1_000, length: 0.5, period: 4),
    ]

    @Test(arguments: curves) func `the n-th message is due when n are due`(curve: RateCurve) {
        var last = 0.0
        for count in 1...2_000 {
            let time = curve.time(ofCount: Double(count))
            #expect(time >= last)
            #expect(abs(curve.count(at: time) - Double(count)) < 1e-4, "\(count) at \(time)")
            last = time
        }
    }

    @Test(arguments: curves) func `the count is the sum of the rate`(curve: RateCurve) {
        let step = 0.0005
        var sum = 0.0
        for index in 0..<20_000 { sum += curve.rate(at: (Double(index) + 0.5) * step) * step }
        #expect(abs(sum - curve.count(at: 10)) / sum < 0.01)
    }

    @Test func `what never comes is never due`() {
        #expect(RateCurve.constant(0).time(ofCount: 1) == .infinity)
        #expect(
            RateCurve.steps([.init(rate: 1, seconds: 2), .init(rate: 0, seconds: 1)]).time(ofCount: 3) == .infinity)
        #expect(RateCurve.ramp(from: 10, to: 0, seconds: 1).time(ofCount: 6) == .infinity)
    }

    @Test func `gaps by chance keep the rate, differ, and come from the seed`() {
        func times(_ seed: UInt64) -> [UInt64] {
            var schedule = Schedule(
                .constant(1_000), arrivals: .poisson, generator: SeededGenerator(seed: seed))
            return (0..<10_000).compactMap { _ in schedule.next() }
        }
        let times = times(7)
        #expect(times == self.timesAgain(7))
        #expect(times != self.timesAgain(8))
        #expect(abs(Double(times[9_999]) / 1e9 - 10) < 0.5)
        let gaps = zip(times.dropFirst(), times).map { Double($0 - $1) / 1e6 }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        // Of an exponential distribution the deviation is the mean.
        #expect(abs(variance.squareRoot() / mean - 1) < 0.1)
    }

    private func timesAgain(_ seed: UInt64) -> [UInt64] {
        var schedule = Schedule(.constant(1_000), arrivals: .poisson, generator: SeededGenerator(seed: seed))
        return (0..<10_000).compactMap { _ in schedule.next() }
    }
}
