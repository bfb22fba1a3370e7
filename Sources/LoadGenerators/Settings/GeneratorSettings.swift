// What settings say of the generators, for whoever has settings by load-producer's names: its flags and workloads, and
// the scenarios of the simulation.

import GoDuration

/// A setting that cannot be used.
package struct InvalidSetting: Error, Equatable {
    package let name: String
    package let accepted: String
    /// It is needed, and may not be there at all.
    package let isNeeded: Bool

    package init(_ name: String, accepted: String, isNeeded: Bool = false) {
        self.name = name
        self.accepted = accepted
        self.isNeeded = isNeeded
    }
}

/// Reads generators from texts by name. What is not set is `nil`: defaults are the caller's.
package struct GeneratorSettings {
    package enum Payload: String, Sendable, CaseIterable { case sentence, text, random, template, lines }
    private enum Shape: String, CaseIterable { case constant, poisson, steps, ramp, sine, spike }

    /// Of when messages are sent.
    package static let scheduleNames = [
        "rate", "shape", "arrivals", "steps", "rate_to", "period", "amplitude", "spike_length",
    ]

    private let text: (String) -> String?

    /// - Parameter text: The value of a name, without blanks around it; `nil` if it is not set.
    package init(_ text: @escaping (String) -> String?) { self.text = text }

    // MARK: Records

    package func keys() throws(InvalidSetting) -> KeySource.Kind? {
        guard let text = text("keys") else { return nil }
        guard let kind = KeySource.kind(text) else { throw InvalidSetting("keys", accepted: KeySource.accepted) }
        return kind
    }

    package func sizes() throws(InvalidSetting) -> SizeDistribution? {
        guard let text = text("size") else { return nil }
        guard let sizes = SizeDistribution(text) else {
            throw InvalidSetting("size", accepted: SizeDistribution.accepted)
        }
        return sizes
    }

    package func payload() throws(InvalidSetting) -> Payload? { try choice("payload") }

    package func compressibility() throws(InvalidSetting) -> Double? { try number("compressibility", in: 0...1) }

    /// The share of records without a value.
    package func tombstones() throws(InvalidSetting) -> Double? { try number("tombstones", in: 0...1) }

    // MARK: Schedule

    /// `nil` is a closed loop.
    package func curve() throws(InvalidSetting) -> RateCurve? {
        let shape = try shape()
        let rate = try number("rate", in: 0...1e9) ?? 0
        let period = try seconds("period") ?? 10
        if shape == .steps { return .steps(try steps()) }
        let to = try number("rate_to", in: 0...1e9)
        switch shape {
        case .ramp:
            guard let to, rate > 0 || to > 0 else {
                throw InvalidSetting(
                    "rate_to", accepted: "where the ramp ends, in messages a second,", isNeeded: true)
            }
            return .ramp(from: rate, to: to, seconds: period)
        case .spike:
            guard let to, to > 0 else {
                throw InvalidSetting("rate_to", accepted: "the rate of the spike, above 0,", isNeeded: true)
            }
            let length = try seconds("spike_length") ?? 1
            guard length < period else { throw InvalidSetting("spike_length", accepted: "less than the period") }
            return .spike(base: rate, peak: to, length: length, period: period)
        default: break
        }
        guard rate > 0 else {
            guard shape == .constant else { throw InvalidSetting("shape", accepted: "a rate above 0 beside it") }
            return nil
        }
        guard shape == .sine else { return .constant(rate) }
        let amplitude = try number("amplitude", in: 0...1e9) ?? rate / 2
        guard amplitude <= rate else { throw InvalidSetting("amplitude", accepted: "no more than the rate") }
        return .sine(mean: rate, amplitude: amplitude, period: period)
    }

    package func arrivals() throws(InvalidSetting) -> Schedule.Arrivals? {
        let arrivals: Schedule.Arrivals? = try choice("arrivals")
        return try shape() == .poisson ? .poisson : arrivals
    }

    private func shape() throws(InvalidSetting) -> Shape {
        try choice("shape") ?? (text("steps") == nil ? Shape.constant : .steps)
    }

    private func steps() throws(InvalidSetting) -> [RateCurve.Step] {
        let texts = (text("steps") ?? "").filter { !$0.isWhitespace }.split(separator: ",")
        let steps = texts.compactMap { text -> RateCurve.Step? in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let rate = Double(parts[0]), (0...1e9).contains(rate),
                let duration = Duration(goDuration: String(parts[1])), duration > .zero
            else { return nil }
            return .init(rate: rate, seconds: duration / .seconds(1))
        }
        guard !steps.isEmpty, steps.count == texts.count, steps.contains(where: { $0.rate > 0 }) else {
            throw InvalidSetting(
                "steps", accepted: "RATE:DURATION,RATE:DURATION, such as 100:10s,1000:30s,", isNeeded: true)
        }
        return steps
    }

    // MARK: By kind

    private func choice<Choice>(_ name: String) throws(InvalidSetting) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = text(name) else { return nil }
        guard let choice = Choice(rawValue: text.lowercased()) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw InvalidSetting(name, accepted: "one of \(names)")
        }
        return choice
    }

    private func number(_ name: String, in range: ClosedRange<Double>) throws(InvalidSetting) -> Double? {
        guard let text = text(name) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            throw InvalidSetting(
                name, accepted: "a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))")
        }
        return number
    }

    private func seconds(_ name: String) throws(InvalidSetting) -> Double? {
        guard let text = text(name) else { return nil }
        guard let duration = Duration(goDuration: text), duration > .zero else {
            throw InvalidSetting(name, accepted: "a duration above zero, such as 500ms, 30s or 1m30s")
        }
        return duration / .seconds(1)
    }
}
