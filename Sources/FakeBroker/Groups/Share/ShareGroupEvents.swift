internal import KafkaProtocol
internal import OrderedCollections

// What follows for the records of a share group when members go, locks end and sessions close.

extension Cluster {
    /// The time for which a share group's timer was set has come.
    mutating func expireShareGroup(_ id: String, effects: inout Effects) {
        for memberID in groups[share: id]?.expireMembers(now: now.elapsed) ?? [] {
            forgetShareMember(memberID, of: id)
        }
        let limits = shareLimits(of: id)
        for partition in groups[share: id]?.partitions.keys ?? [] {
            _ = groups[share: id]?.partitions[partition]?.expireLocks(now: now.elapsed, limits: limits)
        }
        wakeShareFetches(of: id, effects: &effects)
    }

    /// A member is gone: what it had is free.
    mutating func forgetShareMember(_ memberID: String, of id: String) {
        shareSessions.remove(group: id, memberID: memberID)
        let limits = shareLimits(of: id)
        for partition in groups[share: id]?.partitions.keys ?? [] {
            _ = groups[share: id]?.partitions[partition]?.releaseAll(of: memberID, limits: limits)
        }
    }

    /// A member's session at one broker ends: what it had from there is free.
    mutating func closeShareSession(_ key: ShareSession.Key) {
        guard let session = shareSessions[key] else { return }
        shareSessions[key] = nil
        let limits = shareLimits(of: key.group)
        for partition in session.partitions {
            _ = groups[share: key.group]?.partitions[partition]?.releaseAll(of: key.memberID, limits: limits)
        }
    }

    /// Nobody waits on this connection any more; other members get at the records at once.
    mutating func closeShareSessions(of connection: ConnectionID) {
        for key in shareSessions.keys(of: connection) {
            closeShareSession(key)
            timers.set(.group(key.group), at: now.elapsed)
        }
    }
}
