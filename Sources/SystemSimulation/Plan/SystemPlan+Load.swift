// The load of a seed: what load-producer's generators make of what it draws.

import LoadGenerators
import SeededRandom
import Simulation

extension SystemPlan {
    /// Draws which messages there are, when each is sent, and what is in it.
    mutating func drawLoad(_ shape: SystemShape, using generator: inout SeededGenerator) {
        let count = Int.random(in: shape.messages, using: &generator)
        // Of its own, so that no load changes which faults are drawn.
        var generator = generator.fork()
        values = ValuePlan(drawnBy: &generator)
        shape.load.fix(&values)
        var schedule = Schedule(drawnBy: &generator, count: count, shape: shape)
        let keys = KeySource(drawnBy: &generator, fixed: shape.load.keys)
        // As if half of the seeds had a second producer, without keys.
        let isMixed = Bool.random(using: &generator) && shape.load.keys == nil
        let last = max(0, shape.activeMilliseconds - 1)
        var bytes: [UInt8] = []
        messages.reserveCapacity(count)
        for sequence in 0..<count {
            var milliseconds = schedule.next().map { Int($0 / 1_000_000) } ?? .max
            if milliseconds > last {
                // A rate that a user fixed is kept, so what is due later is not sent.
                if shape.load.curve != nil { break }
                milliseconds = last
            }
            let topic = Int.random(in: partitions.indices, using: &generator)
            let partition = Int.random(in: 0..<partitions[topic], using: &generator)
            bytes.removeAll(keepingCapacity: true)
            let hasKey = !isMixed || Int.random(in: 0..<4, using: &generator) > 0
            let key = hasKey ? keys.append(sequence, to: &bytes, using: &generator) : nil
            messages.append(
                MessagePlan(
                    sequence: sequence, atMilliseconds: milliseconds, topic: topic, partition: partition,
                    key: key.map { String(decoding: bytes[$0], as: UTF8.self) }))
        }
    }
}

extension Schedule {
    private enum Shape { case constant, ramp, spike }

    fileprivate init(drawnBy generator: inout SeededGenerator, count: Int, shape: SystemShape) {
        // All at once, spread out, or anything between.
        let milliseconds = Int.random(in: 1...max(1, shape.activeMilliseconds / 2), using: &generator)
        let seconds = Double(milliseconds) / 1000
        let mean = Double(count) / seconds
        let swarm = Swarm<Shape>([(.constant, 2), (.ramp, 1), (.spike, 2)])
        var curve = RateCurve.constant(mean)
        switch swarm.draw(1, using: &generator).first {
        case nil, .constant: break
        case .ramp:
            let from = Double(Int.random(in: 0...8, using: &generator)) / 4
            curve = .ramp(from: mean * from, to: mean * (2 - from), seconds: seconds)
        case .spike:
            let period = seconds / Double(Int.random(in: 1...4, using: &generator))
            let length = period / 10
            let base = Bool.random(using: &generator) ? 0 : mean / 4
            let peak = (mean * period - base * (period - length)) / length
            curve = .spike(base: base, peak: peak, length: length, period: period)
        }
        let arrivals = Arrivals.allCases.randomElement(using: &generator)
        let fixed = shape.load
        self.init(
            fixed.curve ?? curve, arrivals: fixed.arrivals ?? (fixed.curve == nil ? arrivals : nil) ?? .even,
            generator: generator.fork())
    }
}

extension KeySource {
    fileprivate init(drawnBy generator: inout SeededGenerator, fixed: Kind?) {
        let few = Int.random(in: 1...6, using: &generator)
        let swarm = Swarm<Kind>([
            (.uniform(count: few), 4), (.sequential(count: few), 1), (.uniform(count: 1000), 1),
            // A hot key: the first of them has 0.6 of all.
            (.zipf(exponent: 2, count: 20), 2), (.none, 1),
        ])
        self.init(fixed ?? swarm.draw(1, using: &generator).first ?? .none)
    }
}

extension ValuePlan {
    /// Small ones, since each is copied on its way some ten times.
    fileprivate init(drawnBy generator: inout SeededGenerator) {
        self.init(seed: generator.next())
        let payloads = Swarm<GeneratorSettings.Payload>([(.sentence, 3), (.text, 2), (.random, 1), (.template, 1)])
        let sizes = Swarm([("10", 3), ("uniform:0:64", 2), ("lognormal:16:1", 1), ("0", 1)])
        let drawn = payloads.draw(1, using: &generator).first ?? .sentence
        payload = drawn.rawValue
        if drawn == .template { template = #"{"id": {{sequence}}, "of": "{{key}}", "amount": {{int:1:6}}}"# }
        size = sizes.draw(1, using: &generator).first ?? size
        maxSize = 200
        tombstones = Int.random(in: 0..<4, using: &generator) == 0 ? 0.1 : 0
    }
}
