import Connector
import Foundation
import Histogram
import Synchronization

/// Keeps how long calls took, and how old events were when their calls ended.
final class LatencyObserver: ConnectorObserver {
    /// Both in microseconds.
    struct Latencies {
        var call = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        /// From the record's timestamp, which has a resolution of one millisecond.
        var endToEnd = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
    }

    private let content = Mutex(Latencies())

    var latencies: Latencies { content.withLock { $0 } }

    func connector(did step: ConnectorStep) {
        switch step {
        case .replied(_, let event, _, let duration), .failed(_, let event, _, let duration):
            let age = event.timestampMilliseconds.map { Date().timeIntervalSince1970 * 1e6 - Double($0) * 1e3 }
            content.withLock { latencies in
                latencies.call.record(UInt64(max(0, duration.microseconds)))
                if let age { latencies.endToEnd.record(UInt64(max(0, age))) }
            }
        default: break
        }
    }
}

extension Duration {
    /// Rounded down.
    var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }

    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
