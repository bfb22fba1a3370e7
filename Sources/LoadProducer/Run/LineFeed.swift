// Reads lines on a thread of its own, a little ahead of whoever takes them: of a file that never fits in memory, or of
// standard input as it comes.

import Dispatch
package import LoadGenerators
import Synchronization
import Threads

/// Where the lines are that are values.
package struct LineSource: Sendable, Equatable {
    /// `nil` is standard input, whose end is the run's; a file begins again.
    package var path: String?
    /// Bytes of a line.
    package var longest: Int

    package init(path: String?, longest: Int) {
        self.path = path
        self.longest = longest
    }

    var name: String { path ?? "standard input" }
}

package final class LineFeed: Sendable {
    package enum Next: Sendable {
        case lines(LineSplitter.Lines)
        /// None has come so far.
        case nothing
        case end
        case failed(Failure)
    }

    private static let pieceBytes = 1 << 16
    /// Pieces that are read ahead.
    private static let most = 8

    private struct State {
        var ready: [LineSplitter.Lines] = []
        /// What comes after those that are ready; `nil`: more.
        var last: Next?
        var waiter: CheckedContinuation<Void, Never>?
        var isStopped = false
    }

    private let source: LineSource
    private let input: BlockingInput
    private let state = Mutex(State())
    /// A signal for each piece that may be read.
    private let room = DispatchSemaphore(value: 0)

    /// Begins to read.
    /// - Throws: `Failure`
    package init(_ source: LineSource) throws(Failure) {
        self.source = source
        do {
            input = try BlockingInput(path: source.path)
        } catch {
            throw Failure("lines_file: \(source.name) cannot be read: \(error.reason)")
        }
        for _ in 0..<Self.most { room.signal() }
        Thread.detach("line-feed") { [self] in finish(read()) }
    }

    /// The next lines, without waiting. One caller at a time.
    package func take() -> Next {
        let next = state.withLock { state -> Next in
            state.ready.isEmpty ? state.last ?? .nothing : .lines(state.ready.removeFirst())
        }
        if case .lines = next { room.signal() }
        return next
    }

    /// Returns once `take` has something to tell, or after `stop`.
    package func wait() async {
        await withCheckedContinuation { continuation in
            let mustWait = state.withLock { state in
                guard state.ready.isEmpty, state.last == nil, !state.isStopped else { return false }
                state.waiter = continuation
                return true
            }
            if !mustWait { continuation.resume() }
        }
    }

    /// Nobody wants more.
    package func stop() {
        change { $0.isStopped = true }
        room.signal()
    }

    private func change(_ body: (inout State) -> Void) {
        let waiter = state.withLock { state in
            body(&state)
            return state.waiter.take()
        }
        waiter?.resume()
    }

    // MARK: The thread

    private func finish(_ last: Next) { change { $0.last = last } }

    private func read() -> Next {
        var splitter = LineSplitter(longest: source.longest)
        do {
            while true {
                let piece = try input.read(atMost: Self.pieceBytes)
                guard hand(over: try piece.isEmpty ? splitter.end() : splitter.take(piece)) else { return .end }
                guard piece.isEmpty else { continue }
                if splitter.count == 0 {
                    return .failed(Failure("lines_file: \(source.name): a file with at least one line is accepted"))
                }
                guard source.path != nil, input.rewind() else { return .end }
            }
        } catch let error as LineSplitter.TooLong {
            return .failed(
                Failure(
                    "lines_file: line \(error.line) of \(source.name) is longer than \(source.longest) bytes; "
                        + "max_size can be raised"))
        } catch {
            let reason = (error as? BlockingInput.Failure)?.reason ?? "\(error)"
            return .failed(Failure("lines_file: \(source.name) cannot be read: \(reason)"))
        }
    }

    /// Whether more is wanted.
    private func hand(over lines: LineSplitter.Lines) -> Bool {
        guard !lines.ranges.isEmpty else { return state.withLock { !$0.isStopped } }
        room.wait()
        var isWanted = false
        change { state in
            isWanted = !state.isStopped
            if isWanted { state.ready.append(lines) }
        }
        return isWanted
    }
}

/// A place in the lines of a feed.
struct LineCursor {
    let feed: LineFeed
    private var lines = LineSplitter.Lines()
    private var index = 0

    enum State {
        case ready
        case nothing
        case end
        case failed(Failure)
    }

    init(_ feed: LineFeed) { self.feed = feed }

    /// Whether `line` is one that was not taken.
    mutating func advance() -> State {
        while index >= lines.ranges.count {
            switch feed.take() {
            case .lines(let next):
                lines = next
                index = 0
            case .nothing: return .nothing
            case .end: return .end
            case .failed(let failure): return .failed(failure)
            }
        }
        return .ready
    }

    mutating func take() -> ArraySlice<UInt8> {
        defer { index += 1 }
        return lines.bytes[lines.ranges[index]]
    }
}
