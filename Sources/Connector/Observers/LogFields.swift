import Logging

/// What a log line is about, in fields that programs read. Names: docs/configuration.md.
struct LogFields {
    private(set) var metadata: Logger.Metadata = [:]

    /// Where the event stands, which key it has (as a hash, for keys may be names of people), and its trace.
    init(_ event: Event, _ function: FunctionName? = nil) {
        self.init(event.id, function)
        if let key = event.key { metadata["key_hash"] = "\(Self.hexadecimal(key.stableHash))" }
        if let trace = TraceParent(event.headers) { metadata["trace_id"] = "\(trace.traceID)" }
    }

    init(_ id: EventID, _ function: FunctionName? = nil) {
        metadata["topic"] = "\(id.topic)"
        metadata["partition"] = .stringConvertible(id.partition)
        metadata["offset"] = .stringConvertible(id.offset)
        if let function { add(function) }
    }

    mutating func add(_ function: FunctionName) {
        metadata["function"] = "\(function.name)"
        if let namespace = function.namespace { metadata["namespace"] = "\(namespace)" }
    }

    func adding(_ name: String, _ value: some CustomStringConvertible & Sendable) -> LogFields {
        var fields = self
        fields.metadata[name] = .stringConvertible(value)
        return fields
    }

    func adding(milliseconds duration: Duration, as name: String) -> LogFields {
        adding(name, (Double(duration.components.seconds) * 1e6 + duration.microsecondsOfSecond).rounded() / 1000)
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Duration {
    fileprivate var microsecondsOfSecond: Double { Double(components.attoseconds) / 1e12 }
}
