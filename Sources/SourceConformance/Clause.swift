// One line of the contract that every source keeps, with the code that checks it.

import Connector

/// What a source did in place of what the contract says.
public struct ConformanceFailure: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// A line of the contract.
///
/// Run every one that applies:
/// `for clause in Clause.all where clause.missing(in: profile) == nil { try await clause.check(harness) }`
public struct Clause: Sendable, CustomStringConvertible {
    public enum Subject: String, CaseIterable, Sendable {
        case life = "Life"
        case events = "Events"
        case settlement = "Settlement"
        case flow = "Flow"
        case connection = "Connection"
    }

    /// What a source must have for a clause to apply to it.
    struct Need: Sendable {
        let isMet: @Sendable (SourceProfile) -> Bool
        /// As the table says it of a source that lacks it.
        let absence: String

        static func trait(_ trait: SourceTrait) -> Need {
            Need(isMet: { $0.traits.contains(trait) }, absence: "no \(trait.rawValue)")
        }

        /// It takes acknowledgements, be it only before the event is handled.
        static let acknowledgement = Need(
            isMet: { $0.capabilities.settlement != .none }, absence: "settlement: none")
        static let settlement = Need(
            isMet: { $0.capabilities.settlement == .individual || $0.capabilities.settlement == .cumulative },
            absence: "settlement: not after")
        static let individual = Need(
            isMet: { $0.capabilities.settlement == .individual }, absence: "settlement: not individual")
        static let cumulative = Need(
            isMet: { $0.capabilities.settlement == .cumulative }, absence: "settlement: not cumulative")
        static let pause = Need(isMet: { $0.capabilities.canPause }, absence: "no pause")
        static let deadLetters = Need(isMet: { $0.capabilities.hasDeadLetters }, absence: "no dead letters")
        static let delay = Need(isMet: { $0.capabilities.canDelay }, absence: "no delay")
        static let credit = Need(isMet: { $0.credit != nil }, absence: "no credit")
    }

    public let subject: Subject
    public let name: String
    private let needs: [Need]
    private let body: @Sendable (any SourceHarness) async throws -> Void

    init(
        _ subject: Subject, _ name: String, needs: [Need] = [],
        _ body: @escaping @Sendable (any SourceHarness) async throws -> Void
    ) {
        self.subject = subject
        self.name = name
        self.needs = needs
        self.body = body
    }

    /// In the order of the table.
    public static let all: [Clause] = life + events + settlement + flow + connection

    public var description: String { name }

    /// What a source lacks for the clause to apply; `nil` if it applies.
    public func missing(in profile: SourceProfile) -> String? {
        needs.first { !$0.isMet(profile) }?.absence
    }

    /// - Throws: `ConformanceFailure` if the source breaks the clause; whatever the harness or the source throws.
    public func check(_ harness: any SourceHarness) async throws { try await body(harness) }
}
