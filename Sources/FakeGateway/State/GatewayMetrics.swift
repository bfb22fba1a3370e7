import NIOCore
import OrderedCollections

/// What the gateway counts. Source: docs/openfaas.md, "Prometheus".
struct GatewayMetrics: Sendable {
    private struct Series: Sendable {
        let status: Int
        var durations = RequestDurations()
    }

    /// Of one function.
    private struct Counts: Sendable {
        var started = 0
        var ended = 0
        /// A function answers with few statuses.
        var series: [Series] = []
    }

    private let limit: Int
    private var functions: OrderedDictionary<FunctionKey, Counts> = [:]
    private var seriesCount = 0
    /// The replicas that are wanted, as they were when they were last looked at.
    var serviceCount: [(name: String, replicas: Int)] = []

    init(limit: Int) { self.limit = limit }

    func invocations(of function: FunctionKey) -> Int { functions[function]?.ended ?? 0 }

    mutating func started(_ function: FunctionKey) {
        guard let index = index(of: function) else { return }
        functions.values[index].started += 1
    }

    mutating func ended(_ function: FunctionKey, status: Int, after duration: Duration) {
        guard let index = index(of: function) else { return }
        let series: Int
        if let known = functions.values[index].series.firstIndex(where: { $0.status == status }) {
            series = known
        } else {
            guard seriesCount < limit else { return }
            seriesCount += 1
            series = functions.values[index].series.count
            functions.values[index].series.append(Series(status: status))
        }
        functions.values[index].series[series].durations.add(duration)
        functions.values[index].ended += 1
    }

    /// `nil` for one more than are counted.
    private mutating func index(of function: FunctionKey) -> Int? {
        if let index = functions.index(forKey: function) { return index }
        guard functions.count < limit else { return nil }
        functions[function] = Counts()
        return functions.count - 1
    }

    /// The families in the order of their names.
    func write(to text: inout PrometheusText) {
        func name(_ function: String) -> String { "function_name=\"\(PrometheusText.escaped(function))\"" }
        let byName = functions.map { (key: $0.key.description, value: $0.value) }.sorted { $0.key < $1.key }
        let started = byName.filter { $0.value.started > 0 }
        let series = byName.flatMap { function, counts in
            counts.series.map { (function: function, status: $0.status, durations: $0.durations) }
        }.sorted { ($0.status, $0.function) < ($1.status, $1.function) }
        func labels(_ status: Int, _ function: String) -> String { "code=\"\(status)\",\(name(function))" }
        if !started.isEmpty {
            text.family(
                "gateway_function_invocation_started", "counter",
                "The total number of function HTTP requests started.")
            for (function, counts) in started {
                text.sample("gateway_function_invocation_started", name(function), Double(counts.started))
            }
        }
        if !series.isEmpty {
            text.family("gateway_function_invocation_total", "counter", "Function metrics")
            for (function, status, value) in series {
                text.sample("gateway_function_invocation_total", labels(status, function), Double(value.count))
            }
            text.family("gateway_functions_seconds", "histogram", "Function time taken")
            for (function, status, value) in series {
                value.write("gateway_functions_seconds", labels(status, function), to: &text)
            }
        }
        if !serviceCount.isEmpty {
            text.family("gateway_service_count", "gauge", "Current count of replicas for function")
            for (function, replicas) in serviceCount.sorted(by: { $0.name < $1.name }) {
                text.sample("gateway_service_count", name(function), Double(replicas))
            }
        }
    }
}
