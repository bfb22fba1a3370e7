import DequeModule
import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections

/// A call that waits for the queue's worker.
struct QueuedCall: Sendable {
    let number: Int
    /// As called: `name` or `name.namespace`.
    let name: String
    let request: HTTPServerRequest
    let callID: String
    let callback: String?
    var attempts = 0
    var startedAt = GatewayTime(unixNanoseconds: 0)
}

/// The queue behind `/async-function/`: calls in their order, those that run, and what became of their callbacks.
struct AsyncQueue: Sendable {
    private static let callbacksKept = 10_000

    var waiting: Deque<QueuedCall> = []
    var running: [Int: QueuedCall] = [:]
    /// Calls that will be tried again.
    var retrying = 0
    var isPaused = false
    /// Set while calls are taken from the queue, for one that ends at once asks for the next.
    var isPumping = false
    private var count = 0
    private(set) var callbacks: Deque<RecordedCallback> = []

    /// Calls that are not done.
    var depth: Int { waiting.count + running.count + retrying }

    mutating func nextNumber() -> Int {
        count += 1
        return count
    }

    mutating func record(_ callback: RecordedCallback) {
        if callbacks.count == Self.callbacksKept { callbacks.removeFirst() }
        callbacks.append(callback)
    }

    mutating func callbackEnded(_ number: Int, status: Int?) {
        guard let index = callbacks.firstIndex(where: { $0.number == number }) else { return }
        callbacks[index].status = status
        callbacks[index].isDone = true
    }
}

extension GatewayState {
    /// Lets the worker take what it may.
    mutating func pump() {
        guard let settings = settings.queue, !queue.isPumping, !queue.isPaused else { return }
        queue.isPumping = true
        defer { queue.isPumping = false }
        while queue.running.count < settings.workers, !queue.isPaused, var call = queue.waiting.popFirst() {
            call.attempts += 1
            call.startedAt = now
            queue.running[call.number] = call
            let target = Target(call.request.target)
            _ = begin(call.request, target, Route(target.path), .worker(call.number))
        }
    }

    /// - Parameter reply: `nil` if none came.
    mutating func queuedCallEnded(_ number: Int, _ reply: HTTPServerReply?) {
        guard let call = queue.running.removeValue(forKey: number) else { return }
        if settings.edition == .pro, let policy = retryPolicy(call), policy.retries(reply, after: call.attempts) {
            let after = reply?.headers.first { $0.name.lowercased() == "retry-after" }.flatMap { Int($0.value) }
            let isAsked = reply?.status == 429 || reply?.status == 503
            let wait = policy.wait(after: call.attempts, retryAfter: isAsked ? after : nil, &generator)
            queue.retrying += 1
            timers.add(.retry(call), at: now.advanced(by: wait))
        } else if let url = call.callback {
            postCallback(call, url, reply)
        }
        pump()
    }

    mutating func requeue(_ call: QueuedCall) {
        queue.retrying -= 1
        queue.waiting.append(call)
        pump()
    }

    private func retryPolicy(_ call: QueuedCall) -> RetryPolicy? {
        let key = FunctionKey(called: call.name, defaultNamespace: defaultNamespace)
        return settings.queue?.retry.applying(functions[key]?.deployment.annotations)
    }

    private mutating func postCallback(_ call: QueuedCall, _ url: String, _ reply: HTTPServerReply?) {
        let own = ["x-duration-seconds", "x-function-status", "x-function-name", "x-call-id"]
        var headers = (reply?.headers ?? []).filter { !own.contains($0.name.lowercased()) }
        headers.append(("X-Duration-Seconds", now.duration(since: call.startedAt).secondsText))
        headers.append(("X-Function-Status", String(reply?.status ?? 503)))
        headers.append(("X-Function-Name", call.name))
        headers.append(("X-Call-Id", call.callID))
        let body = reply?.body ?? ByteBuffer()
        queue.record(RecordedCallback(number: call.number, url: url, headers: headers, buffer: body))
        effects.append(.post(CallbackRequest(number: call.number, url: url, headers: headers, body: body)))
    }

    /// A callback was answered with this, or not at all.
    package mutating func callbackEnded(_ number: Int, status: Int?) {
        queue.callbackEnded(number, status: status)
    }
}
