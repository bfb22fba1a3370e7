package import SNSSource
import Synchronization

/// Answers from a table, and remembers what was asked for.
package final class RecordingFetcher: SNSFetcher {
    private let state: Mutex<(answers: [String: (status: Int, body: [UInt8])], visited: [String])>

    /// - Parameter answers: By URL; others are answered with 404.
    package init(_ answers: [String: (status: Int, body: [UInt8])] = [:]) { state = Mutex((answers, [])) }

    package var visited: [String] { state.withLock { $0.visited } }

    package func answer(_ url: String, _ status: Int, _ body: [UInt8] = []) {
        state.withLock { $0.answers[url] = (status, body) }
    }

    package func get(
        _ url: AllowedURL, limit: Int, timeout: Duration
    ) async throws -> (status: Int, body: [UInt8]) {
        state.withLock { state in
            state.visited.append(url.description)
            return state.answers[url.description] ?? (404, [])
        }
    }
}
