public import Connector
public import Simulation

/// Writes every step of a connector into a journal.
public struct JournalObserver: ConnectorObserver {
    private let journal: Journal
    private let name: String

    /// - Parameter name: Stands before each line, to tell replicas apart.
    public init(_ journal: Journal, name: String = "connector") {
        self.journal = journal
        self.name = name
    }

    public func connector(did step: ConnectorStep) {
        journal.record("\(name) \(step.journalText)")
    }
}

extension ConnectorStep {
    fileprivate var journalText: String {
        switch self {
        case .mapSynced(let map, let changed):
            "map synced: \(map.topics.count) topics\(changed ? ", changed" : "")"
        case .mapFailed(let reason, _): "map failed: \(reason)"
        case .notice(let notice): "notice: \(notice)"
        case .received(let event): "received \(event.id)"
        case .refused(let events, let reason): "refused \(events): \(reason)"
        case .paused(let partitions): "paused \(partitions)"
        case .resumed(let partitions): "resumed \(partitions)"
        case .starting(let event, let waited): "starting \(event.id) after \(waited)"
        case .invoking(let function, let event): "invoking \(function) with \(event.id)"
        case .replied(let function, let event, let reply, _): "replied \(reply.status) \(function) to \(event.id)"
        case .failed(let function, let event, let failure, _): "failed \(function) with \(event.id): \(failure)"
        case .retrying(let function, let event, let attempt, let wait):
            "retrying \(function) with \(event.id) after attempt \(attempt) in \(wait)"
        case .gaveUp(let function, let event, let reason): "gave up \(function) with \(event.id): \(reason)"
        case .deadLettered(let letter, let reason):
            "dead-lettered \(letter.event.id) of \(letter.function): \(reason)"
        case .deadLetterFailed(let letter, let reason): "dead letter of \(letter.event.id) failed: \(reason)"
        case .skipped(let event, let reason): "skipped \(event.id): \(reason)"
        case .handled(let event): "handled \(event.id)"
        case .dropped(let event, let reason): "dropped \(event.id): \(reason)"
        case .returned(let event): "returned \(event.id)"
        case .draining: "draining"
        case .stopped: "stopped"
        }
    }
}
