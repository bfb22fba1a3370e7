// Finds the topics of a run before anything is sent, or creates them: what is wrong is told in one line.

import Kafka

struct TopicSearch {
    /// How long brokers and topic are looked for.
    private static let searchTimeout = Duration.seconds(10)
    /// How long one answer is waited for, so that a refusal of who one is ends the search early.
    private static let attemptTimeout = Duration.seconds(2)
    /// How long a topic may take to be created by being asked for.
    private static let creationTimeout = Duration.seconds(3)
    /// Before a topic is asked for again.
    private static let pause = Duration.milliseconds(100)

    let producer: Producer
    let tally: Tally
    let brokers: [String]
    /// Of topics that are created; `nil`: none are.
    var partitions: Int?
    var replicationFactor: Int?

    /// How many partitions each topic has.
    /// - Throws: `Failure`
    func partitionCounts(_ topics: [String]) async throws -> [Int] {
        var counts: [Int] = []
        for topic in topics { counts.append(try await partitionCount(topic)) }
        return counts
    }

    private func partitionCount(_ topic: String) async throws -> Int {
        var isCreated = false
        if let partitions { isCreated = try await create(topic, partitions) }
        var waited = Duration.zero
        while true {
            let start = ContinuousClock.now
            do {
                return try await producer.partitionCount(of: topic, timeout: Self.attemptTimeout)
            } catch {
                // No attempt counts for more than it may take: a machine that stood still gave no broker the time.
                waited += min(.now - start, Self.attemptTimeout)
                if error.code.isAuthorization { throw Failure(refused(topic, error)) }
                if let last = tally.figures.lastError, last.code.isAuthentication {
                    throw Failure(refused(topic, last))
                }
                if error.code.isUnanswered, waited < Self.searchTimeout { continue }
                let isMissing = [.unknownTopicOrPartition, .leaderNotAvailable, .unknownTopic].contains(error.code)
                if isMissing && waited < (isCreated ? Self.searchTimeout : Self.creationTimeout) {
                    try? await Task.sleep(for: Self.pause)
                    waited += Self.pause
                    continue
                }
                throw Failure(isMissing ? missing(topic, error) : unreachable(topic, error))
            }
        }
    }

    /// Whether the topic was not there before.
    private func create(_ topic: String, _ partitions: Int) async throws -> Bool {
        do {
            try await producer.createTopic(
                topic, partitions: partitions, replicationFactor: replicationFactor, timeout: Self.searchTimeout)
            return true
        } catch  where error.code == .topicAlreadyExists {
            return false
        } catch  where error.code == .timedOut || error.code == .transport {
            throw Failure(unreachable(topic, error))
        } catch {
            throw Failure("topic \(topic) cannot be created: \(error.reason) (\(error.name))")
        }
    }

    private func missing(_ topic: String, _ error: KafkaError) -> String {
        """
        topic \(topic) does not exist at \(brokers.joined(separator: ",")), and asking for it did not create it \
        (\(error.name)); create it first, or give --partitions
        """
    }

    private func refused(_ topic: String, _ error: KafkaError) -> String {
        let text = "\(brokers.joined(separator: ",")) refuses topic \(topic): \(error.reason) (\(error.name))"
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private func unreachable(_ topic: String, _ error: KafkaError) -> String {
        let reason = tally.figures.lastError.map { "\($0.reason) (\($0.name))" } ?? "\(error.reason) (\(error.name))"
        let text = "no answer from \(brokers.joined(separator: ",")) about topic \(topic): \(reason)"
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

extension ErrorCode {
    /// Nobody said no: it may still come.
    fileprivate var isUnanswered: Bool {
        self == .timedOut || self == .transport || self == .resolve || self == .allBrokersDown
    }
}

/// Ends the process with exit code 2 and a line that says why.
package struct Failure: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
