/// A regular expression that matches whole topic names, in time that grows with the pattern and the name only.
///
/// The syntax is RE2's, as in Kafka (KIP-848), as far as it can matter for topic names, which are ASCII: literals,
/// classes, groups, alternation, repetition, anchors and word boundaries, the flags `i` and `s`. What RE2 leaves out
/// for its cost, such as back references and look-around, is refused here too. A pattern runs as a set of states
/// that move along the name together, so no pattern makes it go back.
struct TopicPattern: Sendable {
    /// Bounds on what a client may ask for. RE2 has them too, but larger.
    enum Limits {
        static let patternBytes = 1024
        static let instructions = 2000
        static let nesting = 50
        /// As RE2's, of one counted repetition.
        static let repetitions = 1000
    }

    /// A set of ASCII characters.
    struct CharacterSet: Equatable, Sendable {
        private var low: UInt64 = 0
        private var high: UInt64 = 0

        mutating func insert(_ byte: UInt8) {
            if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte - 64) }
        }

        func contains(_ byte: UInt8) -> Bool {
            byte < 64 ? low & 1 << UInt64(byte) != 0 : byte < 128 && high & 1 << UInt64(byte - 64) != 0
        }

        mutating func formUnion(_ other: CharacterSet) {
            low |= other.low
            high |= other.high
        }

        var inverted: CharacterSet {
            var set = CharacterSet()
            (set.low, set.high) = (~low, ~high)
            return set
        }

        /// With both cases of each letter.
        var foldingCase: CharacterSet {
            var folded = self
            for byte in UInt8(ascii: "a")...UInt8(ascii: "z") where contains(byte) || contains(byte - 32) {
                folded.insert(byte)
                folded.insert(byte - 32)
            }
            return folded
        }
    }

    enum Assertion: Equatable, Sendable {
        case start
        case end
        case wordBoundary(Bool)
    }

    /// The expression as a tree.
    indirect enum Node: Sendable {
        case characters(CharacterSet)
        case assertion(Assertion)
        case sequence([Node])
        case alternation([Node])
        /// Without a greatest number: any.
        case repetition(Node, least: Int, most: Int?)
    }

    fileprivate enum Instruction: Sendable {
        case characters(CharacterSet)
        case assertion(Assertion)
        /// Goes on at both.
        case split(Int, Int)
        case jump(Int)
        case match
    }

    struct Invalid: Error, Equatable {
        /// What is wrong, and where.
        var reason: String
    }

    private var program: [Instruction] = []

    init(_ pattern: String) throws(Invalid) {
        var parser = TopicPatternParser(pattern)
        let root = try parser.parse()
        try emit(root)
        program.append(.match)
    }

    // MARK: Compiling

    private mutating func append(_ instruction: Instruction) throws(Invalid) {
        guard program.count < Limits.instructions else {
            throw Invalid(reason: "the pattern is too large")
        }
        program.append(instruction)
    }

    private mutating func emit(_ node: Node) throws(Invalid) {
        switch node {
        case .characters(let set): try append(.characters(set))
        case .assertion(let assertion): try append(.assertion(assertion))
        case .sequence(let nodes): for node in nodes { try emit(node) }
        case .alternation(let nodes): try emitAlternation(nodes)
        case .repetition(let node, let least, let most): try emitRepetition(node, least: least, most: most)
        }
    }

    private mutating func emitAlternation(_ nodes: [Node]) throws(Invalid) {
        var jumps: [Int] = []
        for node in nodes.dropLast() {
            let split = program.count
            try append(.split(split + 1, split + 1))
            try emit(node)
            jumps.append(program.count)
            try append(.jump(0))
            program[split] = .split(split + 1, program.count)
        }
        if let last = nodes.last { try emit(last) }
        for jump in jumps { program[jump] = .jump(program.count) }
    }

    private mutating func emitRepetition(_ node: Node, least: Int, most: Int?) throws(Invalid) {
        for _ in 0..<least { try emit(node) }
        guard let most else {
            let split = program.count
            try append(.split(split + 1, split + 1))
            try emit(node)
            try append(.jump(split))
            program[split] = .split(split + 1, program.count)
            return
        }
        var splits: [Int] = []
        for _ in least..<max(most, least) {
            splits.append(program.count)
            try append(.split(program.count + 1, program.count + 1))
            try emit(node)
        }
        for split in splits { program[split] = .split(split + 1, program.count) }
    }

    // MARK: Matching

    /// Whether all of the name matches.
    func matches(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        var states = StateSet(count: program.count)
        var next = StateSet(count: program.count)
        follow(0, at: 0, in: bytes, into: &states)
        for position in bytes.indices {
            next.removeAll()
            for state in states.members {
                if case .characters(let set) = program[state], set.contains(bytes[position]) {
                    follow(state + 1, at: position + 1, in: bytes, into: &next)
                }
            }
            guard !next.members.isEmpty else { return false }
            swap(&states, &next)
        }
        return states.members.contains { if case .match = program[$0] { true } else { false } }
    }

    /// Adds a state and all that can be reached from it without a character.
    private func follow(_ first: Int, at position: Int, in bytes: [UInt8], into states: inout StateSet) {
        var pending = [first]
        while let state = pending.popLast() {
            guard states.insert(state) else { continue }
            switch program[state] {
            case .split(let one, let other):
                pending.append(other)
                pending.append(one)
            case .jump(let target): pending.append(target)
            case .assertion(let assertion):
                if Self.holds(assertion, at: position, in: bytes) { pending.append(state + 1) }
            case .characters, .match: break
            }
        }
    }

    private static func holds(_ assertion: Assertion, at position: Int, in bytes: [UInt8]) -> Bool {
        switch assertion {
        case .start: return position == 0
        case .end: return position == bytes.count
        case .wordBoundary(let wanted):
            let before = position > 0 && CharacterSet.word.contains(bytes[position - 1])
            let after = position < bytes.count && CharacterSet.word.contains(bytes[position])
            return (before != after) == wanted
        }
    }

    /// States, each once, in the order in which they were reached.
    private struct StateSet {
        private(set) var members: [Int] = []
        private var isMember: [Bool]

        init(count: Int) {
            isMember = Array(repeating: false, count: count)
        }

        mutating func insert(_ state: Int) -> Bool {
            guard !isMember[state] else { return false }
            isMember[state] = true
            members.append(state)
            return true
        }

        mutating func removeAll() {
            for state in members { isMember[state] = false }
            members.removeAll(keepingCapacity: true)
        }
    }
}

extension TopicPattern.CharacterSet {
    init(_ ranges: ClosedRange<UInt8>...) {
        self.init()
        for range in ranges { for byte in range { insert(byte) } }
    }

    static let digits = Self(48...57)
    static let word = Self(48...57, 65...90, 95...95, 97...122)
    static let space = Self(9...10, 12...13, 32...32)
    static let all = Self().inverted
    static let newline = Self(10...10)

    /// By the names that RE2 knows within brackets.
    static func posix(_ name: String) -> Self? {
        switch name {
        case "alnum": Self(48...57, 65...90, 97...122)
        case "alpha": Self(65...90, 97...122)
        case "ascii": all
        case "blank": Self(9...9, 32...32)
        case "cntrl": Self(0...31, 127...127)
        case "digit": digits
        case "graph": Self(33...126)
        case "lower": Self(97...122)
        case "print": Self(32...126)
        case "punct": Self(33...47, 58...64, 91...96, 123...126)
        case "space": Self(9...13, 32...32)
        case "upper": Self(65...90)
        case "word": word
        case "xdigit": Self(48...57, 65...70, 97...102)
        default: nil
        }
    }
}
