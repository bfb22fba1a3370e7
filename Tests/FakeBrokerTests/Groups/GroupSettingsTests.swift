import Testing

@testable import FakeBroker

@Suite struct `Settings of groups` {
    @Test func `are refused by name, value and what is accepted`() {
        func problem(_ change: (inout FakeBroker.Configuration) -> Void) -> String? {
            var configuration = FakeBroker.Configuration()
            change(&configuration)
            do {
                try configuration.validate()
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(problem { _ in } == nil)
        let problems = [
            problem { $0.offsetRetention = .zero },
            problem { $0.consumerGroups.heartbeatInterval = .zero },
            problem { $0.consumerGroups.sessionTimeout = .seconds(5) },
            problem { $0.consumerGroups.sessionTimeout = .seconds(Int64.max) },
            problem { $0.shareGroups.heartbeatInterval = .seconds(-1) },
            problem { $0.shareGroups.sessionTimeout = .seconds(4) },
            problem { $0.shareGroups.recordLockDuration = .zero },
            problem { $0.shareGroups.deliveryCountLimit = 0 },
            problem { $0.shareGroups.deliveryCountLimit = 40_000 },
            problem { $0.shareGroups.partitionMaxRecordLocks = 0 },
            problem { $0.shareGroups.maxSize = -1 },
            problem { $0.shareGroups.maxSessions = 0 },
        ]
        let fields = [
            "offsetRetention", "consumerGroups.heartbeatInterval", "consumerGroups.sessionTimeout",
            "consumerGroups.sessionTimeout", "shareGroups.heartbeatInterval", "shareGroups.sessionTimeout",
            "shareGroups.recordLockDuration", "shareGroups.deliveryCountLimit", "shareGroups.deliveryCountLimit",
            "shareGroups.partitionMaxRecordLocks", "shareGroups.maxSize", "shareGroups.maxSessions",
        ]
        for (problem, field) in zip(problems, fields) {
            #expect(problem?.contains("FakeBroker.Configuration.\(field) is ") == true, "\(field): \(problem ?? "-")")
            #expect(problem?.contains("accepted are") == true)
        }
    }
}
