package import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections
import SeededRandom

// /function/{name}[/path]: calls a function and passes its reply on, with the gateway's own headers.

/// A call that is under way: what to run, and what is needed to answer.
package struct PendingCall: Sendable {
    /// How the function is run.
    enum Work: Sendable {
        /// It has answered; send it after this time.
        case answered(FunctionReply, after: Duration)
        case run(@Sendable (FunctionRequest) async throws -> FunctionReply)
    }

    let key: FunctionKey
    let request: FunctionRequest
    let work: Work
    let startedAt: GatewayTime
    /// `nil` if the caller brought one: then the gateway does not echo it.
    let generatedCallID: String?
    let requestContentType: String?
}

/// How a function's run ended.
package enum CallOutcome: Sendable {
    case replied(FunctionReply)
    case failed(String)
    /// `upstream_timeout` passed.
    case timedOut
}

extension GatewayState {
    private static let methods: [HTTPMethod] = [.POST, .PUT, .PATCH, .DELETE, .GET, .OPTIONS, .HEAD]

    mutating func callFunction(
        _ name: Substring, _ rest: Substring, _ target: Target, _ request: HTTPServerRequest
    ) -> Answer {
        guard Self.methods.contains(request.method) else { return .reply(.methodNotAllowed) }
        let key = FunctionKey(called: String(name), defaultNamespace: defaultNamespace)
        guard let function = functions[key] else { return .reply(unknownFunction(key)) }
        functions[key]?.invocationCount += 1
        let call = FunctionRequest(
            method: request.method.rawValue, path: String(rest), query: String(target.query),
            fields: request.headers, buffer: request.body)
        let work: PendingCall.Work
        switch function.body {
        case .immediate(let body): work = .answered(body(call), after: .zero)
        case .timed(let body):
            let (after, reply) = body(call, &generator)
            work = .answered(reply, after: after)
        case .asynchronous(let body): work = .run(body)
        }
        return .invoke(
            PendingCall(
                key: key, request: call, work: work, startedAt: now,
                generatedCallID: request.headers.contains(name: "X-Call-Id") ? nil : makeCallID(),
                requestContentType: request.headers.first(name: "Content-Type")))
    }

    /// The gateway's reply to the caller.
    package func finish(_ call: PendingCall, _ outcome: CallOutcome) -> HTTPServerReply {
        switch outcome {
        case .replied(let reply):
            var headers = reply.headers
            if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
                headers.append(("Content-Type", call.requestContentType ?? "text/plain"))
            }
            if let id = call.generatedCallID { headers.append(("X-Call-Id", id)) }
            headers.append(("X-Start-Time", String(call.startedAt.unixNanoseconds)))
            headers.append(("X-Served-By", "openfaas-ce/\(settings.version)"))
            return HTTPServerReply(status: reply.status, headers: headers, body: reply.buffer)
        case .failed:
            return HTTPServerReply(
                status: 500,
                headers: [("X-OpenFaaS-Internal", "proxy"), ("Content-Type", "text/plain; charset=utf-8")],
                body: ByteBuffer(string: "Can't reach service for: \(call.key.name)."))
        case .timedOut: return HTTPServerReply(status: 502)
        }
    }

    private func unknownFunction(_ key: FunctionKey) -> HTTPServerReply {
        switch settings.unknownFunction {
        case .notFound:
            .goError(
                404,
                "error finding function \(key): server returned non-200 status code (404) for function, "
                    + "\(key.name), body: ")
        case .noEndpoints:
            HTTPServerReply(
                status: 503,
                headers: [("X-OpenFaaS-Internal", "proxy"), ("Content-Type", "text/plain; charset=utf-8")],
                body: ByteBuffer(string: "No endpoints available for: \(key.name)."))
        }
    }

    /// A random UUID, version 4 in its form.
    private mutating func makeCallID() -> String {
        let high = generator.next() & 0xffff_ffff_ffff_0fff | 0x4000
        let low = generator.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        func hex(_ value: UInt64, _ digits: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: digits - text.count) + text
        }
        return "\(hex(high >> 32, 8))-\(hex(high >> 16 & 0xffff, 4))-\(hex(high & 0xffff, 4))-"
            + "\(hex(low >> 48, 4))-\(hex(low & 0xffff_ffff_ffff, 12))"
    }
}

extension PendingCall {
    /// Runs the function here and now, for callers without a shell; its time is not waited for.
    package func outcome() async -> CallOutcome {
        switch work {
        case .answered(let reply, _): return .replied(reply)
        case .run(let body):
            do { return .replied(try await body(request)) } catch { return .failed("\(error)") }
        }
    }
}
