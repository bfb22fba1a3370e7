import OrderedCollections

/// What a provider counts: the requests for its API, by path, method and status.
/// Source: docs/openfaas.md, "Prometheus".
struct ProviderMetrics: Sendable {
    private struct Series: Hashable, Sendable {
        let status: Int
        let method: String
        let path: String
    }

    private let limit: Int
    private var durations: OrderedDictionary<Series, RequestDurations> = [:]

    init(limit: Int) { self.limit = limit }

    mutating func add(path: String, method: String, status: Int, _ duration: Duration) {
        let series = Series(status: status, method: method, path: path)
        guard durations[series] != nil || durations.count < limit else { return }
        durations[series, default: RequestDurations()].add(duration)
    }

    func write(to text: inout PrometheusText) {
        guard !durations.isEmpty else { return }
        let sorted = durations.sorted {
            ($0.key.status, $0.key.method, $0.key.path) < ($1.key.status, $1.key.method, $1.key.path)
        }
        func labels(_ series: Series) -> String {
            "code=\"\(series.status)\",method=\"\(series.method)\",path=\"\(PrometheusText.escaped(series.path))\""
        }
        text.family(
            "provider_http_request_duration_seconds", "histogram", "Seconds spent serving HTTP requests.")
        for (series, value) in sorted {
            value.write("provider_http_request_duration_seconds", labels(series), to: &text)
        }
        text.family("provider_http_requests_total", "counter", "Total number of HTTP requests.")
        for (series, value) in sorted {
            text.sample("provider_http_requests_total", labels(series), Double(value.count))
        }
    }
}
