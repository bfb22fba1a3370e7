package import SeededRandom

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// When each message of an open loop is meant to be sent, whatever the brokers do.
package struct Schedule: Sendable {
    package enum Arrivals: String, Sendable, CaseIterable {
        /// As evenly as the rate allows.
        case even
        /// By chance: the gaps of independent users.
        case poisson
    }

    private let curve: RateCurve
    private let arrivals: Arrivals
    private var generator: SeededGenerator
    private var count = 0.0

    package init(_ curve: RateCurve, arrivals: Arrivals, generator: SeededGenerator) {
        self.curve = curve
        self.arrivals = arrivals
        self.generator = generator
    }

    /// When the next message is due, in nanoseconds since the start; `nil` if none ever is.
    package mutating func next() -> UInt64? {
        // By chance too the expected count grows by one a message, so that any curve is kept.
        if arrivals == .poisson { count += -log(1 - Double.random(in: 0..<1, using: &generator)) }
        let seconds = curve.time(ofCount: count)
        if arrivals == .even { count += 1 }
        return seconds < 9e9 ? UInt64(seconds * 1e9) : nil
    }
}
