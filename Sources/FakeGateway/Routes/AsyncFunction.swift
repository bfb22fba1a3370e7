import HTTP
import NIOCore
import NIOHTTP1

// /async-function/{name}[/path]: queues a call, whether its function exists or not, and answers 202.

extension GatewayState {
    mutating func queueCall(
        _ name: Substring, _ rest: Substring, _ target: Target, _ request: HTTPServerRequest
    ) -> HTTPServerReply {
        guard let settings = settings.queue, !isProvider else { return .notFound }
        guard request.method == .POST else { return .methodNotAllowed }
        let given = request.headers.first(name: "X-Call-Id")
        let callID = given ?? makeCallID()
        var marks: [(name: String, value: String)] = []
        addMarks(to: &marks, given == nil ? callID : nil, since: now)
        func answer(_ reply: HTTPServerReply) -> HTTPServerReply {
            HTTPServerReply(status: reply.status, headers: reply.headers + marks, body: reply.body)
        }
        let callback = request.headers.first(name: "X-Callback-Url").flatMap { $0.isEmpty ? nil : $0 }
        if let callback, let reason = CallbackURL.fault(of: callback) {
            return answer(.goError(400, "parse \"\(callback)\": \(reason)"))
        }
        guard request.body.readableBytes <= settings.bodyBytes else {
            return answer(
                .goError(500, "Error queuing request: the body is longer than \(settings.bodyBytes) bytes"))
        }
        guard queue.depth < settings.capacity else {
            return answer(.goError(500, "Error queuing request: \(settings.capacity) calls are waiting already"))
        }
        var queued = request
        queued.method = .POST
        queued.target = "/function/\(name)\(rest.isEmpty ? "/" : rest)"
        if !target.query.isEmpty { queued.target += "?\(target.query)" }
        queued.headers.replaceOrAdd(name: "X-Call-Id", value: callID)
        queued.headers.replaceOrAdd(name: "X-Start-Time", value: String(now.unixNanoseconds))
        // Whatever the caller sent.
        queued.headers.replaceOrAdd(name: "User-Agent", value: "openfaas-ce/nats-queue-worker")
        queue.waiting.append(
            QueuedCall(
                number: queue.nextNumber(), name: String(name), request: queued, callID: callID, callback: callback))
        return answer(HTTPServerReply(status: 202))
    }
}

/// The URL of a callback, judged as Go parses URLs: hardly.
enum CallbackURL {
    /// - Returns: Why it cannot be parsed, or `nil`.
    static func fault(of text: String) -> String? {
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            return "net/url: invalid control character in URL"
        }
        if text.hasPrefix(":") { return "missing protocol scheme" }
        var rest = Array(text.utf8)[...]
        while let percent = rest.firstIndex(of: UInt8(ascii: "%")) {
            let digits = rest[percent...].dropFirst().prefix(2)
            guard digits.count == 2, digits.allSatisfy(isHexDigit) else { return "invalid URL escape" }
            rest = rest[percent...].dropFirst(3)
        }
        if let start = text.firstRange(of: "://")?.upperBound {
            let authority = text[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            if authority.contains(" ") { return "invalid character \" \" in host name" }
            let port = authority.split(separator: "]").last.flatMap { $0.lastIndex(of: ":").map($0.suffix(from:)) }
            if let port, !port.dropFirst().allSatisfy(\.isNumber) { return "invalid port \"\(port)\" after host" }
        }
        return nil
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
}
