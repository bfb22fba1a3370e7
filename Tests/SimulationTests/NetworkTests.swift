import SeededRandom
import Simulation
import Testing

@Suite struct NetworkTests {
    /// Numbers that arrived, with their times in milliseconds.
    private typealias Arrivals = Confined<[(number: Int, at: Double)]>

    private final class Pair: Sendable {
        let executor: SeededExecutor
        let network: SimulatedNetwork
        let one: NodeID
        let other: NodeID
        let arrivals = Confined<[(number: Int, at: Double)]>([])

        init(seed: UInt64 = 1, _ quality: LinkQuality = LinkQuality()) {
            executor = SeededExecutor(seed: seed)
            network = SimulatedNetwork(executor, seed: seed, quality: quality)
            one = network.addNode("one")
            other = network.addNode("other")
        }

        func arrived(_ number: Int) { arrivals.value.append((number, executor.now / .milliseconds(1))) }
        func run(_ duration: Duration = .seconds(60)) throws {
            try executor.run { try await self.executor.clock.sleep(for: duration) }
        }
        var numbers: [Int] { arrivals.value.map(\.number) }
    }

    @Test func `datagrams take their time, and each its own`() throws {
        let pair = Pair()
        for number in 0..<100 { pair.network.send(from: pair.one, to: pair.other) { pair.arrived(number) } }
        try pair.run()
        #expect(pair.arrivals.value.count == 100)
        #expect(pair.arrivals.value.allSatisfy { (0.2...1).contains($0.at) })
        #expect(pair.numbers != Array(0..<100))
    }

    @Test func `datagrams are lost, doubled and overtaken as often as the link says`() throws {
        let pair = Pair(LinkQuality(lossPercent: 30, duplicationPercent: 20, reorderingPercent: 10))
        for number in 0..<1000 { pair.network.send(from: pair.one, to: pair.other) { pair.arrived(number) } }
        try pair.run()
        let counts = pair.network.counts
        #expect((200...400).contains(counts.lost))
        #expect((80...220).contains(counts.duplicated))
        #expect(pair.arrivals.value.count == 1000 - counts.lost + counts.duplicated)
        #expect(pair.arrivals.value.contains { $0.at > 1 })
    }

    @Test func `a stream keeps order and loses nothing`() throws {
        let pair = Pair(LinkQuality(lossPercent: 40))
        let stream = SimulatedStream(pair.network, from: pair.one, to: pair.other)
        for number in 0..<200 { stream.send(from: pair.one) { pair.arrived(number) } }
        try pair.run(.seconds(600))
        #expect(pair.numbers == Array(0..<200))
        #expect(pair.network.counts.lost > 50)
    }

    @Test func `a partition holds a stream up, and loses datagrams`() throws {
        let pair = Pair()
        pair.network.partition(pair.one, pair.other)
        let stream = SimulatedStream(pair.network, from: pair.one, to: pair.other)
        stream.send(from: pair.one) { pair.arrived(1) }
        stream.send(from: pair.one) { pair.arrived(2) }
        pair.network.send(from: pair.one, to: pair.other) { pair.arrived(3) }
        pair.executor.schedule(after: .seconds(5)) { pair.network.heal(pair.one, pair.other) }
        try pair.run()
        #expect(pair.numbers == [1, 2])
        #expect(pair.arrivals.value.allSatisfy { $0.at >= 5000 })
    }

    @Test func `one way may be blocked alone`() throws {
        let pair = Pair()
        pair.network.block(from: pair.other, to: pair.one)
        let stream = SimulatedStream(pair.network, from: pair.one, to: pair.other)
        stream.send(from: pair.one) {
            pair.arrived(1)
            stream.send(from: pair.other) { pair.arrived(2) }
        }
        try pair.run()
        #expect(pair.numbers == [1])
    }

    @Test func `a half-open stream looks open and carries nothing`() throws {
        let pair = Pair()
        let old = SimulatedStream(pair.network, from: pair.one, to: pair.other)
        pair.network.makeHalfOpen(pair.one, pair.other)
        let new = SimulatedStream(pair.network, from: pair.one, to: pair.other)
        old.send(from: pair.one) { pair.arrived(1) }
        new.send(from: pair.one) { pair.arrived(2) }
        try pair.run()
        #expect(old.isOpen(at: pair.one))
        #expect(pair.numbers == [2])
    }

    @Test func `a crash breaks streams, and the other end is told`() throws {
        let pair = Pair()
        let stream = SimulatedStream(pair.network, from: pair.one, to: pair.other)
        stream.onClose(at: pair.one) { pair.arrived(9) }
        stream.send(from: pair.one) { pair.arrived(1) }
        pair.executor.schedule(after: .seconds(1)) { pair.network.takeDown(pair.other) }
        pair.executor.schedule(after: .seconds(2)) { stream.send(from: pair.one) { pair.arrived(2) } }
        try pair.run()
        #expect(pair.numbers == [1, 9])
        #expect(!stream.isOpen(at: pair.one))
    }

    @Test func `behind a partition a crash is not heard of until it is healed`() throws {
        let pair = Pair()
        let stream = SimulatedStream(pair.network, from: pair.one, to: pair.other)
        stream.onClose(at: pair.one) { pair.arrived(9) }
        pair.network.partition(pair.one, pair.other)
        pair.network.takeDown(pair.other)
        pair.executor.schedule(after: .seconds(3)) {
            #expect(stream.isOpen(at: pair.one))
            pair.network.heal(pair.one, pair.other)
        }
        try pair.run()
        #expect(pair.numbers == [9])
    }

    @Test func `a reset is seen at both ends`() throws {
        let pair = Pair()
        let stream = SimulatedStream(pair.network, from: pair.one, to: pair.other)
        stream.onClose(at: pair.one) { pair.arrived(1) }
        stream.onClose(at: pair.other) { pair.arrived(2) }
        pair.network.reset(pair.one, pair.other)
        try pair.run()
        #expect(pair.numbers.sorted() == [1, 2])
    }

    @Test func `a skewed clock goes its own way, and jumps`() throws {
        let executor = SeededExecutor(seed: 1)
        let clock = SkewedClock(executor, rate: 2)
        try executor.run {
            try await clock.sleep(for: .seconds(10))
            #expect(executor.now == .seconds(5))
            #expect(clock.now.offset == .seconds(10))
            clock.jump(by: .seconds(100))
            #expect(clock.now.offset == .seconds(110))
            clock.setRate(0.5)
            try await clock.sleep(for: .seconds(1))
            #expect(executor.now == .seconds(7))
        }
    }
}
