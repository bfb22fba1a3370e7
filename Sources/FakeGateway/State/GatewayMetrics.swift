import NIOCore
import OrderedCollections

/// What the gateway counts, and Prometheus' text form of it. Source: docs/openfaas.md, "Prometheus".
struct GatewayMetrics: Sendable {
    private struct Series: Hashable, Sendable {
        let function: String
        let status: Int
    }

    private struct Durations: Sendable {
        var count = 0
        var seconds = 0.0
        /// Cumulative, one for each of `bounds`.
        var buckets = [Int](repeating: 0, count: GatewayMetrics.bounds.count)

        mutating func add(seconds value: Double) {
            count += 1
            seconds += value
            for index in GatewayMetrics.bounds.indices where value <= GatewayMetrics.bounds[index] {
                buckets[index] += 1
            }
        }
    }

    /// The client library's own.
    private static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private let limit: Int
    private let startedAt: GatewayTime
    private var durations: OrderedDictionary<Series, Durations> = [:]
    private var starts: OrderedDictionary<String, Int> = [:]
    private var invocations: [String: Int] = [:]
    private var scrapes = 0
    /// The replicas that are wanted, as they were when they were last looked at.
    var serviceCount: [(name: String, replicas: Int)] = []

    init(limit: Int, startedAt: GatewayTime) {
        self.limit = limit
        self.startedAt = startedAt
    }

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
            durations.values[index].add(seconds: Double(duration.wholeNanoseconds) / 1e9)
        } else {
            guard durations.count < limit else { return }
            var value = Durations()
            value.add(seconds: Double(duration.wholeNanoseconds) / 1e9)
            durations[series] = value
        }
        invocations[function, default: 0] += 1
    }

    // MARK: Text

    mutating func text() -> String {
        var lines: [String] = []
        func family(_ name: String, _ type: String, _ help: String) {
            lines.append("# HELP \(name) \(help)")
            lines.append("# TYPE \(name) \(type)")
        }
        let sorted = durations.sorted { ($0.key.function, $0.key.status) < ($1.key.function, $1.key.status) }
        if !sorted.isEmpty {
            family("gateway_function_invocation_total", "counter", "Function metrics")
            for (series, value) in sorted {
                lines.append("gateway_function_invocation_total{\(Self.labels(series))} \(value.count)")
            }
        }
        if !starts.isEmpty {
            family(
                "gateway_function_invocation_started", "counter",
                "The total number of function HTTP requests started.")
            for (name, count) in starts.sorted(by: { $0.key < $1.key }) {
                lines.append("gateway_function_invocation_started{function_name=\"\(Self.escaped(name))\"} \(count)")
            }
        }
        if !sorted.isEmpty {
            family("gateway_functions_seconds", "histogram", "Function time taken")
            for (series, value) in sorted {
                let labels = Self.labels(series)
                for (bound, count) in zip(Self.bounds, value.buckets) {
                    lines.append("gateway_functions_seconds_bucket{\(labels),le=\"\(Self.number(bound))\"} \(count)")
                }
                lines.append("gateway_functions_seconds_bucket{\(labels),le=\"+Inf\"} \(value.count)")
                lines.append("gateway_functions_seconds_sum{\(labels)} \(Self.number(value.seconds))")
                lines.append("gateway_functions_seconds_count{\(labels)} \(value.count)")
            }
        }
        if !serviceCount.isEmpty {
            family("gateway_service_count", "gauge", "Current count of replicas for function")
            for (name, replicas) in serviceCount.sorted(by: { $0.name < $1.name }) {
                lines.append("gateway_service_count{function_name=\"\(Self.escaped(name))\"} \(replicas)")
            }
        }
        family("process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.")
        lines.append("process_start_time_seconds \(Self.number(Double(startedAt.unixNanoseconds) / 1e9))")
        family(
            "promhttp_metric_handler_requests_total", "counter", "Total number of scrapes by HTTP status code.")
        lines.append("promhttp_metric_handler_requests_total{code=\"200\"} \(scrapes)")
        scrapes += 1
        return lines.joined(separator: "\n") + "\n"
    }

    private static func labels(_ series: Series) -> String {
        "code=\"\(series.status)\",function_name=\"\(escaped(series.function))\""
    }

    /// Whole numbers without a fraction, as Go writes them.
    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
