import Testing

@testable import FakeBroker

/// Which topics a consumer's regular expression takes. What is expected is what RE2 answers.
@Suite struct `A topic pattern` {
    @Test(arguments: [
        ("orders", ["orders"], ["order", "orders2", "xorders"]),
        ("^orders$", ["orders"], ["orders2"]),
        ("orders-.*", ["orders-", "orders-eu"], ["orders"]),
        ("orders\\.(eu|us)", ["orders.eu", "orders.us"], ["orders-eu", "orders.eus"]),
        ("o|or|orders", ["o", "or", "orders"], ["ord", ""]),
        ("[a-c]+", ["a", "abc"], ["", "abd", "A"]),
        ("[^a-c]+", ["xyz", "-._"], ["xay"]),
        ("[-a]+[]b]?", ["-a", "a]", "ab"], ["b"]),
        ("\\w+\\d{2,3}", ["t12", "t1234"], ["t1", "-12"]),
        ("a{2}", ["aa"], ["a", "aaa"]),
        ("a{2,}b?", ["aa", "aaab"], ["a", "ab"]),
        ("(?i)Orders", ["orders", "ORDERS"], ["order"]),
        ("(?i:o)rders", ["Orders", "orders"], ["ORDERS", "oRders"]),
        ("(?P<name>a+?)(?:b)*", ["a", "aabb"], ["b"]),
        ("[[:digit:][:upper:]_]+", ["A1_"], ["a"]),
        ("\\Qa.b\\E.", ["a.bx"], ["axbx"]),
        ("a\\b-.*", ["a-b"], ["ab"]),
        ("\\x61\\x{62}", ["ab"], ["ba"]),
        ("a{b", ["a{b"], ["a"]),
        ("", [""], ["a"]),
        ("ü.*", [], ["u", "orders"]),
    ])
    func `takes the names that it matches as a whole`(pattern: String, yes: [String], no: [String]) throws {
        let compiled = try TopicPattern(pattern)
        for name in yes { #expect(compiled.matches(name), "\(pattern) should match \(name)") }
        for name in no { #expect(!compiled.matches(name), "\(pattern) should not match \(name)") }
    }

    @Test(arguments: [
        "(", ")", "a)", "(a", "[a", "[b-a]", "*", "a**", "+a", "a|*", "\\", "(?=a)", "(?<!a)b", "(a)\\1", "\\pL",
        "a{1001}", "a{3,2}", "(?z)a", "[[:nonsense:]]", "(?P<>a)", "\\xg", "((a{100}){100}){100}",
        String(repeating: "(", count: 60) + String(repeating: ")", count: 60),
        String(repeating: "a", count: 1025),
    ])
    func `is refused with a reason`(pattern: String) {
        let error = #expect(throws: TopicPattern.Invalid.self) { try TopicPattern(pattern) }
        #expect(error?.reason.isEmpty == false)
    }

    @Test func `costs no more than its size and the name's, whatever it is`() throws {
        // A backtracking matcher takes 2^249 steps for these.
        let name = String(repeating: "a", count: 249)
        #expect(try !TopicPattern("(a*)*b").matches(name))
        #expect(try !TopicPattern("(a|a|aa)+$b").matches(name))
        #expect(try TopicPattern("(.*)(.*)(.*)(.*)(.*)a").matches(name))
        #expect(try TopicPattern("(a?){200}a{49}").matches(name))
    }

    @Test(arguments: UInt64(0)..<20)
    func `never traps`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "a", "b", "(", ")", "[", "]", "^", "$", "*", "+", "?", "{", "}", "2", ",", "|", "\\", "d", "-", ".", "(?",
            ":", "i", "P<", ">", "[:", "digit", ":]", "x", "ü", "\0",
        ]
        for _ in 0..<500 {
            let count = Int.random(in: 0..<24, using: &random)
            let pattern = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            _ = try? TopicPattern(pattern).matches("ab-d2.")
        }
    }
}
