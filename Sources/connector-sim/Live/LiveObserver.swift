import Connector
import Synchronization

/// Counts what the connector does by lane and by function, for the live page.
final class LiveObserver: ConnectorObserver {
    /// A partition.
    struct Lane: Encodable, Equatable {
        var name: String
        var received = 0
        var ended = 0
        var isPaused = false
    }

    struct Function: Encodable, Equatable {
        var name: String
        var calls = 0
        var replies = 0
        /// Calls that were answered with an error, or not at all.
        var errors = 0
    }

    struct Content {
        fileprivate var lanes: [SourcePartition: Lane] = [:]
        fileprivate var functions: [String: Function] = [:]

        /// By topic and partition.
        var sortedLanes: [Lane] {
            lanes.sorted { ($0.key.topic, $0.key.partition) < ($1.key.topic, $1.key.partition) }.map(\.value)
        }
        var sortedFunctions: [Function] { functions.values.sorted { $0.name < $1.name } }
    }

    private let state = Mutex(Content())

    var content: Content { state.withLock { $0 } }

    func connector(did step: ConnectorStep) {
        state.withLock { content in
            switch step {
            case .received(let event): content.change(event) { $0.received += 1 }
            case .handled(let event), .returned(let event), .skipped(let event, _), .dropped(let event, _):
                content.change(event) { $0.ended += 1 }
            case .paused(let partitions):
                for partition in partitions { content.change(partition) { $0.isPaused = true } }
            case .resumed(let partitions):
                for partition in partitions { content.change(partition) { $0.isPaused = false } }
            case .invoking(let name, _): content.change(name) { $0.calls += 1 }
            case .replied(let name, _, let reply, _):
                content.change(name) { function in
                    function.replies += 1
                    if reply.status >= 400 { function.errors += 1 }
                }
            case .failed(let name, _, _, _):
                content.change(name) { function in
                    function.replies += 1
                    function.errors += 1
                }
            default: break
            }
        }
    }
}

extension LiveObserver.Content {
    fileprivate mutating func change(_ event: Event, _ body: (inout LiveObserver.Lane) -> Void) {
        change(SourcePartition(topic: event.id.topic, partition: event.id.partition), body)
    }

    fileprivate mutating func change(_ partition: SourcePartition, _ body: (inout LiveObserver.Lane) -> Void) {
        body(&lanes[partition, default: .init(name: "\(partition.topic)/\(partition.partition)")])
    }

    fileprivate mutating func change(_ name: FunctionName, _ body: (inout LiveObserver.Function) -> Void) {
        body(&functions[name.name, default: .init(name: name.name)])
    }
}
