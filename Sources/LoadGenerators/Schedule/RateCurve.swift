// How many messages a second are meant to be sent, over the time of a run; and with it when the n-th one is due.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A rate over time. Rates are messages a second, times are seconds since the start.
package enum RateCurve: Sendable, Equatable {
    /// One stretch of `steps`.
    package struct Step: Sendable, Equatable {
        package var rate: Double
        package var seconds: Double

        package init(rate: Double, seconds: Double) {
            self.rate = rate
            self.seconds = seconds
        }
    }

    case constant(Double)
    /// One after the other; the last rate holds on.
    case steps([Step])
    /// Evenly from one rate to another, which then holds on.
    case ramp(from: Double, to: Double, seconds: Double)
    /// Around `mean`; the amplitude is at most the mean.
    case sine(mean: Double, amplitude: Double, period: Double)
    /// `peak` for the first `length` of every period, else `base`.
    case spike(base: Double, peak: Double, length: Double, period: Double)

    package func rate(at time: Double) -> Double {
        switch self {
        case .constant(let rate): return rate
        case .steps(let steps):
            var end = 0.0
            for step in steps {
                end += step.seconds
                if time < end { return step.rate }
            }
            return steps.last?.rate ?? 0
        case .ramp(let from, let to, let seconds): return time >= seconds ? to : from + (to - from) * time / seconds
        case .sine(let mean, let amplitude, let period): return mean + amplitude * sin(2 * .pi * time / period)
        case .spike(let base, let peak, let length, let period):
            return time.truncatingRemainder(dividingBy: period) < length ? peak : base
        }
    }

    /// How many are due by `time`.
    package func count(at time: Double) -> Double {
        switch self {
        case .constant(let rate): return rate * time
        case .steps(let steps):
            var count = 0.0
            var rest = time
            for step in steps {
                let spent = min(rest, step.seconds)
                count += step.rate * spent
                rest -= spent
            }
            return count + (steps.last?.rate ?? 0) * rest
        case .ramp(let from, let to, let seconds):
            let rising = min(time, seconds)
            return from * rising + (to - from) * rising * rising / (2 * seconds) + to * max(0, time - seconds)
        case .sine(let mean, let amplitude, let period):
            return mean * time + amplitude * period / (2 * .pi) * (1 - cos(2 * .pi * time / period))
        case .spike(let base, let peak, let length, let period):
            let rest = time.truncatingRemainder(dividingBy: period)
            let whole = ((time - rest) / period).rounded()
            return whole * (peak * length + base * (period - length)) + peak * min(rest, length)
                + base * max(0, rest - length)
        }
    }

    /// The first moment by which `count` are due; infinite if they never are.
    package func time(ofCount count: Double) -> Double {
        switch self {
        case .constant(let rate): return rate > 0 ? count / rate : .infinity
        case .steps(let steps): return Self.time(ofCount: count, in: steps)
        case .ramp(let from, let to, let seconds):
            let rising = (from + to) / 2 * seconds
            guard count <= rising else { return to > 0 ? seconds + (count - rising) / to : .infinity }
            guard count > 0 else { return 0 }
            let slope = (to - from) / seconds
            return min(seconds, 2 * count / (from + max(0, from * from + 2 * slope * count).squareRoot()))
        case .sine(let mean, _, let period):
            // One period has as many as the mean says, wherever it begins.
            return bisect(count, from: max(0, count / mean - period), to: count / mean + period)
        case .spike(let base, let peak, let length, let period):
            let each = peak * length + base * (period - length)
            guard each > 0 else { return .infinity }
            let whole = (count / each).rounded(.down)
            let rest = count - whole * each
            // Nothing is due between two spikes without a base: the last one is due before its period's end.
            if rest == 0, whole > 0, base == 0 { return (whole - 1) * period + length }
            if rest <= peak * length { return whole * period + (peak > 0 ? rest / peak : 0) }
            return whole * period + length + (rest - peak * length) / base
        }
    }

    private static func time(ofCount count: Double, in steps: [Step]) -> Double {
        var rest = count
        var start = 0.0
        for step in steps {
            let most = step.rate * step.seconds
            if rest <= most, step.rate > 0 { return start + rest / step.rate }
            rest -= most
            start += step.seconds
        }
        guard let last = steps.last, last.rate > 0 else { return .infinity }
        return start + rest / last.rate
    }

    /// The count grows over time, so halving finds the moment; 60 halvings of what is searched are below a nanosecond.
    private func bisect(_ wanted: Double, from: Double, to: Double) -> Double {
        var low = from
        var high = to
        for _ in 0..<60 where high - low > 1e-10 {
            let middle = (low + high) / 2
            if count(at: middle) < wanted { low = middle } else { high = middle }
        }
        return high
    }
}
