import HTTP
import NIOCore
import NIOHTTP1

// What a gateway answers when its provider is gone or answers an error. Source: docs/openfaas.md, "Routes", "Sync
// invocation" and "Verified against a real gateway".

extension GatewayState {
    mutating func route(
        _ request: HTTPServerRequest, _ target: Target, _ route: Route, _ way: Way, with failure: Fault.Provider
    ) {
        if isProvider {
            guard case .status(let status, let text) = failure else { return deliver(way, .none(.close)) }
            return finish(way, HTTPServerReply(status: status, text: text))
        }
        if route.isGuarded, let refusal = refusal(request) { return finish(way, refusal) }
        switch route {
        case .function(let name, let rest):
            let called = CalledFunction(name, rest, target.query, defaultNamespace: defaultNamespace)
            call(PendingRequest(request: request, way: way, called: called), with: failure)
        case .functions where request.method == .GET: finish(way, list(with: failure))
        case .info where request.method == .GET: finish(way, gatewayInfo(.null))
        case .logs where request.method == .GET: finish(way, logs(with: failure))
        case .functions, .functionStatus, .scale, .secrets, .namespaces, .namespace, .telemetry, .healthz:
            // What the router refuses goes no further.
            let usual = answer(route, request, target)
            finish(way, usual.status == 405 ? usual : passedOn(failure))
        case .alert:
            // Functions that are not found are left out.
            let isRead = (try? JSONBody.decode(AlertRequest.self, from: request.body)) != nil
            finish(way, isRead && request.method == .POST ? HTTPServerReply(status: 200) : alert(request))
        case .asyncFunction, .logs, .info, .root, .ui, .query, .metrics, .unknown:
            self.route(request, target, route, way)
        }
    }

    /// The provider's answer as it is; 502 where there is none.
    private func passedOn(_ failure: Fault.Provider) -> HTTPServerReply {
        switch failure {
        case .down: HTTPServerReply(status: 502)
        case .status(let status, let text): HTTPServerReply(status: status, text: text)
        }
    }

    private mutating func call(_ pending: PendingRequest, with failure: Fault.Provider) {
        guard settings.scaleFromZero else { return forwardInVain(pending, failure) }
        let key = pending.called.key
        let reason =
            switch failure {
            case .down:
                "Get \"\(Self.providerURL)system/function/\(key.name)?namespace=\(key.namespace)&usage=false\": "
                    + "dial tcp 127.0.0.1:8081: connect: connection refused"
            case .status: Self.failure(of: key, passedOn(failure))
            }
        finish(pending.way, HTTPServerReply(status: 404, text: "error finding function \(key): \(reason)"))
    }

    private mutating func forwardInVain(_ pending: PendingRequest, _ failure: Fault.Provider) {
        metrics.started(pending.called.counted)
        refuse(pending, passedOn(failure))
    }

    private func list(with failure: Fault.Provider) -> HTTPServerReply {
        let reply = passedOn(failure)
        let text = String(buffer: reply.body)
        guard reply.status == 200 else { return .goError(reply.status, text) }
        // It reads the list, counts the calls, and writes it anew.
        guard JSONBody.isArrayOrNull(reply.body) else {
            return .goError(500, "Unable to parse list of functions from provider")
        }
        return HTTPServerReply(status: 200, headers: [("Content-Type", "application/json")], body: reply.body)
    }

    private func logs(with failure: Fault.Provider) -> HTTPServerReply {
        guard case .status = failure else { return .goError(500, "log request failed") }
        let reply = passedOn(failure)
        return reply.status == 200 ? reply : logReply(to: reply)
    }
}
