// One self-contained page: lanes for producer, brokers, replicas and gateway over virtual time, and the journal below.

import Simulation

extension SystemOutcome {
    public func html(replay command: String) -> String {
        let lanes = Lanes(plan)
        let end = max(events.last?.time ?? 1, 1)
        var body = ""
        for (row, name) in lanes.names.enumerated() {
            body += "<text x=\"4\" y=\"\(row * 34 + 24)\" class=\"lane\">\(JUnitReport.escaped(name))</text>"
            body += "<line x1=\"140\" x2=\"1180\" y1=\"\(row * 34 + 20)\" y2=\"\(row * 34 + 20)\" class=\"axis\"/>"
        }
        let height = lanes.names.count * 34
        for planned in plan.faults {
            let start = 140 + 1040 * Double(planned.atMilliseconds) * 1e6 / Double(end)
            let width = max(2, 1040 * Double(planned.forMilliseconds) * 1e6 / Double(end))
            body +=
                "<rect x=\"\(rounded(start))\" y=\"0\" width=\"\(rounded(width))\" "
                + "height=\"\(height)\" class=\"fault\"><title>\(JUnitReport.escaped("\(planned.fault)"))"
                + "</title></rect>"
        }
        let broken = Set(violations.map(\.eventNumber))
        for (number, event) in events.enumerated() {
            let x = 140 + 1040 * Double(event.time) / Double(end)
            let title = JUnitReport.escaped("\(TraceText.time(event.time)) \(TraceText.line(event, plan))")
            let isBroken = broken.contains(number)
            body +=
                "<circle cx=\"\(rounded(x))\" cy=\"\(lanes.row(of: event) * 34 + 20)\" "
                + "r=\"\(isBroken ? 8 : 3)\" class=\"\(isBroken ? "broken" : style(event))\">"
                + "<title>\(title)</title></circle>"
        }
        let rows = journal.enumerated().map { number, line in
            let isBroken = broken.contains(number)
            return
                "<tr\(isBroken ? " class=\"broken\"" : "")><td>\(number)</td><td>\(JUnitReport.escaped(line))</td></tr>"
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>seed \(plan.seed)</title><style>
            body{font:14px/1.5 system-ui,sans-serif;margin:2em;color:#222;background:#fff}
            pre{background:#f4f4f4;padding:1em;overflow:auto}
            td{font-family:ui-monospace,monospace;white-space:pre;padding:0 1em 0 0}
            .lane{font-size:13px}.axis{stroke:#ccc}.fault{fill:#fdd;opacity:.7}
            .call{fill:#06c}.commit{fill:#080}.life{fill:#c60}.other{fill:#999}
            .broken{fill:#c00}tr.broken td{background:#fcc}
            </style></head><body>
            <h1>Seed \(plan.seed)</h1>
            <p>Replay: <code>\(JUnitReport.escaped(command))</code>. Trace \(hashText).</p>
            <ul>\(violations.map { "<li><strong>\(JUnitReport.escaped("\($0)"))</strong></li>" }.joined())</ul>
            <pre>\(JUnitReport.escaped(plan.summary))</pre>
            <svg viewBox="0 0 1200 \(height + 10)" width="100%" role="img" aria-label="lanes">\(body)</svg>
            <h2>Journal</h2>
            <table><tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></body></html>

            """
    }

    private func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }

    private func style(_ event: SystemEvent) -> String {
        switch event.kind {
        case .calling, .arrived, .replied, .failed, .retrying, .gaveUp: "call"
        case .committed, .acknowledged, .refused: "commit"
        case .started, .crashed, .draining, .stopped, .assigned, .revoked, .lost, .faultBegins, .faultEnds: "life"
        default: "other"
        }
    }
}

/// Which row of the page an event stands in.
private struct Lanes {
    let names: [String]
    private let replicas: Int
    private let functions: Int

    init(_ plan: SystemPlan) {
        replicas = plan.replicas
        functions = plan.functions.count
        names =
            ["faults", "producer", "brokers"] + (0..<plan.replicas).map { "replica \($0)" }
            + plan.functions.indices.map { "f\($0)" }
    }

    func row(of event: SystemEvent) -> Int {
        switch event.kind {
        case .faultBegins, .faultEnds, .healed, .recovered: 0
        case .produced, .produceFailed: 1
        case .committed: 2
        case .arrived, .deployed, .removed: 3 + replicas + min(max(0, Int(event.function)), max(0, functions - 1))
        default: 3 + min(max(0, Int(event.lane)), max(0, replicas - 1))
        }
    }
}
