/// How the packets of one link fare, in one direction.
public struct LinkQuality: Codable, Equatable, Sendable {
    /// The shortest and the longest way of a packet, in microseconds; each draws its own.
    public var minLatencyMicroseconds: Int
    public var maxLatencyMicroseconds: Int
    /// Of 100 packets, how many are lost. A stream sends those again, later.
    public var lossPercent: Int
    /// Of 100 datagrams, how many come twice.
    public var duplicationPercent: Int
    /// Of 100 datagrams, how many are late by up to ten times the longest latency, so that others overtake them.
    public var reorderingPercent: Int

    public init(
        minLatencyMicroseconds: Int = 200, maxLatencyMicroseconds: Int = 1000, lossPercent: Int = 0,
        duplicationPercent: Int = 0, reorderingPercent: Int = 0
    ) {
        self.minLatencyMicroseconds = minLatencyMicroseconds
        self.maxLatencyMicroseconds = maxLatencyMicroseconds
        self.lossPercent = lossPercent
        self.duplicationPercent = duplicationPercent
        self.reorderingPercent = reorderingPercent
    }

    func latencyNanoseconds(using generator: inout some RandomNumberGenerator) -> Int64 {
        let high = max(minLatencyMicroseconds, maxLatencyMicroseconds, 0)
        return Int64.random(in: Int64(max(0, minLatencyMicroseconds)) * 1000...Int64(high) * 1000, using: &generator)
    }

    func happens(_ percent: Int, using generator: inout some RandomNumberGenerator) -> Bool {
        percent > 0 && Int.random(in: 0..<100, using: &generator) < percent
    }
}
