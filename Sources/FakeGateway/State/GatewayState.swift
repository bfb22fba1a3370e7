// The gateway without its sockets: which functions there are, who may do what, and what each request is answered.
//
// A value. It performs no I/O, starts nothing, reads no clock and has no chance but its seed: a shell hands it requests
// and the time, and carries out the effects that it leaves behind. Routes/ has one file an endpoint.
// Source: docs/openfaas.md.

import DequeModule
package import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections
import SeededRandom

package struct GatewayState: Sendable {
    let settings: FakeGateway.Configuration
    /// In the order of listings.
    var functions: OrderedDictionary<FunctionKey, DeployedFunction> = [:]
    var namespaces: OrderedDictionary<String, Namespace> = [:]
    var secrets: OrderedDictionary<FunctionKey, [UInt8]> = [:]
    var generator: SeededGenerator
    /// The time of the event under way.
    private(set) var now: GatewayTime

    var journal: RequestJournal
    var faults: FaultPlan
    var timers = TimerQueue()
    var effects: Deque<GatewayEffect> = []
    var calls: [CallID: ActiveCall] = [:]
    var queue = AsyncQueue()
    var logs: LogStore
    var metrics: GatewayMetrics
    var providerMetrics: ProviderMetrics
    var scrapes = 0
    let startedAt: GatewayTime
    /// `X-Served-By` of its replies, and `User-Agent` of its calls where the caller names none.
    let servedBy: String
    let userAgent: String
    /// The listing that is about to be answered.
    var freshListing: ByteBuffer?
    /// The listing that was answered last, for a fault that repeats it.
    var lastListing: ByteBuffer?

    package init(_ settings: FakeGateway.Configuration, now: GatewayTime) {
        self.settings = settings
        self.now = now
        generator = SeededGenerator(seed: settings.seed)
        journal = RequestJournal(capacity: settings.limits.journalEntries)
        faults = FaultPlan(settings.faults, seed: settings.seed)
        logs = LogStore(linesPerFunction: settings.limits.logLines)
        metrics = GatewayMetrics(limit: settings.limits.metricSeries)
        providerMetrics = ProviderMetrics(limit: settings.limits.metricSeries)
        startedAt = now
        servedBy = "openfaas-ce/\(settings.version)"
        userAgent = "openfaas-ce-gateway/\(settings.version)"
        for name in settings.namespaces { namespaces[name] = Namespace(annotations: ["openfaas": "1"]) }
        for function in settings.functions { deploy(function) }
        refreshServiceCount()
    }

    var defaultNamespace: String { settings.namespaces.first ?? "openfaas-fn" }
    var isProvider: Bool { settings.dialect == .provider }
    var isFaasd: Bool { settings.dialect == .faasd }

    // MARK: Events

    /// When something is to happen by itself.
    package var nextDeadline: GatewayTime? { timers.next }

    /// Time has passed; what is due happens, each at its own time.
    package mutating func advance(to time: GatewayTime) {
        while let (deadline, event) = timers.popDue(time) {
            now = max(now, deadline)
            perform(event)
        }
        now = max(now, time)
    }

    /// A request has come in from `address`, host and port.
    ///
    /// - Returns: The number by which effects name it.
    package mutating func receive(
        _ request: consuming HTTPServerRequest, from address: String, now: GatewayTime
    ) -> Int {
        advance(to: now)
        let target = Target(request.target)
        let route = Route(target.path)
        if !isProvider, route.isCall { request.headers = Self.forwarded(request.headers, from: address) }
        return begin(request, target, route, .client)
    }

    /// With what a proxy says of the client, unless one before it did.
    private static func forwarded(_ headers: HTTPHeaders, from address: String) -> HTTPHeaders {
        var fields: [(String, String)] = []
        fields.reserveCapacity(headers.count + 2)
        var host: String?
        var hasAddress = false
        var hasHost = false
        for (name, value) in headers {
            fields.append((name, value))
            switch name.utf8.count {
            case 4: if host == nil, name.equalsIgnoringCase("host") { host = value }
            case 15: if name.equalsIgnoringCase("x-forwarded-for") { hasAddress = true }
            case 16: if name.equalsIgnoringCase("x-forwarded-host") { hasHost = true }
            default: break
            }
        }
        if !hasAddress { fields.append(("X-Forwarded-For", address)) }
        if !hasHost, let host { fields.append(("X-Forwarded-Host", host)) }
        return HTTPHeaders(fields)
    }

    /// The client of a request has gone.
    package mutating func closed(_ number: Int) {
        logs.unfollow(number)
    }

    /// What is to be done next; `nil` until there is something again.
    package mutating func nextEffect() -> GatewayEffect? { effects.popFirst() }

    private mutating func perform(_ event: TimerQueue.Event) {
        switch event {
        case .resume(let request, let way):
            let target = Target(request.target)
            route(request, target, Route(target.path), way)
        case .poll(let pending, let polls): poll(pending, polls)
        case .answer(let id, let reply): answer(id, .replied(reply))
        case .giveUp(let id): giveUp(id)
        case .available(let key, let generation): becomeAvailable(key, generation)
        case .idle(let key, let calls): scaleToZeroIfIdle(key, calls)
        case .deliver(let way, let reply): deliver(way, reply)
        case .trickle(let trickle): send(trickle)
        case .endLogs(let number): endLogs(number)
        case .retry(let call): requeue(call)
        case .refreshServiceCount: refreshServiceCount()
        }
    }

    // MARK: The way of a request

    /// Records a request, and lets the faults decide what becomes of it.
    mutating func begin(
        _ request: consuming HTTPServerRequest, _ target: Target, _ route: Route, _ origin: Way.Origin
    ) -> Int {
        var function: String?
        if case .function(let name, _) = route { function = String(name) }
        let arrived = now.unixNanoseconds
        let number = journal.begin { number in
            RecordedRequest(
                number: number, method: request.method.rawValue, target: request.target, function: function,
                isFromQueue: origin != .client, fields: request.headers, arrivedNanoseconds: arrived,
                buffer: request.body)
        }
        var way = Way(number: number, origin: origin)
        switch fault(of: number) {
        case nil: self.route(request, target, route, way)
        case .status(let status, let text): finish(way, HTTPServerReply(status: status, text: text))
        case .delay(let duration):
            timers.add(.resume(request, way), at: now.advanced(by: duration))
        case .dropBeforeRun: deliver(way, .none(.close))
        case .unauthorized: finish(way, .unauthorized)
        case .halfOpen: hang(way)
        case .provider(let failure): self.route(request, target, route, way, with: failure)
        case .replyEarly(let status, let text):
            finish(way, HTTPServerReply(status: status, text: text))
            way.isAnswered = true
            self.route(request, target, route, way)
        case .some(let fault):
            way.fault = fault
            self.route(request, target, route, way)
        }
        return number
    }

    private mutating func fault(of number: Int) -> Fault? {
        guard faults.isArmed, let request = journal[number] else { return nil }
        return faults.decide(request, now: now)
    }

    mutating func route(_ request: consuming HTTPServerRequest, _ target: Target, _ route: Route, _ way: Way) {
        switch route {
        case .function(let name, let rest):
            return callFunction(
                PendingRequest(
                    request: request, way: way,
                    called: CalledFunction(name, rest, target.query, defaultNamespace: defaultNamespace)))
        case .asyncFunction(let name, let rest):
            return finish(way, queueCall(name, rest, target, request), thenPump: true)
        case .logs where request.method == .GET:
            guard let refusal = refusal(request) else { return streamLogs(target, way) }
            return finish(way, refusal)
        default: break
        }
        if route.isGuarded, let refusal = refusal(request) { return finish(way, refusal) }
        finish(way, answer(route, request, target))
    }

    mutating func answer(_ route: Route, _ request: HTTPServerRequest, _ target: Target) -> HTTPServerReply {
        switch route {
        case .functions: functionsRoute(request, target)
        case .functionStatus(let name): functionStatus(name, request, target)
        case .scale(let name): scaleRoute(name, request, target)
        case .secrets: secretsRoute(request, target)
        case .logs: .methodNotAllowed
        case .namespaces: listNamespaces(request)
        case .namespace(let name): namespaceRoute(name, request)
        case .info: info(request)
        // Neither provider of the community has it.
        case .telemetry: request.method == .GET ? .notFound : .methodNotAllowed
        case .alert: isProvider ? .notFound : alert(request)
        case .query: isProvider ? prometheusQuery(request) : .notFound
        case .healthz: healthz(request)
        case .metrics: isProvider ? metricsReply() : .notFound
        case .root: isProvider ? .notFound : redirectToUI(request)
        case .ui: isProvider ? .notFound : ui(request)
        case .function, .asyncFunction, .unknown: .notFound
        }
    }

    // MARK: Functions

    mutating func deploy(_ function: Function) {
        let key = FunctionKey(name: function.name, namespace: function.namespace ?? defaultNamespace)
        var deployed = DeployedFunction(
            deployment: FunctionDeployment(function), namespace: key.namespace, createdAt: now, body: function.body)
        deployed.maxInFlight = function.maxInFlight
        deployed.coldStart = function.coldStart
        place(deployed, key)
    }

    /// - Returns: Whether it was there.
    mutating func remove(_ key: FunctionKey) -> Bool {
        logs.remove(key)
        return functions.removeValue(forKey: key) != nil
    }
}
