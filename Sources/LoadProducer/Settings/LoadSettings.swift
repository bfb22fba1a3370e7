import Connector
import GoDuration

/// How many messages, and when each is meant to be sent.
package struct LoadSettings: Sendable, Equatable {
    private enum Shape: String, CaseIterable { case constant, poisson, steps, ramp, sine, spike }

    /// `nil`: until `duration` or a signal.
    package var messages: Int?
    package var duration: Duration?
    /// `nil`: closed loop, as fast as possible.
    package var curve: RateCurve?
    package var arrivals = Schedule.Arrivals.even
    /// Closed loop: the most messages without a report.
    package var inFlight: Int?
    package var warmUp: Duration

    init(_ settings: Settings) throws(SettingError) {
        duration = try settings.time("duration")
        if let duration, duration <= .zero {
            throw settings.error("duration", accepted: "a duration above zero, such as 30s")
        }
        // The end of standard input is the run's.
        let hasEnd = duration != nil || settings.string("payload") == "lines" && settings.string("lines_file") == "-"
        let messages = try settings.integer("messages", default: hasEnd ? 0 : 1_000, in: 0...Int.max)
        self.messages = messages == 0 ? nil : messages
        warmUp = try settings.time("warm_up") ?? .zero
        if let duration, warmUp >= duration { throw settings.error("warm_up", accepted: "less than the duration") }
        if settings.string("in_flight") != nil {
            inFlight = try settings.integer("in_flight", default: 1, in: 1...10_000_000)
        }
        arrivals = try settings.choice("arrivals", default: .even)
        let shape = try settings.choice("shape", default: settings.string("steps") == nil ? Shape.constant : .steps)
        if shape == .poisson { arrivals = .poisson }
        curve = try Self.curve(shape, settings)
        if curve != nil, inFlight != nil {
            throw settings.error("in_flight", accepted: "a closed loop only, without a rate")
        }
    }

    private static func curve(_ shape: Shape, _ settings: Settings) throws(SettingError) -> RateCurve? {
        let rate = try settings.number("rate", default: 0, in: 0...1e9)
        let period = try settings.duration("period", default: .seconds(10)) / .seconds(1)
        if shape == .steps { return .steps(try steps(settings)) }
        let to = try settings.number("rate_to", in: 0...1e9)
        switch shape {
        case .ramp:
            guard let to, rate > 0 || to > 0 else {
                throw settings.required("rate_to", accepted: "where the ramp ends, in messages a second,")
            }
            return .ramp(from: rate, to: to, seconds: period)
        case .spike:
            guard let to, to > 0 else {
                throw settings.required("rate_to", accepted: "the rate of the spike, above 0,")
            }
            let length = try settings.duration("spike_length", default: .seconds(1)) / .seconds(1)
            guard length < period else { throw settings.error("spike_length", accepted: "less than the period") }
            return .spike(base: rate, peak: to, length: length, period: period)
        default: break
        }
        guard rate > 0 else {
            guard shape == .constant else {
                throw settings.error("shape", accepted: "a rate above 0 beside it")
            }
            return nil
        }
        guard shape == .sine else { return .constant(rate) }
        let amplitude = try settings.number("amplitude", default: rate / 2, in: 0...1e9)
        guard amplitude <= rate else { throw settings.error("amplitude", accepted: "no more than the rate") }
        return .sine(mean: rate, amplitude: amplitude, period: period)
    }

    private static func steps(_ settings: Settings) throws(SettingError) -> [RateCurve.Step] {
        // Not as a list, which keeps each item once: a step may come again.
        let texts = (settings.string("steps") ?? "").filter { !$0.isWhitespace }.split(separator: ",")
        let steps = texts.compactMap { text -> RateCurve.Step? in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let rate = Double(parts[0]), (0...1e9).contains(rate),
                let duration = Duration(goDuration: String(parts[1])), duration > .zero
            else { return nil }
            return .init(rate: rate, seconds: duration / .seconds(1))
        }
        guard !steps.isEmpty, steps.count == texts.count, steps.contains(where: { $0.rate > 0 }) else {
            throw settings.required("steps", accepted: "RATE:DURATION,RATE:DURATION, such as 100:10s,1000:30s,")
        }
        return steps
    }
}
