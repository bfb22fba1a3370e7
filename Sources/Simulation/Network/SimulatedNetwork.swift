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
// Sendable without a lock, for only jobs and events of the executor touch it, and that is one thread.
public final class SimulatedNetwork: @unchecked Sendable {
    struct Direction: Hashable {
        let from: NodeID
        let to: NodeID
    }

    /// What has become of messages.
    public struct Counts: Equatable, Sendable {
        public var sent = 0
        public var lost = 0
        public var duplicated = 0
        public var broken = 0
    }

    public let executor: SeededExecutor
    /// As it is counted; `counts` is for who looks.
    var tally = Counts()
    private var generator: SeededGenerator
    private var names: [String] = []
    /// Replaced as a whole: while nobody changes it in place, to read it needs no check that somebody does.
    private var areUp: [Bool] = []
    private var defaultQuality: LinkQuality
    private var qualities: [Direction: LinkQuality] = [:]
    private var blocked: Set<Direction> = [] { didSet { isAnyBlocked = !blocked.isEmpty } }
    /// Whether there is any, which is asked for every message.
    private var isAnyBlocked = false
    /// What waits for a direction to be healed, in order.
    private var waiting: [Direction: [@Sendable () -> Void]] = [:]
    private var streams = Slots<SimulatedStream>()
    private var streamsOpened: UInt64 = 0

    public init(_ executor: SeededExecutor, seed: UInt64, quality: LinkQuality = LinkQuality()) {
        self.executor = executor
        generator = SeededGenerator(seed: seed ^ 0x6e65_7477_6f72_6b)
        defaultQuality = quality
    }

    public var counts: Counts { tally }

    // MARK: Nodes

    public func addNode(_ name: String) -> NodeID {
        names.append(name)
        areUp = areUp + [true]
        return NodeID(index: names.count - 1)
    }

    public func name(of node: NodeID) -> String { names[node.index] }
    public func isUp(_ node: NodeID) -> Bool { areUp[node.index] }

    /// The node's process is gone: nothing reaches it, and its streams break, which their other ends are told unless
    /// a partition is in between.
    public func takeDown(_ node: NodeID) {
        set(node, isUp: false)
        for stream in streams(of: node) { stream.breakOff(from: node) }
    }

    public func bringUp(_ node: NodeID) { set(node, isUp: true) }

    private func set(_ node: NodeID, isUp: Bool) {
        var areUp = areUp
        areUp[node.index] = isUp
        self.areUp = areUp
    }

    // MARK: Faults

    /// Sets how one direction fares; `nil` is as all others again.
    public func setQuality(_ quality: LinkQuality?, from: NodeID, to: NodeID) {
        qualities[Direction(from: from, to: to)] = quality
    }

    public func setDefaultQuality(_ quality: LinkQuality) { defaultQuality = quality }

    /// Nothing passes from one node to the other. Datagrams are lost, streams wait.
    public func block(from: NodeID, to: NodeID) {
        blocked.insert(Direction(from: from, to: to))
    }

    /// Nothing passes between two nodes, either way.
    public func partition(_ one: NodeID, _ other: NodeID) {
        block(from: one, to: other)
        block(from: other, to: one)
    }

    public func isBlocked(from: NodeID, to: NodeID) -> Bool {
        isAnyBlocked && blocked.contains(Direction(from: from, to: to))
    }

    /// What was blocked passes again; what streams had to send follows.
    public func heal(from: NodeID, to: NodeID) {
        let direction = Direction(from: from, to: to)
        guard blocked.remove(direction) != nil else { return }
        for send in waiting.removeValue(forKey: direction) ?? [] { send() }
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
        for stream in streams.all { stream.forget() }
        streams.removeAll()
        waiting = [:]
    }

    // MARK: Datagrams

    /// Sends one message that may be lost, doubled or overtaken; `arrive` is called for each copy that comes.
    public func send(from: NodeID, to: NodeID, _ arrive: @escaping @Sendable () -> Void) {
        tally.sent += 1
        let quality = quality(from: from, to: to)
        guard !isBlocked(from: from, to: to), !quality.happens(quality.lossPercent, using: &generator)
        else {
            tally.lost += 1
            return
        }
        let isDoubled = quality.happens(quality.duplicationPercent, using: &generator)
        if isDoubled { tally.duplicated += 1 }
        for _ in 0..<(isDoubled ? 2 : 1) {
            var latency = Duration.nanoseconds(quality.latencyNanoseconds(using: &generator))
            if quality.happens(quality.reorderingPercent, using: &generator) {
                latency += .microseconds(quality.maxLatencyMicroseconds) * Int.random(in: 1...10, using: &generator)
            }
            executor.schedule(after: latency) { [self] in
                if isUp(to) { arrive() }
            }
        }
    }

    // MARK: For streams

    /// Decades, of which no run sees the end; in nanoseconds, and so that two of them are still a number.
    private static let never = Int64.max / 4

    func wait(from: NodeID, to: NodeID, _ send: @escaping @Sendable () -> Void) {
        waiting[Direction(from: from, to: to), default: []].append(send)
    }

    /// The way of a packet of a stream, in nanoseconds: what is lost is sent again, ever later.
    func streamLatency(from: NodeID, to: NodeID) -> Int64 {
        let quality = quality(from: from, to: to)
        var latency = min(quality.latencyNanoseconds(using: &generator), Self.never)
        var pause: Int64 = 200_000_000
        while quality.happens(min(90, quality.lossPercent), using: &generator) {
            tally.lost += 1
            latency = min(latency + pause, Self.never)
            pause = min(pause * 2, Self.never)
        }
        return latency
    }

    private func quality(from: NodeID, to: NodeID) -> LinkQuality {
        if qualities.isEmpty { return defaultQuality }
        return qualities[Direction(from: from, to: to)] ?? defaultQuality
    }

    /// A number that grows with each, and where it is.
    func add(_ stream: SimulatedStream) -> (number: UInt64, slot: Int) {
        streamsOpened += 1
        return (streamsOpened, streams.insert(stream))
    }

    func remove(_ slot: Int) { streams.remove(slot) }

    /// In the order in which they were opened.
    private func streams(of node: NodeID) -> [SimulatedStream] {
        streams.all.filter { $0.client == node || $0.server == node }.sorted { $0.number < $1.number }
    }
}
