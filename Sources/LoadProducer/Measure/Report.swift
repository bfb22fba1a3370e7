/// What a run came to; of several producers, what they came to together.
package struct Report: Sendable, Codable {
    package struct Failure: Sendable, Codable, Equatable {
        /// Kafka's or librdkafka's.
        package var name: String
        package var text: String
        package var count: Int

        package init(name: String, text: String, count: Int) {
            self.name = name
            self.text = text
            self.count = count
        }
    }

    package var run = ""
    package var producers: [String] = []
    package var topics: [String] = []
    /// Measured: the warm-up left out.
    package var seconds = 0.0
    /// Handed to librdkafka, without those of the warm-up.
    package var sent = 0
    package var acknowledged = 0
    package var failures: [Failure] = []
    /// Records in transactions that were aborted, those of the warm-up included.
    package var aborted = 0
    package var committedTransactions = 0
    package var abortedTransactions = 0
    /// Keys and values of those sent.
    package var bytes = 0
    package var warmUpMessages = 0
    package var latency = Latencies()
    package var acknowledgement = Latencies()
    /// How much later than intended a message was handed over, where there is a schedule.
    package var scheduleError = Latencies()
    package var intervals: [Interval] = []
    /// Ended by a signal.
    package var isInterrupted = false

    package init() {}

    package var failed: Int { failures.reduce(0) { $0 + $1.count } }
    package var rate: Double { Double(acknowledged) / max(seconds, 1e-9) }
    package var bytesPerMessage: Double { sent > 0 ? Double(bytes) / Double(sent) : 0 }

    /// Whether its figures can be those of a run: what comes over a topic may be anything.
    package var isPlausible: Bool {
        let most = 1 << 48
        let counts = [
            sent, acknowledged, aborted, committedTransactions, abortedTransactions, bytes, warmUpMessages,
        ]
        return counts.allSatisfy { 0...most ~= $0 } && failures.count <= 1_000 && (0...1e12).contains(seconds)
            && failures.allSatisfy { 0...most ~= $0.count }
            && intervals.allSatisfy { interval in
                [interval.sent, interval.acknowledged, interval.failed, interval.bytes, interval.inFlight]
                    .allSatisfy { 0...most ~= $0 }
            }
    }

    /// Adds what another producer of the same run came to, side by side with this.
    package mutating func merge(_ other: Report) {
        producers += other.producers
        for topic in other.topics where !topics.contains(topic) { topics.append(topic) }
        seconds = max(seconds, other.seconds)
        sent += other.sent
        acknowledged += other.acknowledged
        for failure in other.failures {
            if let index = failures.firstIndex(where: { $0.name == failure.name }) {
                failures[index].count += failure.count
            } else {
                failures.append(failure)
            }
        }
        failures.sort { $0.name < $1.name }
        aborted += other.aborted
        committedTransactions += other.committedTransactions
        abortedTransactions += other.abortedTransactions
        bytes += other.bytes
        warmUpMessages += other.warmUpMessages
        latency.add(other.latency)
        acknowledgement.add(other.acknowledgement)
        scheduleError.add(other.scheduleError)
        isInterrupted = isInterrupted || other.isInterrupted
        intervals = Self.merged(intervals, other.intervals)
    }

    /// Intervals have no histograms: counts add up, and of the latencies the worse stays.
    private static func merged(_ left: [Interval], _ right: [Interval]) -> [Interval] {
        let (long, short) = left.count >= right.count ? (left, right) : (right, left)
        return long.indices.map { index in
            guard index < short.count else { return long[index] }
            var sum = long[index]
            let other = short[index]
            sum.end = max(sum.end, other.end)
            sum.seconds = max(sum.seconds, other.seconds)
            sum.sent += other.sent
            sum.acknowledged += other.acknowledged
            sum.failed += other.failed
            sum.bytes += other.bytes
            sum.targetRate += other.targetRate
            sum.inFlight += other.inFlight
            sum.p50 = max(sum.p50, other.p50)
            sum.p99 = max(sum.p99, other.p99)
            sum.max = max(sum.max, other.max)
            sum.acknowledgementP99 = max(sum.acknowledgementP99, other.acknowledgementP99)
            sum.lag = max(sum.lag, other.lag)
            sum.isWarmUp = sum.isWarmUp || other.isWarmUp
            return sum
        }
    }
}

extension Report {
    /// Two columns, ready to print.
    package var text: String {
        Columns.text(rows)
    }

    package var rows: [(name: String, value: String)] {
        let average = Text.rounded(bytesPerMessage)
        let size = average == average.rounded() && average < 1e15 ? "\(Int(average))" : "\(average)"
        var rows: [(String, String)] = []
        if producers.count > 1 { rows.append(("producers", producers.joined(separator: ", "))) }
        rows += [
            ("sent", "\(sent) messages of \(size) B in \(Text.rounded(seconds)) s"),
            ("acknowledged", "\(acknowledged)"), ("failed", "\(failed)"),
        ]
        rows += failures.map { ("  \($0.name)", "\($0.count) (\($0.text))") }
        if committedTransactions + abortedTransactions > 0 {
            rows.append(
                (
                    "transactions",
                    "\(committedTransactions) committed, \(abortedTransactions) aborted with \(aborted) messages"
                ))
        }
        if warmUpMessages > 0 { rows.append(("left out as warm-up", "\(warmUpMessages)")) }
        rows.append(
            ("rate", "\(Int(min(rate, 1e18))) messages/s, \(Text.rounded(rate * bytesPerMessage / 1e6)) MB/s"))
        if latency.count > 0 {
            rows.append(("latency p50 / p95 / p99 / max", Self.percentiles(latency)))
            rows.append(("acknowledgement p50 / p95 / p99 / max", Self.percentiles(acknowledgement)))
        }
        if scheduleError.count > 0 {
            rows.append(("behind schedule p50 / p95 / p99 / max", Self.percentiles(scheduleError)))
        }
        if isInterrupted { rows.append(("ended by", "a signal")) }
        return rows.map { (name: $0.0, value: $0.1) }
    }

    private static func percentiles(_ latencies: Latencies) -> String {
        [50, 95, 99].map { Text.milliseconds(latencies.percentile($0)) }.joined(separator: " / ")
            + " / \(Text.milliseconds(latencies.max))"
    }
}

package enum Columns {
    package static func text(_ rows: [(name: String, value: String)]) -> String {
        let width = rows.map(\.name.count).max() ?? 0
        return rows.map { row in
            row.name + String(repeating: " ", count: width - row.name.count + 2) + row.value
        }.joined(separator: "\n")
    }
}
