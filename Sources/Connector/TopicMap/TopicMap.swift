// Decides which functions want a topic. An immutable snapshot, swapped whole; it may never reach the gateway itself.
// Source: the annotation rules of connector-sdk (docs/configuration.md), with each function bound once.

/// Topic → functions, as the annotations of one listing say.
public struct TopicMap: Equatable, Sendable {
    /// The annotation that functions subscribe by.
    public static let annotation = "topic"

    /// The topics that functions are subscribed to, in the order in which the listing first names them.
    public let topics: [String]
    private let functionsByTopic: [String: [FunctionName]]

    /// The map of a connector that has seen no listing.
    public static let empty = TopicMap([])

    /// Reads the `topic` annotation of every function.
    ///
    /// - Parameters:
    ///   - functions: The listing, in the gateway's order, which becomes the order of invocation.
    ///   - delimiter: Separates topics in one annotation; empty takes the whole value as one topic.
    public init(_ functions: [FunctionDescription], delimiter: String = ",") {
        var topics: [String] = []
        var functionsByTopic: [String: [FunctionName]] = [:]
        for function in functions {
            guard let annotation = function.annotations[Self.annotation] else { continue }
            for topic in Self.topics(in: annotation, delimiter: delimiter) {
                let bound = functionsByTopic[topic]
                if bound == nil { topics.append(topic) }
                if bound?.contains(function.name) != true {
                    functionsByTopic[topic, default: []].append(function.name)
                }
            }
        }
        self.topics = topics
        self.functionsByTopic = functionsByTopic
    }

    /// The functions subscribed to `topic`: an exact, case-sensitive match. Empty if there are none.
    public func functions(for topic: String) -> [FunctionName] {
        functionsByTopic[topic] ?? []
    }

    /// The topics that an annotation names: split, trimmed, without empty ones.
    public static func topics(in annotation: String, delimiter: String) -> [String] {
        let parts = delimiter.isEmpty ? [Substring(annotation)] : annotation.split(separator: delimiter)
        return parts.map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
