import Foundation
import Histogram

/// One line that renews itself on a terminal; a plain line now and then elsewhere.
struct ProgressDisplay: Sendable {
    /// How long to wait between two lines.
    let interval: Duration
    /// 0 if nobody knows.
    private let expected: Int
    private let isTerminal: Bool

    init(expected: Int) {
        self.expected = expected
        isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
        interval = isTerminal ? .milliseconds(200) : .seconds(1)
    }

    func show(_ figures: Tally.Figures, produced: Int, rate: Double) {
        let share = expected > 0 ? "\(produced * 100 / expected)% | " : ""
        let text = """
            \(share)sent \(produced) | acknowledged \(figures.acknowledged) | failed \(figures.failed) | \
            \(Int(rate))/s | p99 \(figures.latency.valueAtPercentile(99) / 1_000) ms
            """
        Terminal.error(isTerminal ? "\r\u{1B}[2K\(text)" : "\(text)\n")
    }

    /// Leaves the line, so that what follows starts on its own.
    func end() {
        if isTerminal { Terminal.error("\n") }
    }
}

enum Terminal {
    /// A reader that has gone is no reason to fail.
    static func output(_ text: String) { try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8)) }
    static func error(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
