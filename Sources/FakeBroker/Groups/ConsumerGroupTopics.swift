internal import KafkaProtocol
internal import OrderedCollections

// What the members of a consumer group want, in terms of topics that exist.

extension ConsumerGroup {
    /// The topics that a member wants, whether they exist or not; each may come twice.
    func topicNames(of member: ConsumerGroupMember) -> [String] {
        member.pattern.isEmpty ? member.topicNames : member.topicNames + (patternTopics[member.pattern] ?? [])
    }

    func isSubscribed(to topic: String) -> Bool {
        members.values.contains { topicNames(of: $0).contains(topic) }
    }

    /// Whether patterns must be matched anew, with this one added, since topics came or went.
    func mustMatch(_ pattern: String?, topics: Topics) -> Bool {
        if let pattern, !pattern.isEmpty, patternTopics[pattern] == nil { return true }
        return !patternTopics.isEmpty && patternNames != topics.allNames
    }

    /// Matches all patterns in use, and this one.
    ///
    /// - Parameters:
    ///   - names: of the topics that exist.
    ///   - visible: those of them that whoever asked may see.
    mutating func match(_ pattern: TopicPattern?, _ text: String?, names: [String], visible: [String]) {
        var patterns = Set(members.values.map(\.pattern)).filter { !$0.isEmpty }
        if let text, !text.isEmpty { patterns.insert(text) }
        patternTopics = patternTopics.filter { patterns.contains($0.key) }
        for other in patterns where patternNames != names || patternTopics[other] == nil {
            // What members have was valid when they brought it.
            guard let compiled = other == text ? pattern : try? TopicPattern(other) else { continue }
            patternTopics[other] = visible.filter(compiled.matches).sorted()
        }
        patternNames = names
    }

    /// Looks the topics up that members want. Returns whether any has come, gone or grown since.
    mutating func refreshTopics(_ topics: Topics) -> Bool {
        var names: OrderedSet<String> = []
        for member in members.values { names.formUnion(topicNames(of: member)) }
        var facts: OrderedDictionary<String, TopicFacts> = [:]
        for name in names {
            guard let topic = topics[name] else { continue }
            facts[name] = TopicFacts(id: topic.id, partitions: Int32(topic.partitions.count))
        }
        // In whatever order.
        let isChange =
            facts.count != subscribedTopics.count || facts.contains { subscribedTopics[$0.key] != $0.value }
        subscribedTopics = facts
        return isChange
    }
}
