import NIOCore
import OrderedCollections

/// What the gateway counts. Source: docs/openfaas.md, "Prometheus".
struct GatewayMetrics: Sendable {
    private struct Series: Hashable, Sendable {
        let function: String
        let status: Int
    }

    private let limit: Int
    private var durations: OrderedDictionary<Series, RequestDurations> = [:]
    private var starts: OrderedDictionary<String, Int> = [:]
    private var invocations: [String: Int] = [:]
    /// The replicas that are wanted, as they were when they were last looked at.
    var serviceCount: [(name: String, replicas: Int)] = []

    init(limit: Int) { self.limit = limit }

    func invocations(of function: String) -> Int { invocations[function] ?? 0 }

    mutating func started(_ function: String) {
        if let index = starts.index(forKey: function) {
            starts.values[index] += 1
        } else if starts.count < limit {
            starts[function] = 1
        }
    }

    mutating func ended(_ function: String, status: Int, after duration: Duration) {
        let series = Series(function: function, status: status)
        if let index = durations.index(forKey: series) {
            durations.values[index].add(duration)
        } else {
            guard durations.count < limit else { return }
            var value = RequestDurations()
            value.add(duration)
            durations[series] = value
        }
        invocations[function, default: 0] += 1
    }

    /// The families in the order of their names.
    func write(to text: inout PrometheusText) {
        func name(_ function: String) -> String { "function_name=\"\(PrometheusText.escaped(function))\"" }
        func labels(_ series: Series) -> String { "code=\"\(series.status)\",\(name(series.function))" }
        let sorted = durations.sorted { ($0.key.status, $0.key.function) < ($1.key.status, $1.key.function) }
        if !starts.isEmpty {
            text.family(
                "gateway_function_invocation_started", "counter",
                "The total number of function HTTP requests started.")
            for (function, count) in starts.sorted(by: { $0.key < $1.key }) {
                text.sample("gateway_function_invocation_started", name(function), Double(count))
            }
        }
        if !sorted.isEmpty {
            text.family("gateway_function_invocation_total", "counter", "Function metrics")
            for (series, value) in sorted {
                text.sample("gateway_function_invocation_total", labels(series), Double(value.count))
            }
            text.family("gateway_functions_seconds", "histogram", "Function time taken")
            for (series, value) in sorted { value.write("gateway_functions_seconds", labels(series), to: &text) }
        }
        if !serviceCount.isEmpty {
            text.family("gateway_service_count", "gauge", "Current count of replicas for function")
            for (function, replicas) in serviceCount.sorted(by: { $0.name < $1.name }) {
                text.sample("gateway_service_count", name(function), Double(replicas))
            }
        }
    }
}
