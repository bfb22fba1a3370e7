/// What `/metrics` of a run answers, in Prometheus's text format.
package struct PrometheusPage: Sendable {
    package var sent = 0
    package var bytes = 0
    package var acknowledged = 0
    package var failures: [Report.Failure] = []
    package var inFlight = 0
    package var lagSeconds = 0.0
    package var targetRate = 0.0
    package var latency = Latencies()
    package var acknowledgement = Latencies()

    package init() {}

    /// Every metric with its kind and meaning.
    package static let metrics: [(name: String, kind: String, help: String)] = [
        ("load_producer_sent_total", "counter", "Messages handed to librdkafka, the warm-up included."),
        ("load_producer_sent_bytes_total", "counter", "Bytes of their keys and values."),
        ("load_producer_acknowledged_total", "counter", "Messages that the brokers acknowledged after the warm-up."),
        ("load_producer_failed_total", "counter", "Messages that failed, by error."),
        ("load_producer_in_flight", "gauge", "Messages without a report."),
        ("load_producer_schedule_lag_seconds", "gauge", "How far the schedule is behind."),
        ("load_producer_target_rate", "gauge", "Messages a second that the schedule asks for; 0 without one."),
        ("load_producer_latency_seconds", "summary", "From the intended time to the acknowledgement."),
        ("load_producer_acknowledgement_seconds", "summary", "From the call to librdkafka to the acknowledgement."),
    ]

    package var text: String {
        Self.metrics.map { metric in
            "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind)\n" + lines(metric.name)
        }.joined()
    }

    private func lines(_ name: String) -> String {
        switch name {
        case "load_producer_sent_total": "\(name) \(sent)\n"
        case "load_producer_sent_bytes_total": "\(name) \(bytes)\n"
        case "load_producer_acknowledged_total": "\(name) \(acknowledged)\n"
        case "load_producer_failed_total":
            failures.map { "\(name){code=\"\($0.name)\"} \($0.count)\n" }.joined()
        case "load_producer_in_flight": "\(name) \(inFlight)\n"
        case "load_producer_schedule_lag_seconds": "\(name) \(lagSeconds)\n"
        case "load_producer_target_rate": "\(name) \(targetRate)\n"
        case "load_producer_latency_seconds": Self.summary(name, latency)
        default: Self.summary(name, acknowledgement)
        }
    }

    private static func summary(_ name: String, _ latencies: Latencies) -> String {
        let quantiles = [(50.0, "0.5"), (90, "0.9"), (99, "0.99"), (99.9, "0.999")].map { percent, label in
            "\(name){quantile=\"\(label)\"} \(Double(latencies.percentile(percent)) / 1e6)\n"
        }
        return quantiles.joined() + "\(name)_sum \(latencies.mean * Double(latencies.count) / 1e6)\n"
            + "\(name)_count \(latencies.count)\n"
    }
}
