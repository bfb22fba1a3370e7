// The report as one HTML page that needs nothing else: tables, and plots as SVG.

package enum HTMLPage {
    package static func text(_ report: Report, broken: [String]) -> String {
        let rows = report.rows.map { row in
            "<tr><th>\(escaped(row.name))</th><td>\(escaped(row.value))</td></tr>"
        }.joined(separator: "\n")
        let verdict =
            broken.isEmpty ? "<p>All thresholds held.</p>" : "<p><b>\(escaped(broken.joined(separator: "; ")))</b></p>"
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>load-producer: \(escaped(report.run))</title>
            <style>
            body { font: 15px/1.5 system-ui, sans-serif; max-width: 960px; margin: 2em auto; color: #222; }
            th { text-align: left; padding-right: 2em; font-weight: 600; } svg { width: 100%; height: auto; }
            h2 { margin-bottom: 0; } text { font: 11px system-ui, sans-serif; fill: #555; }
            </style></head><body>
            <h1>Run \(escaped(report.run)) on \(escaped(report.topics.joined(separator: ", ")))</h1>
            \(verdict)
            <table>
            \(rows)
            </table>
            \(plots(report))
            </body></html>

            """
    }

    private static func plots(_ report: Report) -> String {
        let times = report.intervals.map(\.end)
        func line(_ name: String, _ colour: String, _ value: (Interval) -> Double) -> Plot.Line {
            Plot.Line(name: name, colour: colour, points: zip(times, report.intervals.map(value)).map { ($0, $1) })
        }
        let percentiles = stride(from: 0.0, through: 4, by: 0.05).map { nines -> (Double, Double) in
            (nines, Double(report.latency.percentile(100 - 100 * Self.power(nines))) / 1_000)
        }
        return [
            Plot(
                title: "Messages a second", horizontal: "seconds",
                lines: [line("acknowledged", "#1f77b4") { $0.rate }, line("schedule", "#999") { $0.targetRate }]),
            Plot(
                title: "Latency from the intended time, ms", horizontal: "seconds",
                lines: [line("p99", "#d62728") { $0.p99 }, line("p50", "#2ca02c") { $0.p50 }]),
            Plot(
                title: "In flight", horizontal: "seconds",
                lines: [line("messages", "#9467bd") { Double($0.inFlight) }]),
            Plot(
                title: "Latency by percentile, ms", horizontal: "nines: 1 is p90, 2 is p99, 3 is p99.9",
                lines: [Plot.Line(name: "latency", colour: "#d62728", points: percentiles)]),
        ].map(\.svg).joined(separator: "\n")
    }

    /// The share that is slower: 1 for no nines, 0.1 for one, 0.01 for two.
    private static func power(_ nines: Double) -> Double {
        var whole = 1.0
        for _ in 0..<Int(nines) { whole /= 10 }
        // Between two powers of ten, by the tangent of their logarithm; the plot needs no more.
        let rest = nines - Double(Int(nines))
        return whole * (1 - 0.9 * rest)
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}

/// Lines over one axis.
struct Plot {
    struct Line {
        let name: String
        let colour: String
        let points: [(x: Double, y: Double)]
    }

    private static let width = 900.0
    private static let height = 240.0
    private static let margin = (left: 70.0, right: 20.0, top: 12.0, bottom: 34.0)

    let title: String
    let horizontal: String
    let lines: [Line]

    var svg: String {
        let points = lines.flatMap(\.points)
        guard let right = points.map(\.x).max(), let left = points.map(\.x).min() else { return "" }
        let top = max(points.map(\.y).max() ?? 0, 1e-3)
        func place(_ point: (x: Double, y: Double)) -> String {
            let x = Self.margin.left + (point.x - left) / max(right - left, 1e-9) * inner.width
            let y = Self.margin.top + (1 - point.y / top) * inner.height
            return "\(Text.rounded(x)),\(Text.rounded(y))"
        }
        let curves = lines.map { line in
            "<polyline fill=\"none\" stroke=\"\(line.colour)\" stroke-width=\"1.5\" points=\""
                + line.points.map(place).joined(separator: " ") + "\"/>"
        }
        let names = lines.enumerated().map { index, line in
            "<text x=\"\(Self.margin.left + 10 + Double(index) * 120)\" y=\"24\" style=\"fill:\(line.colour)\">"
                + "\(line.name)</text>"
        }
        return """
            <h2>\(HTMLPage.escaped(title))</h2>
            <svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-label="\(HTMLPage.escaped(title))">
            \(grid(left: left, right: right, top: top))
            \(curves.joined(separator: "\n"))
            \(names.joined(separator: "\n"))
            </svg>
            """
    }

    private var inner: (width: Double, height: Double) {
        (
            Self.width - Self.margin.left - Self.margin.right,
            Self.height - Self.margin.top - Self.margin.bottom
        )
    }

    private func grid(left: Double, right: Double, top: Double) -> String {
        var parts: [String] = []
        for step in 0...4 {
            let share = Double(step) / 4
            let y = Self.margin.top + (1 - share) * inner.height
            let x = Self.margin.left + share * inner.width
            parts.append(
                "<line x1=\"\(Self.margin.left)\" x2=\"\(Self.width - Self.margin.right)\" y1=\"\(y)\" y2=\"\(y)\" "
                    + "stroke=\"#ddd\"/>")
            parts.append(
                "<text x=\"\(Self.margin.left - 6)\" y=\"\(y + 4)\" text-anchor=\"end\">\(Text.rounded(top * share))"
                    + "</text>")
            parts.append(
                "<text x=\"\(x)\" y=\"\(Self.height - 18)\" text-anchor=\"middle\">"
                    + "\(Text.rounded(left + (right - left) * share))</text>")
        }
        parts.append(
            "<text x=\"\(Self.width / 2)\" y=\"\(Self.height - 3)\" text-anchor=\"middle\">"
                + "\(HTMLPage.escaped(horizontal))</text>")
        return parts.joined(separator: "\n")
    }
}
