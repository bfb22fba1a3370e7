// The producer's own thread. It serves librdkafka's main queue: delivery reports, errors, logs, statistics.

internal import Logging

struct ProducerLoop: Sendable {
    let shared: ProducerShared
    let logger: Logger
    let tokens: TokenProvider?
    let onEvent: @Sendable (ProducerEvent) -> Void
    let onDelivery: @Sendable (Span<DeliveryReport>) -> Void

    /// Runs until the producer is stopped and nothing is left to tell.
    func run(_ client: Client) {
        let queue = Queue.main(of: client)
        var reports: [DeliveryReport] = []
        while true {
            guard let event = queue.poll(timeout: .seconds(1)) else {
                if shared.isStopped { return }
                continue
            }
            serve(event, of: client, &reports)
        }
    }

    private func serve(_ event: consuming Event, of client: Client, _ reports: inout [DeliveryReport]) {
        switch event.content {
        case .deliveries:
            event.deliveries(into: &reports)
            if !reports.isEmpty { onDelivery(reports.span) }
            reports.removeAll(keepingCapacity: true)
            // librdkafka counts a message until its report is freed.
            event.free()
            shared.madeRoom()
        case .error(let error): onEvent(.error(error))
        case .log(let level, let facility, let text): logger.librdkafka(level, facility, text)
        case .statistics(let json): report(statistics: json)
        case .tokenRefresh: if let tokens { client.setToken(from: tokens) }
        case .committed, .other: break
        }
    }

    private func report(statistics json: String) {
        do {
            onEvent(.statistics(try Statistics(json: json)))
        } catch {
            logger.warning("statistics of librdkafka could not be read: \(error)")
        }
    }
}
