import Foundation

/// One line that renews itself on a terminal; a plain line now and then elsewhere.
struct ProgressDisplay {
    /// What one line tells.
    struct Figures {
        var expected: Int
        var produced: Int
        var consumed: Int
        var invoked: Int
        var inFlight: Int
        /// Events handled a second, since the last line.
        var rate: Double
    }

    private static let barWidth = 24

    /// How long to wait between two lines.
    let interval: Duration
    private let isTerminal: Bool

    init() {
        isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
        interval = isTerminal ? .milliseconds(200) : .seconds(1)
    }

    func show(_ figures: Figures) {
        let done = figures.expected == 0 ? 1 : min(1, Double(figures.consumed) / Double(figures.expected))
        let text = """
            \(Int(done * 100))% | produced \(figures.produced) | consumed \(figures.consumed) | \
            invoked \(figures.invoked) | in flight \(figures.inFlight) | \(Int(figures.rate))/s
            """
        if isTerminal {
            let filled = Int(done * Double(Self.barWidth))
            let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: Self.barWidth - filled)
            write("\r\u{1B}[2K[\(bar)] \(text)")
        } else {
            write("\(text)\n")
        }
    }

    /// Leaves the line, so that what follows starts on its own.
    func end() {
        if isTerminal { write("\n") }
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
