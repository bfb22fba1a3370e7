import HTTP
import NIOCore
import NIOHTTP1

// The way of a reply: past the faults, to the client or to the queue's worker.

extension GatewayState {
    /// - Parameter thenPump: The queue has more to do than before.
    mutating func finish(_ way: Way, _ reply: consuming HTTPServerReply, thenPump: Bool = false) {
        guard !way.isAnswered else { return }
        if let listing = freshListing {
            if way.fault == nil { lastListing = listing }
            freshListing = nil
        }
        switch way.fault {
        case nil: deliver(way, .whole(reply))
        case .dropAfterRun: deliver(way, .none(.close))
        case .reset: deliver(way, .none(.reset))
        case .halfOpen: hang(way)
        case .replyLate(let duration): timers.add(.deliver(way, .whole(reply)), at: now.advanced(by: duration))
        case .truncate(let bytes): deliver(way, reply, claiming: reply.body.readableBytes, sending: bytes)
        case .contentLength(let length): deliver(way, reply, claiming: length, sending: .max)
        case .trickle(let bytes, let every): trickle(way, reply, max(1, bytes), max(.microseconds(1), every))
        case .listing(let fault): deliver(way, .whole(spoil(reply, fault)))
        case .status, .delay, .dropBeforeRun, .unauthorized, .replyEarly, .provider: deliver(way, .whole(reply))
        }
        if thenPump { pump() }
    }

    mutating func deliver(_ way: Way, _ reply: consuming GatewayReply) {
        switch consume reply {
        case .whole(let reply):
            end(way, status: reply.status)
            if case .worker(let call) = way.origin {
                queuedCallEnded(call, reply)
            } else {
                effects.append(.reply(way.number, reply))
            }
        case .none(let abort):
            end(way, status: nil)
            if case .worker(let call) = way.origin {
                queuedCallEnded(call, nil)
            } else {
                effects.append(.abort(way.number, abort))
            }
        }
    }

    /// Nothing comes any more, and the connection stays. The queue's worker gives up at the gateway's timeout.
    mutating func hang(_ way: Way) {
        guard way.origin != .client else { return }
        timers.add(.deliver(way, .none(.close)), at: now.advanced(by: settings.upstreamTimeout))
    }

    mutating func end(_ way: Way, status: Int?) { end(way.number, status: status) }

    mutating func end(_ number: Int, status: Int?) {
        let duration = journal.end(number, status: status, at: now.unixNanoseconds)
        guard isProvider, let status, let duration, let entry = journal[number] else { return }
        let path = Target(entry.target).path
        guard let counted = Route(path).metricPath(HTTPMethod(rawValue: entry.method), path) else { return }
        providerMetrics.add(path: counted, method: entry.method, status: status, duration)
    }

    /// A reply whose body and length do not agree. The worker takes it for a broken connection.
    private mutating func deliver(_ way: Way, _ reply: HTTPServerReply, claiming length: Int, sending bytes: Int) {
        guard way.origin == .client else { return deliver(way, .none(.close)) }
        end(way, status: reply.status)
        effects.append(.begin(way.number, status: reply.status, headers: reply.headers, length: max(0, length)))
        let sent = min(max(0, bytes), reply.body.readableBytes)
        if let part = reply.body.getSlice(at: reply.body.readerIndex, length: sent) {
            effects.append(.send(way.number, part))
        }
        effects.append(sent < reply.body.readableBytes ? .abort(way.number, .close) : .end(way.number))
    }

    private mutating func trickle(_ way: Way, _ reply: HTTPServerReply, _ bytes: Int, _ every: Duration) {
        guard way.origin == .client else { return deliver(way, .whole(reply)) }
        end(way, status: reply.status)
        let length = reply.body.readableBytes
        effects.append(.begin(way.number, status: reply.status, headers: reply.headers, length: length))
        send(Trickle(number: way.number, rest: reply.body, bytes: bytes, every: every))
    }

    mutating func send(_ trickle: Trickle) {
        var trickle = trickle
        if let part = trickle.rest.readSlice(length: min(trickle.bytes, trickle.rest.readableBytes)) {
            effects.append(.send(trickle.number, part))
        }
        guard trickle.rest.readableBytes > 0 else { return effects.append(.end(trickle.number)) }
        timers.add(.trickle(trickle), at: now.advanced(by: trickle.every))
    }

    private func spoil(_ reply: HTTPServerReply, _ fault: Fault.Listing) -> HTTPServerReply {
        var reply = reply
        switch fault {
        case .null: reply.body = ByteBuffer(string: "null")
        case .notJSON: reply.body = ByteBuffer(string: "404 page not found\n")
        case .stale: reply.body = lastListing ?? ByteBuffer(string: "[]")
        case .huge(let count):
            let status = JSONValue.array(
                (0..<max(0, min(count, 1_000_000))).map { number in
                    .object([
                        ("name", .string("function-\(number)")), ("image", .string("functions/echo:latest")),
                        ("namespace", .string(defaultNamespace)),
                        ("annotations", .object([("topic", .string("topic-\(number)"))])),
                        ("createdAt", .string("0001-01-01T00:00:00Z")),
                    ])
                })
            reply.body = status.buffer
        }
        return reply
    }
}
