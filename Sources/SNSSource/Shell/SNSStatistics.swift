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

extension SNSStatistics {
    /// In Prometheus's text format; docs/sns.md has the names.
    package var text: String {
        func counter(_ name: String, _ help: String, _ values: [(labels: String, Int)]) -> String {
            let lines = values.map { "\(name)\($0.labels) \($0.1)\n" }.joined()
            return "# HELP \(name) \(help)\n# TYPE \(name) counter\n\(lines)"
        }
        return counter("sns_requests_total", "Requests that came to the endpoint.", [("", requests)])
            + counter(
                "sns_refused_total", "Requests refused, by reason.",
                Refusal.Reason.allCases.map { ("{reason=\"\($0.rawValue)\"}", refusals[$0] ?? 0) })
            + counter(
                "sns_duplicates_total", "Messages that came again, and were answered as before.", [("", duplicates)])
            + counter("sns_confirmed_total", "Subscriptions confirmed.", [("", confirmed)])
            + counter(
                "sns_fetches_total", "Requests of the endpoint's own.",
                [("{kind=\"certificate\"}", certificateFetches), ("{kind=\"confirmation\"}", confirmationFetches)])
    }
}
