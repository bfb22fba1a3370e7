#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Report {
    /// For `--json`: latencies in milliseconds.
    package func json(broken: [String]) -> String {
        let document = Document(self, broken)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(document) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    private struct Document: Encodable {
        struct Percentiles: Encodable {
            let count: Int
            let mean, p50, p90, p95, p99, p999, max: Double

            init?(_ latencies: Latencies) {
                guard latencies.count > 0 else { return nil }
                func percentile(_ percent: Double) -> Double { Double(latencies.percentile(percent)) / 1_000 }
                count = latencies.count
                mean = Text.rounded(latencies.mean / 1_000)
                p50 = percentile(50)
                p90 = percentile(90)
                p95 = percentile(95)
                p99 = percentile(99)
                p999 = percentile(99.9)
                max = Double(latencies.max) / 1_000
            }
        }

        let run: String
        let producers, topics: [String]
        let seconds: Double
        let sent, acknowledged, failed, aborted, bytes, warmUpMessages: Int
        let committedTransactions, abortedTransactions: Int
        let failures: [Failure]
        let rate, bytesPerSecond: Double
        let latencyMilliseconds, acknowledgementMilliseconds, behindScheduleMilliseconds: Percentiles?
        let intervals: [Interval]
        let interrupted: Bool
        let thresholdsBroken: [String]

        init(_ report: Report, _ broken: [String]) {
            run = report.run
            producers = report.producers
            topics = report.topics
            seconds = report.seconds
            sent = report.sent
            acknowledged = report.acknowledged
            failed = report.failed
            aborted = report.aborted
            bytes = report.bytes
            warmUpMessages = report.warmUpMessages
            committedTransactions = report.committedTransactions
            abortedTransactions = report.abortedTransactions
            failures = report.failures
            rate = Text.rounded(report.rate)
            bytesPerSecond = Text.rounded(report.rate * report.bytesPerMessage)
            latencyMilliseconds = Percentiles(report.latency)
            acknowledgementMilliseconds = Percentiles(report.acknowledgement)
            behindScheduleMilliseconds = Percentiles(report.scheduleError)
            intervals = report.intervals
            interrupted = report.isInterrupted
            thresholdsBroken = broken
        }
    }
}
