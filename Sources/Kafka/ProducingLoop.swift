// Produces messages on a schedule and says, for each, when it was meant to be sent.
//
// The schedule does not wait for the brokers (open loop): a message that is late because the queue was full keeps its
// intended time, so that latencies measured from it do not leave out the waiting.

internal import Dispatch
internal import Synchronization

/// When messages are meant to be sent.
package enum ProducingSchedule: Sendable, Equatable {
    /// Each as soon as the queue takes it.
    case asFastAsPossible
    /// So many a second, evenly.
    case constant(perSecond: Double)
}

package final class ProducingLoop: Sendable {
    /// The most messages between two looks at the clock.
    private static let burst = 64
    /// Shorter waits than this are not worth a sleep.
    private static let shortestSleep: Int64 = 200_000

    private let topic: ProducerTopic
    private let schedule: ProducingSchedule
    /// `nil`: until stopped.
    private let count: Int?
    private let start = DispatchTime.now().uptimeNanoseconds
    private let produced = Atomic(0)
    private let isStopped = Atomic(false)

    /// The clock of the schedule starts now.
    package init(_ topic: ProducerTopic, schedule: ProducingSchedule, count: Int?) {
        self.topic = topic
        self.schedule = schedule
        self.count = count
    }

    /// Messages handed to librdkafka so far.
    package var producedCount: Int { produced.load(ordering: .relaxed) }

    /// Nanoseconds since the start; what tokens are in.
    package var now: UInt { UInt(DispatchTime.now().uptimeNanoseconds - start) }

    /// Produces no more messages.
    package func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Runs until all messages are produced, or until `stop`, or the end of the producer. The token of each message is
    /// when it was meant to be sent, in nanoseconds since the start.
    ///
    /// - Parameters:
    ///   - key: Of the message with this number, counting from 0; without one, none has a key.
    ///   - payload: Of the message with this number.
    /// - Throws: Why librdkafka does not take a message.
    package func run(
        key: ((Int) -> [UInt8])? = nil, payload: (Int) -> [UInt8]
    ) async throws(KafkaError) {
        var number = 0
        let end = count ?? Int.max
        while number < end && !isStopped.load(ordering: .relaxed) {
            let due = min(due(at: now), end)
            if number >= due {
                await sleep(until: intended(number))
                continue
            }
            for _ in 0..<min(due - number, Self.burst) {
                guard try await produce(key?(number), payload(number), intended: intended(number)) else { return }
                number += 1
                produced.store(number, ordering: .relaxed)
            }
        }
    }

    /// Whether the message was taken; not if the loop was stopped while it waited for room.
    private func produce(_ key: [UInt8]?, _ payload: [UInt8], intended: UInt) async throws(KafkaError) -> Bool {
        while true {
            switch try topic.tryProduce(key: key, value: payload, token: intended) {
            case .taken: return true
            case .full(let mark):
                await topic.waitForRoom(since: mark)
                if isStopped.load(ordering: .relaxed) { return false }
            }
        }
    }

    // MARK: Schedule

    /// How many messages should have been sent by now.
    private func due(at time: UInt) -> Int {
        switch schedule {
        case .asFastAsPossible: Int.max
        case .constant(let rate): Int(min(Double(time) * rate / 1e9, 1e18)) + 1
        }
    }

    private func intended(_ number: Int) -> UInt {
        switch schedule {
        case .asFastAsPossible: now
        case .constant(let rate): UInt(Double(number) / rate * 1e9)
        }
    }

    private func sleep(until time: UInt) async {
        let wait = Int64(clamping: time) - Int64(clamping: now)
        // In pieces, so that a slow schedule can be stopped.
        let nanoseconds = min(max(wait, Self.shortestSleep), 100_000_000)
        try? await Task.sleep(for: .nanoseconds(nanoseconds), tolerance: .zero)
    }
}
