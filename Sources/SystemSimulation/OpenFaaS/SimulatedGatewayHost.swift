// FakeGateway's core behind a simulated network, with functions whose manners change while they run.

import Connector
import FakeGateway
import HTTP
import NIOCore
import NIOHTTP1
import Simulation

/// The gateway of the system, and its functions.
// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class SimulatedGatewayHost: @unchecked Sendable {
    /// What a function is told to do for the time being.
    struct Manners {
        var fails = false
        var addedLatency = Duration.zero
        /// Deployed, and with its annotation.
        var isDeployed = true
        var isSubscribed = true
    }

    let network: SimulatedNetwork
    let executor: SeededExecutor
    let node: NodeID
    let reader = ListingReader()
    private let plan: SystemPlan
    private let index: SystemIndex
    private let trace: Trace
    private let manners: Confined<[Manners]>
    private var state: GatewayState
    /// A structure, for a closure in a table is wrapped in another each time that it is put there or taken out.
    private struct Waiter {
        let reply: (HTTPServerReply?) -> Void
    }

    /// By the gateway's number; nil in place of a reply is a connection that ends.
    private var waiters: [Int: Waiter] = [:]
    private let alarm: Alarm<GatewayTime>
    /// Which of the gateway's lives it is; what an earlier one set does not wake this one.
    private var life = 0
    private var faults: [FaultRule] = []
    /// What the gateway listed last, answered again while nothing that it tells has changed but how often functions
    /// were called: nobody here reads that, and to write the JSON is dear.
    private var lastListings: [String: HTTPServerReply] = [:]
    /// Slows every request.
    var delay = Duration.zero

    init(_ plan: SystemPlan, _ network: SimulatedNetwork, _ trace: Trace, _ index: SystemIndex) {
        self.plan = plan
        self.network = network
        self.index = index
        self.trace = trace
        executor = network.executor
        alarm = Alarm(executor)
        node = network.addNode("gateway")
        manners = Confined(plan.functions.map { _ in Manners() })
        state = Self.newState(plan)
        for function in plan.functions.indices { deploy(function) }
    }

    private static func newState(_ plan: SystemPlan) -> GatewayState {
        var settings = FakeGateway.Configuration()
        settings.seed = plan.seed
        settings.limits.journalEntries = 0
        settings.limits.logLines = 0
        settings.queue = nil
        return GatewayState(settings, now: start)
    }

    private static let start = GatewayTime(unixNanoseconds: 1_764_000_000_000_000_000)
    private var now: GatewayTime { Self.start.advanced(by: executor.now) }

    // MARK: Functions

    private func deploy(_ number: Int) {
        lastListings = [:]
        let function = plan.functions[number]
        let isSubscribed = manners.value[number].isSubscribed
        var annotations: [String: String] = [:]
        if let limit = function.maxInFlight { annotations["com.openfaas.connector.max_in_flight"] = "\(limit)" }
        let topics = function.topics.map { index.topics[$0] }.joined(separator: ",")
        let manners = manners
        let (success, failure) = (FunctionReply("ok"), FunctionReply("no", status: 500))
        let latencies =
            function
            .minLatencyMilliseconds...max(
                function.minLatencyMilliseconds, function.maxLatencyMilliseconds)
        state.deploy(
            Function(index.functions[number], topic: isSubscribed ? topics : nil, annotations: annotations) {
                _, generator in
                let now = manners.value[number]
                let latency = Duration.microseconds(
                    Int.random(in: latencies.lowerBound * 1000...latencies.upperBound * 1000, using: &generator))
                let fails = now.fails || Int.random(in: 0..<100, using: &generator) < function.failurePercent
                return (latency + now.addedLatency, fails ? failure : success)
            }, now: now)
        let bits = isSubscribed ? function.topics.reduce(Int64(0)) { $0 | 1 << Int64($1) } : 0
        trace.record(SystemEvent(.deployed, function: number, detail: bits))
    }

    func change(_ function: Int, _ body: (inout Manners) -> Void) {
        let before = manners.value[function]
        body(&manners.value[function])
        let after = manners.value[function]
        if before.isDeployed && !after.isDeployed {
            lastListings = [:]
            state.remove(index.functions[function], now: now)
            trace.record(SystemEvent(.removed, function: function))
        } else if after.isDeployed && (!before.isDeployed || before.isSubscribed != after.isSubscribed) {
            deploy(function)
        }
        perform()
    }

    // MARK: Life and faults

    /// The process is gone; what is deployed stays with the provider.
    func crash() {
        guard network.isUp(node) else { return }
        network.takeDown(node)
        life += 1
        waiters = [:]
        alarm.cancel()
    }

    func restart() {
        guard !network.isUp(node) else { return }
        network.bringUp(node)
        state = Self.newState(plan)
        lastListings = [:]
        state.setFaults(faults, now: now)
        for function in plan.functions.indices where manners.value[function].isDeployed { deploy(function) }
        perform()
    }

    func setFaults(_ rules: [FaultRule]) {
        faults = rules
        state.setFaults(rules, now: now)
    }

    func shutDown() { waiters = [:] }

    // MARK: Requests

    /// A request has come; `reply` is called once, with nil if the connection ends in its place.
    func receive(_ request: HTTPServerRequest, _ reply: @escaping @Sendable (HTTPServerReply?) -> Void) {
        guard delay > .zero else { return handle(request, reply) }
        let life = life
        executor.schedule(after: delay) { [self] in
            if life == self.life { handle(request, reply) }
        }
    }

    private func handle(_ request: HTTPServerRequest, _ reply: @escaping @Sendable (HTTPServerReply?) -> Void) {
        let isListing = faults.isEmpty && request.target.hasPrefix("/system/")
        if isListing, let last = lastListings[request.target] { return reply(last) }
        let number = state.receive(request, from: "10.0.0.1:1", now: now)
        guard isListing else {
            waiters[number] = Waiter(reply: reply)
            return perform()
        }
        waiters[number] = Waiter { [self] answer in
            lastListings[request.target] = answer
            reply(answer)
        }
        perform()
    }

    private func perform() {
        while let effect = state.nextEffect() {
            switch effect {
            case .reply(let number, let reply): waiters.removeValue(forKey: number)?.reply(reply)
            case .abort(let number, _): waiters.removeValue(forKey: number)?.reply(nil)
            // Bodies in pieces come with faults that no plan has; functions are timed, and nothing is queued.
            case .begin, .send, .end, .run, .cancel, .post: break
            }
        }
        arm()
    }

    /// Asked in place: reading a property of a value that a class holds copies the whole state first.
    private var nextDeadline: GatewayTime? { Self.look(&state) { $0.nextDeadline } }

    private static func look<Result>(_ state: inout GatewayState, _ body: (inout GatewayState) -> Result) -> Result {
        body(&state)
    }

    private func arm() {
        guard let deadline = nextDeadline else { return }
        let wait = Duration.nanoseconds(deadline.unixNanoseconds - now.unixNanoseconds)
        alarm.set(at: deadline, in: wait) { [self] in
            state.advance(to: now)
            perform()
        }
    }
}
