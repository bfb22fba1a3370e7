// Durations as users of OpenFaaS write them: Go's `time.ParseDuration` syntax.

extension Duration {
    /// Reads `1m30s`, `500ms`, `1.5h`, `0`; `nil` if the text is no Go duration of zero or more, or beyond 290 years,
    /// Go's own bound.
    package init?(goDuration text: String) {
        if text == "0" {
            self = .zero
            return
        }
        var rest = text[...]
        var nanoseconds = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let scale = Self.nanosecondsByUnit[String(unit)] else { return nil }
            nanoseconds += value * scale
        }
        guard nanoseconds < 9.2e18 else { return nil }
        self = .nanoseconds(Int64(nanoseconds.rounded()))
    }

    private static let nanosecondsByUnit: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]
}
