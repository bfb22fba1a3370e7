// What producers of one run tell one another on the barrier's topic, and who is there by it.

import Foundation

struct BarrierNote: Codable, Sendable {
    enum Kind: String, Codable, Sendable { case ready, left, report }

    var run: String
    var producer: String
    var kind: Kind
    var report: Report?

    var bytes: [UInt8] { (try? JSONEncoder().encode(self)).map(Array.init) ?? [] }

    init(run: String, producer: String, kind: Kind, report: Report? = nil) {
        self.run = run
        self.producer = producer
        self.kind = kind
        self.report = report
    }

    /// `nil` for what is no note.
    init?(_ bytes: [UInt8]) {
        guard let note = try? JSONDecoder().decode(BarrierNote.self, from: Data(bytes)),
            note.report?.isPlausible ?? true
        else { return nil }
        self = note
    }
}

/// Reads the notes in their order, so that everybody comes to the same.
struct Muster: Sendable {
    private let run: String
    private let replicas: Int
    /// Those who wait, in the order in which they came.
    private(set) var present: [String] = []
    private(set) var reports: [String: Report] = [:]

    init(run: String, replicas: Int) {
        self.run = run
        self.replicas = replicas
    }

    /// Those who go together, once all are there.
    private(set) var members: [String]?

    /// - Parameter mayComplete: Whether the note can be the last that is waited for.
    mutating func take(_ note: BarrierNote, mayComplete: Bool) {
        guard note.run == run else { return }
        defer { if mayComplete, members == nil, present.count >= replicas { members = present } }
        switch note.kind {
        case .ready:
            if !present.contains(note.producer) { present.append(note.producer) }
            reports[note.producer] = nil
        case .left: present.removeAll { $0 == note.producer }
        case .report:
            present.removeAll { $0 == note.producer }
            reports[note.producer] = note.report
        }
    }
}
