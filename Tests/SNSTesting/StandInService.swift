package import HTTP
import NIOHTTP1
import Synchronization

/// Answers by HTTP for the hosts of SNS, from a table, and remembers what was asked for.
package final class StandInService: HTTPServerHandler {
    private let state = Mutex((answers: [String: HTTPServerReply](), visited: [String]()))

    package init() {}

    /// Hosts and targets.
    package var visited: [String] { state.withLock { $0.visited } }

    /// - Parameter target: Others are answered with 404.
    package func answer(_ target: String, _ reply: HTTPServerReply) {
        state.withLock { $0.answers[target] = reply }
    }

    package func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
        let reply = state.withLock { state in
            state.visited.append("\(request.headers.first(name: "Host") ?? "")\(request.target)")
            return state.answers[request.target]
        }
        exchange.reply(reply ?? HTTPServerReply(status: 404))
    }
}
