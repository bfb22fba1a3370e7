import Foundation
import Kafka
import LoadProducer
import Testing

@Suite struct ReportTests {
    private func report(_ latencies: [UInt64], failed: Int = 0) -> Report {
        var report = Report()
        report.run = "r<1>"
        report.producers = ["0"]
        report.topics = ["t"]
        report.seconds = 2
        report.sent = latencies.count + failed
        report.acknowledged = latencies.count
        report.bytes = report.sent * 100
        for latency in latencies { report.latency.record(latency) }
        if failed > 0 { report.failures = [.init(name: "E", text: "e", count: failed)] }
        var interval = Interval()
        interval.end = 1
        interval.seconds = 1
        interval.acknowledged = latencies.count
        interval.p99 = 3
        report.intervals = [interval]
        return report
    }

    @Test func `thresholds hold or are told`() {
        let report = report((1...100).map { $0 * 1_000 }, failed: 1)
        #expect(Thresholds(maxErrors: .count(1)).broken(by: report) == [])
        #expect(Thresholds().broken(by: report).count == 1)
        #expect(Thresholds(maxErrors: .percent(1)).broken(by: report) == [])
        #expect(Thresholds(maxErrors: .percent(0.5)).broken(by: report).count == 1)
        #expect(Thresholds(maxP99: .milliseconds(100), maxErrors: .count(9)).broken(by: report) == [])
        #expect(Thresholds(maxP99: .milliseconds(98), maxErrors: .count(9)).broken(by: report)[0].contains("max-p99"))
        #expect(Thresholds(maxErrors: .count(9), minRate: 50).broken(by: report) == [])
        #expect(Thresholds(maxErrors: .count(9), minRate: 51).broken(by: report)[0].contains("min-rate"))
        // Nothing acknowledged has no latency, and holds none.
        #expect(Thresholds(maxP99: .seconds(1)).broken(by: self.report([])).count == 1)
    }

    @Test func `reports of several producers become one`() {
        var sum = report([1_000, 2_000])
        var other = report([9_000], failed: 2)
        other.producers = ["1"]
        other.seconds = 3
        sum.merge(other)
        #expect(sum.producers == ["0", "1"])
        #expect(sum.topics == ["t"])
        #expect(sum.sent == 5 && sum.acknowledged == 3 && sum.failed == 2 && sum.seconds == 3)
        #expect(sum.latency.count == 3)
        #expect(sum.latency.percentile(99) >= 8_990)
        #expect(sum.intervals.count == 1 && sum.intervals[0].acknowledged == 3)
        #expect(sum.text.contains("producers"))
    }

    @Test func `a report survives its way over a topic, latencies included`() throws {
        let original = report([1, 500, 70_000_000])
        let copy = try JSONDecoder().decode(Report.self, from: JSONEncoder().encode(original))
        #expect(copy.rows.prefix(4).map(\.value) == original.rows.prefix(4).map(\.value))
        #expect(copy.latency.count == 3)
        #expect(copy.latency.percentile(50) == original.latency.percentile(50))
        var absurd = original
        absurd.sent = .max
        #expect(original.isPlausible && !absurd.isPlausible)
        for bad in ["[1]", "[1,999999999999999999]", "[-1,1]", "{}"] {
            #expect(throws: (any Error).self) {
                try JSONDecoder().decode(Latencies.self, from: Data(bad.utf8))
            }
        }
        #expect(try JSONDecoder().decode(Latencies.self, from: Data("[18446744073709551615,1]".utf8)).count == 1)
    }

    @Test func `the page holds the figures, plots, and nothing from elsewhere`() {
        let page = HTMLPage.text(report([1_000, 2_000]), broken: ["max-p99: <late>"])
        #expect(page.contains("r&lt;1&gt;"))
        #expect(page.contains("&lt;late&gt;"))
        #expect(page.components(separatedBy: "<svg").count == 5)
        #expect(page.contains("<polyline"))
        #expect(!page.contains("http"))
        #expect(!page.contains("nan") && !page.contains("inf"))
    }

    @Test func `the table of intervals has a line each, with as many values as names`() {
        let lines = IntervalTable.csv(report([1]).intervals).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].split(separator: ",").count == lines[1].split(separator: ",").count)
    }

    @Test func `metrics are told with their kinds`() {
        var page = PrometheusPage()
        page.sent = 5
        page.failures = [.init(name: "_MSG_TIMED_OUT", text: "", count: 2)]
        page.latency.record(2_000_000)
        #expect(page.text.contains("load_producer_sent_total 5\n"))
        #expect(page.text.contains("load_producer_failed_total{code=\"_MSG_TIMED_OUT\"} 2\n"))
        #expect(page.text.contains("load_producer_latency_seconds{quantile=\"0.99\"} 2.0"))
        for metric in PrometheusPage.metrics { #expect(page.text.contains("# TYPE \(metric.name) \(metric.kind)\n")) }
    }

    @Test func `progress tells rate, lag, in flight, errors and what is left`() {
        var progress = Progress()
        progress.sent = 50
        progress.acknowledged = 40
        progress.failed = 3
        progress.inFlight = 7
        progress.rate = 20
        progress.lag = .milliseconds(1_500)
        progress.share = 0.5
        progress.left = .seconds(2)
        #expect(
            progress.text
                == "50% | sent 50 | acknowledged 40 | failed 3 | in flight 7 | 20/s | p99 0.0 ms | "
                + "behind schedule 1500.0 ms | 3 s left")
    }

    @Test func `a warm-up is counted apart`() {
        let tally = Tally()
        tally.begin(warmUp: 1_000_000_000, clock: { 2_000_000_000 })
        let reports = [
            DeliveryReport.sample(token: 5), .sample(token: 1_500_000_000),
            .sample(token: 1_600_000_000, error: .messageTimedOut),
        ]
        tally.take(reports.span)
        let figures = tally.figures
        #expect(figures.warmUp == 1 && figures.acknowledged == 1 && figures.failed == 1)
        #expect(figures.latency.count == 1)
        #expect(abs(Int(figures.latency.max) - 500_000) < 1_000)
        #expect(tally.endInterval().failed == 1)
        #expect(tally.figures.latency.count == 1)
    }
}

extension DeliveryReport {
    fileprivate static func sample(token: UInt, error: ErrorCode? = nil) -> DeliveryReport {
        DeliveryReport(token: token, partition: 0, offset: 0, error: error, latencyMicroseconds: 10)
    }
}
