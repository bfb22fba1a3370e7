import Connector
package import LoadGenerators

/// How many messages, and when each is meant to be sent.
package struct LoadSettings: Sendable, Equatable {
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
        arrivals = try settings.generator(GeneratorSettings.arrivals) ?? .even
        curve = try settings.generator(GeneratorSettings.curve)
        if curve != nil, inFlight != nil {
            throw settings.error("in_flight", accepted: "a closed loop only, without a rate")
        }
    }
}
