// Carries messages between the nodes of a simulated system, and spoils them as told.
//
// A message is a closure that is called when it arrives. Datagrams may be lost, come twice and overtake each other;
// streams (see SimulatedStream) keep their order and lose nothing, as TCP does, but may wait or break.

import SeededRandom

/// A node of the network: a process, or whatever has an address.
public struct NodeID: Hashable, Comparable, Sendable {
    let index: Int

    public static func < (left: NodeID, right: NodeID) -> Bool { left.index < right.index }
}

/// A network in virtual time, with its chance drawn from a seed.
public final class SimulatedNetwork: Sendable {
    struct Direction: Hashable {
        let from: NodeID
        let to: NodeID
    }

    struct State {
        var generator: SeededGenerator
        var names: [String] = []
        var isUp: [Bool] = []
        var defaultQuality = LinkQuality()
        var qualities: [Direction: LinkQuality] = [:]
        var blocked: Set<Direction> = []
        /// What waits for a direction to be healed, in order.
        var waiting: [Direction: [@Sendable () -> Void]] = [:]
        var streams = Slots<SimulatedStream>()
        var streamsOpened: UInt64 = 0
        var counts = Counts()
    }

    /// What has become of messages.
    public struct Counts: Equatable, Sendable {
        public var sent = 0
        public var lost = 0
        public var duplicated = 0
        public var broken = 0
    }

    public let executor: SeededExecutor
    let state: Confined<State>

    public init(_ executor: SeededExecutor, seed: UInt64, quality: LinkQuality = LinkQuality()) {
        self.executor = executor
        state = Confined(State(generator: SeededGenerator(seed: seed ^ 0x6e65_7477_6f72_6b)))
        state.value.defaultQuality = quality
    }

    public var counts: Counts { state.value.counts }

    // MARK: Nodes

    public func addNode(_ name: String) -> NodeID {
        state.value.names.append(name)
        state.value.isUp.append(true)
        return NodeID(index: state.value.names.count - 1)
    }

    public func name(of node: NodeID) -> String { state.value.names[node.index] }
    public func isUp(_ node: NodeID) -> Bool { state.value.isUp[node.index] }

    /// The node's process is gone: nothing reaches it, and its streams break, which their other ends are told unless
    /// a partition is in between.
    public func takeDown(_ node: NodeID) {
        state.value.isUp[node.index] = false
        for stream in streams(of: node) { stream.breakOff(from: node) }
    }

    public func bringUp(_ node: NodeID) { state.value.isUp[node.index] = true }

    // MARK: Faults

    /// Sets how one direction fares; `nil` is as all others again.
    public func setQuality(_ quality: LinkQuality?, from: NodeID, to: NodeID) {
        state.value.qualities[Direction(from: from, to: to)] = quality
    }

    public func setDefaultQuality(_ quality: LinkQuality) { state.value.defaultQuality = quality }

    /// Nothing passes from one node to the other. Datagrams are lost, streams wait.
    public func block(from: NodeID, to: NodeID) {
        state.value.blocked.insert(Direction(from: from, to: to))
    }

    /// Nothing passes between two nodes, either way.
    public func partition(_ one: NodeID, _ other: NodeID) {
        block(from: one, to: other)
        block(from: other, to: one)
    }

    public func isBlocked(from: NodeID, to: NodeID) -> Bool {
        !state.value.blocked.isEmpty && state.value.blocked.contains(Direction(from: from, to: to))
    }

    /// What was blocked passes again; what streams had to send follows.
    public func heal(from: NodeID, to: NodeID) {
        let direction = Direction(from: from, to: to)
        guard state.value.blocked.remove(direction) != nil else { return }
        for send in state.value.waiting.removeValue(forKey: direction) ?? [] { send() }
    }

    public func heal(_ one: NodeID, _ other: NodeID) {
        heal(from: one, to: other)
        heal(from: other, to: one)
    }

    /// The streams there are between two nodes look open and carry nothing more, either way, as after a router forgot
    /// them. New ones work.
    public func makeHalfOpen(_ one: NodeID, _ other: NodeID) {
        for stream in streams(of: one) where stream.connects(one, other) { stream.silence() }
    }

    /// The streams there are between two nodes break, which both ends see.
    public func reset(_ one: NodeID, _ other: NodeID) {
        for stream in streams(of: one) where stream.connects(one, other) { stream.reset() }
    }

    /// Nobody is told anything any more; what waited is let go.
    public func shutDown() {
        for stream in state.value.streams.all { stream.forget() }
        state.value.streams.removeAll()
        state.value.waiting = [:]
    }

    // MARK: Datagrams

    /// Sends one message that may be lost, doubled or overtaken; `arrive` is called for each copy that comes.
    public func send(from: NodeID, to: NodeID, _ arrive: @escaping @Sendable () -> Void) {
        state.value.counts.sent += 1
        let quality = state.value.quality(from: from, to: to)
        guard !isBlocked(from: from, to: to), !quality.happens(quality.lossPercent, using: &state.value.generator)
        else {
            state.value.counts.lost += 1
            return
        }
        let isDoubled = quality.happens(quality.duplicationPercent, using: &state.value.generator)
        if isDoubled { state.value.counts.duplicated += 1 }
        for _ in 0..<(isDoubled ? 2 : 1) {
            var latency = quality.latency(using: &state.value.generator)
            if quality.happens(quality.reorderingPercent, using: &state.value.generator) {
                latency +=
                    .microseconds(quality.maxLatencyMicroseconds)
                    * Int.random(
                        in: 1...10, using: &state.value.generator)
            }
            executor.schedule(after: latency) { [self] in
                if isUp(to) { arrive() }
            }
        }
    }

    // MARK: For streams

    func wait(from: NodeID, to: NodeID, _ send: @escaping @Sendable () -> Void) {
        state.value.waiting[Direction(from: from, to: to), default: []].append(send)
    }

    func streamLatency(from: NodeID, to: NodeID) -> Duration { state.value.streamLatency(from: from, to: to) }

    /// A number that grows with each, and where it is.
    func add(_ stream: SimulatedStream) -> (number: UInt64, slot: Int) { state.value.add(stream) }

    func remove(_ slot: Int) { state.value.streams.remove(slot) }

    /// In the order in which they were opened.
    private func streams(of node: NodeID) -> [SimulatedStream] {
        state.value.streams.all.filter { $0.client == node || $0.server == node }.sorted { $0.number < $1.number }
    }
}

extension SimulatedNetwork.State {
    mutating func add(_ stream: SimulatedStream) -> (number: UInt64, slot: Int) {
        streamsOpened += 1
        return (streamsOpened, streams.insert(stream))
    }

    func quality(from: NodeID, to: NodeID) -> LinkQuality {
        if qualities.isEmpty { return defaultQuality }
        return qualities[SimulatedNetwork.Direction(from: from, to: to)] ?? defaultQuality
    }

    /// The way of a packet of a stream: what is lost is sent again, ever later.
    mutating func streamLatency(from: NodeID, to: NodeID) -> Duration {
        let quality = quality(from: from, to: to)
        var latency = quality.latency(using: &generator)
        var pause = Duration.milliseconds(200)
        while quality.happens(min(90, quality.lossPercent), using: &generator) {
            counts.lost += 1
            latency += pause
            pause *= 2
        }
        return latency
    }
}
