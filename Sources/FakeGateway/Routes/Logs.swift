import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections

// /system/logs?name=&namespace=&instance=&tail=&since=&follow=: lines of JSON. A gateway does not pass on the
// provider's headers, so that its client sees the type that Go makes of the body.

extension GatewayState {
    mutating func streamLogs(_ target: Target, _ way: Way) {
        let parameters = QueryString(target.query)
        let namespace = target.namespace ?? defaultNamespace
        if let refusal = refusal(ofNamespace: namespace) { return finish(way, logReply(to: refusal)) }
        let tail = parameters.first("tail").flatMap { $0.isEmpty ? nil : $0 }
        let since = parameters.first("since").flatMap { $0.isEmpty ? nil : $0 }
        let count = tail.flatMap(Int.init)
        let time = since.flatMap(RFC3339.parse)
        guard tail == nil || count != nil, since == nil || time != nil else {
            return finish(way, logReply(to: .goError(422, "could not parse the log request")))
        }
        guard let name = parameters.first("name"), !name.isEmpty else {
            return finish(way, logReply(to: .goError(500, "function log request failed")))
        }
        let query = LogQuery(
            key: FunctionKey(name: name, namespace: namespace), instance: parameters.first("instance") ?? "",
            tail: count.flatMap { $0 > 0 ? $0 : nil }, since: time,
            follow: ["1", "t", "T", "true", "TRUE", "True"].contains(parameters.first("follow") ?? ""))
        let lines = logs.matching(query)
        var body = ByteBuffer()
        for line in lines { line.json.write(line: &body) }
        let type = isProvider ? "application/x-ndjson" : "text/plain; charset=utf-8"
        guard way.origin == .client, way.fault == nil, query.follow || isProvider || body.readableBytes > 0 else {
            // The gateway passes nothing on, and so begins no stream.
            let headers = body.readableBytes > 0 ? [("Content-Type", type)] : []
            return finish(way, HTTPServerReply(status: 200, headers: headers, body: body))
        }
        guard !query.follow || logs.followers.count < settings.limits.logFollowers else {
            return finish(way, .goError(500, "no more than \(settings.limits.logFollowers) streams can be followed"))
        }
        effects.append(.begin(way.number, status: 200, headers: [("Content-Type", type)], length: nil))
        effects.append(.send(way.number, body))
        guard query.follow else {
            end(way, status: 200)
            return effects.append(.end(way.number))
        }
        journal.begun(way.number, status: 200)
        logs.follow(way.number, query)
        timers.add(.endLogs(way.number), at: now.advanced(by: settings.writeTimeout))
    }

    /// What the gateway makes of an error of its provider; a provider gives it as it is.
    func logReply(to error: HTTPServerReply) -> HTTPServerReply {
        switch error.status {
        case _ where isProvider: error
        case 404, 501: HTTPServerReply(status: 501)
        case let status: .goError(500, "unknown log request error (\(status))")
        }
    }

    /// Sends the followers what was written since the last time.
    mutating func flushLogs() {
        for line in logs.takeFresh() {
            var bytes = ByteBuffer()
            line.json.write(line: &bytes)
            for (number, query) in logs.followers where query.matches(line) { effects.append(.send(number, bytes)) }
        }
    }

    mutating func endLogs(_ number: Int) {
        guard logs.isFollowed(by: number) else { return }
        logs.unfollow(number)
        end(number, status: 200)
        effects.append(.end(number))
    }

    /// What a call leaves in its function's log: what the function wrote, and a line as the watchdog writes it.
    mutating func log(_ call: ActiveCall, _ answer: FunctionReply) {
        guard logs.isRead else { return }
        var instance = 0
        if let index = functions.index(forKey: call.key) {
            instance = functions.values[index].calls % max(1, functions.values[index].availableReplicas)
        }
        for line in answer.log { logs.add(line, of: call.key, instance: instance, at: now) }
        logs.add(
            LogLine.Call(
                method: call.pending.request.method.rawValue, path: call.pending.called.path,
                query: call.pending.called.query, status: answer.status,
                bytes: answer.buffer.readableBytes, duration: now.duration(since: call.startedAt)),
            of: call.key, instance: instance, at: now)
    }
}
