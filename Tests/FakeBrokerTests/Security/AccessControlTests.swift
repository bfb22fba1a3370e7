import Testing

@testable import FakeBroker

@Suite struct AccessControlTests {
    private typealias ACL = FakeBroker.ACL
    private static let alice = AccessControlList.Asker(principal: Principal(name: "alice"), host: "10.0.0.1")

    private func list(_ rules: [FakeBroker.ACL], everyone: Bool = false) -> AccessControlList {
        AccessControlList(superUsers: ["User:admin"], allowsEveryoneIfNoACLFound: everyone, rules: rules)
    }

    private func may(
        _ operation: FakeBroker.ACL.Operation, _ resource: Resource, by rules: [FakeBroker.ACL],
        everyone: Bool = false
    ) -> Bool {
        list(rules, everyone: everyone).authorize(Self.alice, operation, resource)
    }

    @Test func `nobody may do anything but super users`() {
        #expect(!may(.read, .topic("orders"), by: []))
        let admin = AccessControlList.Asker(principal: Principal(name: "admin"), host: "10.0.0.1")
        #expect(list([]).authorize(admin, .read, .topic("orders")))
        #expect(list([.deny("User:*", .all, .topic("*"))]).authorize(admin, .read, .topic("orders")))
        let service = AccessControlList.Asker(principal: Principal(type: "Service", name: "admin"), host: "10.0.0.1")
        #expect(!list([]).authorize(service, .read, .topic("orders")))
    }

    @Test(arguments: [
        (FakeBroker.ACL.ResourcePattern.topic("orders"), true), (.topic("order"), false), (.topic("ordersX"), false),
        (.topic("*"), true), (.topic(prefix: "ord"), true), (.topic(prefix: "orders"), true),
        (.topic(prefix: "ordersX"), false), (.topic(prefix: "*"), false), (.group("orders"), false),
        (.group("*"), false),
        (.group(prefix: "ord"), false),
    ])
    func `a rule is about the resources that its pattern names`(pattern: FakeBroker.ACL.ResourcePattern, may: Bool) {
        #expect(self.may(.read, .topic("orders"), by: [.allow("User:alice", .read, pattern)]) == may)
    }

    @Test(arguments: [
        ("User:alice", "*", true), ("User:*", "*", true), ("User:bob", "*", false), ("alice", "*", false),
        ("Group:alice", "*", false), ("User:alice", "10.0.0.1", true), ("User:alice", "10.0.0.2", false),
        ("User:*", "10.0.0.1", true), ("User:al*", "*", false),
    ])
    func `a rule is for its principal at its host`(principal: String, host: String, may: Bool) {
        #expect(
            self.may(.read, .topic("orders"), by: [.allow(principal, .read, .topic("orders"), host: host)]) == may)
    }

    @Test(arguments: [
        [FakeBroker.ACL.deny("User:alice", .read, .topic("orders"))], [.deny("User:*", .all, .topic("*"))],
        [.deny("User:alice", .read, .topic(prefix: "o"))], [.deny("User:*", .read, .topic("orders"), host: "10.0.0.1")],
    ])
    func `one rule that denies outweighs all that allow`(denials: [FakeBroker.ACL]) {
        let allowed: [FakeBroker.ACL] = [
            .allow("User:alice", .all, .topic("orders")), .allow("User:*", .read, .topic("*")),
            .allow("User:alice", .read, .topic(prefix: "orders")),
        ]
        #expect(may(.read, .topic("orders"), by: allowed))
        #expect(!may(.read, .topic("orders"), by: allowed + denials))
    }

    @Test func `to be allowed more implies to be allowed to look`() {
        for operation in FakeBroker.ACL.Operation.allCases {
            let rules: [FakeBroker.ACL] = [.allow("User:alice", operation, .topic("orders"))]
            let describes: [FakeBroker.ACL.Operation] = [.read, .write, .delete, .alter, .describe, .all]
            #expect(may(.describe, .topic("orders"), by: rules) == describes.contains(operation))
            let describesConfigs: [FakeBroker.ACL.Operation] = [.alterConfigs, .describeConfigs, .all]
            #expect(may(.describeConfigs, .topic("orders"), by: rules) == describesConfigs.contains(operation))
        }
        #expect(!may(.read, .topic("orders"), by: [.allow("User:alice", .describe, .topic("orders"))]))
    }

    @Test func `to be denied more does not imply to be denied to look`() {
        let rules: [FakeBroker.ACL] = [
            .deny("User:alice", .read, .topic("orders")), .allow("User:alice", .write, .topic("orders")),
        ]
        #expect(may(.describe, .topic("orders"), by: rules))
        #expect(!may(.describe, .topic("orders"), by: rules + [.deny("User:alice", .describe, .topic("orders"))]))
    }

    @Test func `a resource without rules may be everybody's`() {
        #expect(may(.read, .topic("orders"), by: [], everyone: true))
        #expect(may(.read, .topic("orders"), by: [.allow("User:bob", .read, .topic("other"))], everyone: true))
        #expect(may(.read, .topic("orders"), by: [.allow("User:bob", .read, .group("orders"))], everyone: true))
        // Once a rule names it, it is not.
        #expect(!may(.read, .topic("orders"), by: [.allow("User:bob", .read, .topic("orders"))], everyone: true))
        #expect(!may(.read, .topic("orders"), by: [.allow("User:bob", .read, .topic("*"))], everyone: true))
        #expect(!may(.read, .topic("orders"), by: [.allow("User:bob", .read, .topic(prefix: "o"))], everyone: true))
    }

    @Test func `a rule is held once, and gone when it is removed`() {
        var list = list([])
        let rules: [FakeBroker.ACL] = [
            .allow("User:alice", .read, .topic("orders")), .allow("User:alice", .read, .topic(prefix: "orders")),
            .allow("User:alice", .write, .topic("orders")),
        ]
        for rule in rules + rules { list.insert(rule) }
        #expect(list.count == 3)
        #expect(list.all == [rules[0], rules[2], rules[1]])
        list.remove(rules[0])
        list.remove(rules[0])
        #expect(list.count == 2)
        #expect(list.all == [rules[2], rules[1]])
        list.remove(rules[1])
        list.remove(rules[2])
        #expect(list.all.isEmpty)
        #expect(!list.authorize(Self.alice, .read, .topic("orders")))
    }

    @Test(arguments: [
        ([], false), ([FakeBroker.ACL.allow("User:alice", .write, .topic("a"))], true),
        ([.allow("User:alice", .all, .topic(prefix: "a"))], true), ([.allow("User:alice", .read, .topic("a"))], false),
        ([.allow("User:bob", .write, .topic("a"))], false), ([.allow("User:alice", .write, .group("a"))], false),
        ([.allow("User:alice", .write, .topic("a")), .deny("User:*", .write, .topic("*"))], false),
        ([.allow("User:alice", .write, .topic("a")), .deny("User:alice", .write, .topic("a"))], false),
        ([.allow("User:alice", .write, .topic("ab")), .deny("User:alice", .write, .topic(prefix: "a"))], false),
        ([.allow("User:alice", .write, .topic(prefix: "ab")), .deny("User:alice", .all, .topic(prefix: "a"))], false),
        ([.allow("User:alice", .write, .topic(prefix: "a")), .deny("User:alice", .write, .topic("a"))], true),
        ([.allow("User:alice", .write, .topic("*")), .deny("User:alice", .write, .topic(prefix: "a"))], true),
        ([.allow("User:alice", .write, .topic("b")), .deny("User:alice", .write, .topic("a"))], true),
    ])
    func `one may be allowed something on any resource of a type`(rules: [FakeBroker.ACL], may: Bool) {
        #expect(list(rules).authorizeAny(Self.alice, .write, .topic) == may)
        #expect(
            list(rules, everyone: true).authorizeAny(Self.alice, .write, .topic)
                == !rules.contains { $0.permission == .deny && $0.resource.isWildcard })
    }

    @Test func `clients are told what they may do, as bits`() {
        let list = list([.allow("User:alice", .read, .topic("orders")), .allow("User:alice", .alterConfigs, .cluster)])
        #expect(list.authorizedOperations(Self.alice, on: .topic("orders")) == 1 << 3 | 1 << 8)
        #expect(list.authorizedOperations(Self.alice, on: .cluster) == 1 << 10 | 1 << 11)
        #expect(list.authorizedOperations(Self.alice, on: .group("g")) == 0)
    }

    // MARK: Filters

    private static let rules: [FakeBroker.ACL] = [
        .allow("User:alice", .read, .topic("orders")), .deny("User:bob", .write, .topic("*"), host: "10.0.0.7"),
        .allow("User:alice", .all, .topic(prefix: "ord")), .allow("User:alice", .read, .group("orders")),
        .allow("User:alice", .read, .topic(prefix: "x")),
    ]

    private func matches(_ filter: ACLFilter) -> [Int] {
        Self.rules.indices.filter { filter.matches(Self.rules[$0]) }
    }

    @Test func `a filter without conditions matches everything`() {
        #expect(matches(ACLFilter()) == [0, 1, 2, 3, 4])
    }

    @Test(arguments: [
        (ACLFilter.PatternFilter.any, [0]), (.match, [0, 1, 2]), (.exactly(.literal), [0]), (.exactly(.prefixed), []),
    ])
    func `a name matches patterns in the way that is asked for`(pattern: ACLFilter.PatternFilter, expected: [Int]) {
        #expect(
            matches(ACLFilter(resourceType: .topic, resourceName: "orders", patternFilter: pattern)) == expected)
    }

    @Test func `every other condition must hold`() {
        #expect(matches(ACLFilter(resourceType: .group)) == [3])
        #expect(matches(ACLFilter(patternFilter: .exactly(.prefixed))) == [2, 4])
        #expect(matches(ACLFilter(principal: "User:bob")) == [1])
        #expect(matches(ACLFilter(host: "*")) == [0, 2, 3, 4])
        #expect(matches(ACLFilter(operation: .all)) == [2])
        #expect(matches(ACLFilter(permission: .deny)) == [1])
        #expect(matches(ACLFilter(resourceType: .topic, principal: "User:alice", operation: .read)) == [0, 4])
    }
}
