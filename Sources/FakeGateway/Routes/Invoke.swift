import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections
import SeededRandom

// /function/{name}[/path]: calls a function and passes its reply on, with the gateway's own headers.

/// A call that is under way.
struct ActiveCall: Sendable {
    let pending: PendingRequest
    let startedAt: GatewayTime
    /// `nil` if the caller brought one: then the gateway does not echo it.
    let generatedCallID: String?

    var key: FunctionKey { pending.called.key }
}

extension GatewayState {
    mutating func callFunction(_ pending: consuming PendingRequest) {
        let key = pending.called.key
        guard let index = functions.index(forKey: key) else {
            guard settings.unknownFunction == .notFound, !isProvider else { return forward(pending) }
            // The gateway looks for the function before it marks the reply and counts the call.
            return finish(pending.way, unknownFunction(key))
        }
        if functions.values[index].availableReplicas == 0, settings.scaleFromZero, !isProvider {
            return scaleFromZero(key, pending)
        }
        forward(pending)
    }

    /// Hands the request to a replica, if there is one.
    mutating func forward(_ pending: consuming PendingRequest) {
        let key = pending.called.key
        metrics.started(pending.called.counted)
        guard pending.request.method.isTakenByFunctions else { return refuse(pending, .methodNotAllowed) }
        guard let index = functions.index(forKey: key), functions.values[index].availableReplicas > 0 else {
            return refuse(pending, .platformError(503, "No endpoints available for: \(pending.calledName)."))
        }
        let id = CallID(number: pending.way.number)
        let callID = isProvider || pending.request.headers.contains(name: "X-Call-Id") ? nil : makeCallID()
        let request = functionRequest(at: index, pending, callID)
        let call = ActiveCall(pending: pending, startedAt: now, generatedCallID: callID)
        if functions.values[index].beginCall() == .tooMany, let limit = functions.values[index].maxInFlight {
            let text = "Concurrent request limit exceeded. Max concurrent requests: \(limit)\n"
            // The watchdog's own answer, and marked so.
            let answer = FunctionReply(
                text, status: 429,
                headers: [("Content-Type", "text/plain"), ("X-Openfaas-Internal", "faas-middleware")])
            return finish(call, reply(call, answer))
        }
        run(functions.values[index].body, request, call, id)
    }

    private mutating func run(
        _ body: Function.Body, _ request: FunctionRequest, _ call: ActiveCall, _ id: CallID
    ) {
        switch body {
        case .immediate(let body):
            let answer = body(request)
            log(call, answer)
            finish(call, reply(call, answer))
        case .timed(let body):
            let (after, answer) = body(request, &generator)
            guard after > .zero else {
                log(call, answer)
                return finish(call, reply(call, answer))
            }
            start(call, id)
            timers.add(.answer(id, answer), at: now.advanced(by: after))
        case .asynchronous(let body):
            start(call, id)
            effects.append(.run(id, request, body))
        }
    }

    private mutating func start(_ call: ActiveCall, _ id: CallID) {
        calls[id] = call
        let active = calls
        timers.dropFirst { if case .giveUp(let id) = $0 { active[id] == nil } else { false } }
        timers.add(.giveUp(id), at: now.advanced(by: settings.upstreamTimeout))
    }

    /// A function that was to be run has ended, in one way or the other.
    package mutating func finish(_ id: CallID, _ outcome: CallOutcome, now: GatewayTime) {
        advance(to: now)
        answer(id, outcome)
    }

    mutating func answer(_ id: CallID, _ outcome: CallOutcome) {
        guard let call = calls.removeValue(forKey: id) else { return }
        switch outcome {
        case .replied(let answer):
            log(call, answer)
            finish(call, reply(call, answer))
        case .failed(let reason):
            logs.add(reason, of: call.key, instance: 0, at: now)
            let error = HTTPServerReply.platformError(500, "Can't reach service for: \(call.pending.calledName).")
            finish(call, marked(error, call.generatedCallID, since: call.startedAt))
        }
    }

    /// `upstream_timeout` has passed.
    mutating func giveUp(_ id: CallID) {
        guard let call = calls.removeValue(forKey: id) else { return }
        effects.append(.cancel(id))
        finish(call, marked(HTTPServerReply(status: 502), call.generatedCallID, since: call.startedAt))
    }

    /// Answers for a function that ran.
    private mutating func finish(_ call: ActiveCall, _ reply: consuming HTTPServerReply) {
        if let index = functions.index(forKey: call.key) { functions.values[index].endCall() }
        metrics.ended(call.pending.called.counted, status: reply.status, after: now.duration(since: call.startedAt))
        watchIdleness(call.key)
        flushLogs()
        finish(call.pending.way, reply)
    }

    /// Answers in place of a function, as the provider does.
    mutating func refuse(_ pending: PendingRequest, _ reply: HTTPServerReply) {
        metrics.ended(pending.called.counted, status: reply.status, after: .zero)
        let hasCallID = isProvider || pending.request.headers.contains(name: "X-Call-Id")
        finish(pending.way, marked(reply, hasCallID ? nil : makeCallID(), since: now))
    }

    // MARK: What function and caller get

    private func functionRequest(
        at index: Int, _ pending: PendingRequest, _ callID: String?
    ) -> FunctionRequest {
        FunctionRequest(
            method: pending.request.method.rawValue, path: pending.called.path, query: pending.called.query,
            fields: FunctionHeaders(
                received: pending.request.headers, userAgent: isProvider ? nil : userAgent, callID: callID,
                startedUnixNanoseconds: isProvider ? nil : now.unixNanoseconds),
            buffer: pending.request.body, environment: functions.values[index].deployment.envVars ?? [:],
            secretValues: secretValues(ofFunctionAt: index))
    }

    private func secretValues(ofFunctionAt index: Int) -> [String: [UInt8]] {
        var values: [String: [UInt8]] = [:]
        guard let names = functions.values[index].deployment.secrets else { return values }
        let namespace = functions.values[index].namespace
        for name in names { values[name] = secrets[FunctionKey(name: name, namespace: namespace)] }
        return values
    }

    private func reply(_ call: ActiveCall, _ answer: FunctionReply) -> HTTPServerReply {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(answer.headers.count + 4)
        headers += answer.headers
        if !headers.contains(where: { $0.name.equalsIgnoringCase("content-type") }) {
            headers.append(
                ("Content-Type", call.pending.request.headers.first(name: "Content-Type") ?? "text/plain"))
        }
        addMarks(to: &headers, call.generatedCallID, since: call.startedAt)
        return HTTPServerReply(status: answer.status, headers: headers, body: answer.buffer)
    }

    /// What a gateway adds to the reply of every call that it passes on or queues.
    func addMarks(
        to headers: inout [(name: String, value: String)], _ generatedCallID: String?, since start: GatewayTime
    ) {
        guard !isProvider else { return }
        if let generatedCallID { headers.append(("X-Call-Id", generatedCallID)) }
        headers.append(("X-Start-Time", String(start.unixNanoseconds)))
        headers.append(("X-Served-By", servedBy))
    }

    func marked(
        _ reply: HTTPServerReply, _ generatedCallID: String?, since start: GatewayTime
    ) -> HTTPServerReply {
        var reply = reply
        addMarks(to: &reply.headers, generatedCallID, since: start)
        return reply
    }

    /// The gateway has asked its provider for the function's replicas, in vain.
    private func unknownFunction(_ key: FunctionKey) -> HTTPServerReply {
        let answer = refusal(ofNamespace: key.namespace) ?? HTTPServerReply(status: 404)
        return HTTPServerReply(status: 404, text: "error finding function \(key): \(Self.failure(of: key, answer))")
    }

    /// What the gateway says of a provider that does not answer 200 when it is asked for a function.
    static func failure(of key: FunctionKey, _ answer: HTTPServerReply) -> String {
        "server returned non-200 status code (\(answer.status)) for function, \(key.name), "
            + "body: \(String(buffer: answer.body))"
    }

    /// A random UUID, version 4 in its form.
    mutating func makeCallID() -> String {
        let high = generator.next() & 0xffff_ffff_ffff_0fff | 0x4000
        let low = generator.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        let text = [UInt8](capacity: 36) { text in
            var bits = high
            for digit in 0..<32 {
                if digit == 8 || digit == 12 || digit == 16 || digit == 20 { text.append(UInt8(ascii: "-")) }
                if digit == 16 { bits = low }
                let nibble = UInt8(truncatingIfNeeded: bits >> 60)
                bits <<= 4
                text.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") - 10 + nibble)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension HTTPMethod {
    fileprivate var isTakenByFunctions: Bool {
        switch self {
        case .POST, .PUT, .PATCH, .DELETE, .GET, .OPTIONS, .HEAD: true
        default: false
        }
    }
}
