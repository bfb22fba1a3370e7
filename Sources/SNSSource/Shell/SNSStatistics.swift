/// What the endpoint has counted since it was made.
package struct SNSStatistics: Equatable, Sendable {
    package internal(set) var requests = 0
    /// Messages that came again and were answered as before.
    package internal(set) var duplicates = 0
    package internal(set) var confirmed = 0
    package internal(set) var certificateFetches = 0
    package internal(set) var confirmationFetches = 0
    /// By reason; only looked up.
    package internal(set) var refusals: [Refusal.Reason: Int] = [:]

    /// Requests of this source's own.
    package var outgoing: Int { certificateFetches + confirmationFetches }
    package var refused: Int { refusals.values.reduce(0, +) }
}
