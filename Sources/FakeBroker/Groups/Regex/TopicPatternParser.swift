/// Reads a ``TopicPattern``'s text into a tree, and says where it is wrong.
struct TopicPatternParser {
    private typealias Node = TopicPattern.Node
    private typealias CharacterSet = TopicPattern.CharacterSet
    private typealias Invalid = TopicPattern.Invalid

    private let bytes: [UInt8]
    private var position = 0
    private var nesting = 0
    private var ignoresCase = false
    private var dotMatchesNewline = false

    init(_ pattern: String) {
        bytes = Array(pattern.utf8)
    }

    mutating func parse() throws(TopicPattern.Invalid) -> TopicPattern.Node {
        guard bytes.count <= TopicPattern.Limits.patternBytes else {
            throw fail("more than \(TopicPattern.Limits.patternBytes) bytes")
        }
        let root = try alternation()
        guard position == bytes.count else { throw fail("unexpected ')'") }
        return root
    }

    private func fail(_ reason: String) -> TopicPattern.Invalid {
        TopicPattern.Invalid(reason: "\(reason), at \(position)")
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    // MARK: Structure

    private mutating func alternation() throws(TopicPattern.Invalid) -> Node {
        // Flags that are set within a group end with it.
        let flags = (ignoresCase, dotMatchesNewline)
        defer { (ignoresCase, dotMatchesNewline) = flags }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternation(branches)
    }

    private mutating func sequence() throws(TopicPattern.Invalid) -> Node {
        var nodes: [Node] = []
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            guard let atom = try atom() else { continue }
            nodes.append(try repeated(atom))
        }
        return .sequence(nodes)
    }

    private mutating func repeated(_ atom: Node) throws(TopicPattern.Invalid) -> Node {
        guard let bounds = try repetition() else { return atom }
        // Which of several matches is found first makes no difference to whether there is one.
        _ = take("?")
        let end = position
        guard try repetition() == nil else {
            position = end
            throw fail("a repetition of a repetition")
        }
        return .repetition(atom, least: bounds.least, most: bounds.most)
    }

    private mutating func repetition() throws(TopicPattern.Invalid) -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = position
        guard take("{") else { return nil }
        guard let least = number() else {
            // As in RE2 a brace that counts nothing is a character.
            position = start
            return nil
        }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else {
            position = start
            return nil
        }
        guard max(least, most ?? 0) <= TopicPattern.Limits.repetitions, least <= most ?? least else {
            throw fail("a repetition out of bounds")
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
            // Beyond any bound it need not grow.
            value = min((value ?? 0) * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
            position += 1
        }
        return value
    }

    /// Nil for what stands for nothing, as flags.
    private mutating func atom() throws(TopicPattern.Invalid) -> Node? {
        guard let byte = next else { return nil }
        position += 1
        switch byte {
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return .characters(try bracket())
        case UInt8(ascii: "."):
            return .characters(dotMatchesNewline ? .all : CharacterSet.newline.inverted)
        case UInt8(ascii: "^"): return .assertion(.start)
        case UInt8(ascii: "$"): return .assertion(.end)
        case UInt8(ascii: "\\"): return try escape()
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
            position -= 1
            throw fail("nothing to repeat")
        default: return literal(byte)
        }
    }

    private func literal(_ byte: UInt8) -> Node {
        .characters(folded(CharacterSet(byte...byte)))
    }

    private func folded(_ set: CharacterSet) -> CharacterSet { ignoresCase ? set.foldingCase : set }

    private mutating func group() throws(TopicPattern.Invalid) -> Node? {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= TopicPattern.Limits.nesting else { throw fail("groups nested too deep") }
        let outer = (ignoresCase, dotMatchesNewline)
        if take("?") {
            if take("P") || next == UInt8(ascii: "<") {
                try groupName()
            } else if try !flags() {
                return nil
            }
        }
        let inner = try alternation()
        (ignoresCase, dotMatchesNewline) = outer
        guard take(")") else { throw fail("missing ')'") }
        return inner
    }

    private mutating func groupName() throws(TopicPattern.Invalid) {
        guard take("<") else { throw fail("not supported after '(?P'") }
        let start = position
        while let byte = next, CharacterSet.word.contains(byte) { position += 1 }
        guard position > start, take(">") else { throw fail("a group's name") }
    }

    /// Reads flags after `(?`. Whether a group follows; if not, they hold to the end of the group that they are in.
    private mutating func flags() throws(TopicPattern.Invalid) -> Bool {
        var isSet = true
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "i"): ignoresCase = isSet
            case UInt8(ascii: "s"): dotMatchesNewline = isSet
            // Names have one line, and the first match is as good as any.
            case UInt8(ascii: "m"), UInt8(ascii: "U"): break
            case UInt8(ascii: "-"): isSet = false
            case UInt8(ascii: ":"): return true
            case UInt8(ascii: ")"): return false
            default:
                position -= 1
                throw fail("not supported after '(?'")
            }
        }
        throw fail("missing ')'")
    }

    // MARK: Characters

    private mutating func escape() throws(TopicPattern.Invalid) -> Node {
        guard let byte = next else { throw fail("a backslash at the end") }
        switch byte {
        case UInt8(ascii: "A"):
            position += 1
            return .assertion(.start)
        case UInt8(ascii: "z"):
            position += 1
            return .assertion(.end)
        case UInt8(ascii: "b"), UInt8(ascii: "B"):
            position += 1
            return .assertion(.wordBoundary(byte == UInt8(ascii: "b")))
        case UInt8(ascii: "Q"):
            position += 1
            return quoted()
        default:
            return .characters(folded(try escapedSet()))
        }
    }

    /// All to `\E` as it is.
    private mutating func quoted() -> Node {
        var nodes: [Node] = []
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\\"), take("E") { break }
            nodes.append(literal(byte))
        }
        return .sequence(nodes)
    }

    /// What stands after a backslash, as one character or a class of them.
    private mutating func escapedSet() throws(TopicPattern.Invalid) -> CharacterSet {
        guard let byte = next else { throw fail("a backslash at the end") }
        position += 1
        switch byte {
        case UInt8(ascii: "d"): return .digits
        case UInt8(ascii: "D"): return CharacterSet.digits.inverted
        case UInt8(ascii: "w"): return .word
        case UInt8(ascii: "W"): return CharacterSet.word.inverted
        case UInt8(ascii: "s"): return .space
        case UInt8(ascii: "S"): return CharacterSet.space.inverted
        case UInt8(ascii: "n"): return .newline
        case UInt8(ascii: "t"): return CharacterSet(9...9)
        case UInt8(ascii: "r"): return CharacterSet(13...13)
        case UInt8(ascii: "f"): return CharacterSet(12...12)
        case UInt8(ascii: "v"): return CharacterSet(11...11)
        case UInt8(ascii: "a"): return CharacterSet(7...7)
        case UInt8(ascii: "x"): return try hexadecimal()
        default:
            guard byte < 128, !CharacterSet.word.contains(byte) || byte == UInt8(ascii: "_") else {
                position -= 1
                throw fail("not supported after a backslash")
            }
            return CharacterSet(byte...byte)
        }
    }

    private mutating func hexadecimal() throws(TopicPattern.Invalid) -> CharacterSet {
        let isBraced = take("{")
        let start = position
        while let byte = next, CharacterSet.posix("xdigit")?.contains(byte) == true, isBraced || position < start + 2 {
            position += 1
        }
        let digits = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = UInt32(digits, radix: 16), isBraced || digits.utf8.count == 2, !isBraced || take("}") else {
            throw fail("a number after '\\x'")
        }
        // A character that no topic name has matches none.
        return value < 128 ? CharacterSet(UInt8(value)...UInt8(value)) : CharacterSet()
    }

    /// A class in brackets, after the first of them.
    private mutating func bracket() throws(TopicPattern.Invalid) -> CharacterSet {
        let isInverted = take("^")
        var set = CharacterSet()
        var isFirst = true
        while let byte = next {
            if byte == UInt8(ascii: "]"), !isFirst {
                position += 1
                let whole = folded(set)
                return isInverted ? whole.inverted : whole
            }
            isFirst = false
            if let named = try posixClass() {
                set.formUnion(named)
                continue
            }
            let (low, isSingle) = try bracketCharacter()
            let isRange =
                isSingle != nil && next == UInt8(ascii: "-") && position + 1 < bytes.count
                && bytes[position + 1] != UInt8(ascii: "]")
            guard isRange, let first = isSingle else {
                set.formUnion(low)
                continue
            }
            position += 1
            let (_, last) = try bracketCharacter()
            guard let last, first <= last else { throw fail("a range of characters") }
            for byte in first...last { set.insert(byte) }
        }
        throw fail("missing ']'")
    }

    /// A character of a class, or a class within it; alone, the former is told as a byte too.
    private mutating func bracketCharacter() throws(TopicPattern.Invalid) -> (CharacterSet, UInt8?) {
        guard let byte = next else { throw fail("missing ']'") }
        position += 1
        guard byte == UInt8(ascii: "\\") else { return (CharacterSet(byte...byte), byte) }
        let set = try escapedSet()
        let members = (UInt8(0)..<128).filter(set.contains)
        return (set, members.count == 1 ? members[0] : nil)
    }

    private mutating func posixClass() throws(TopicPattern.Invalid) -> CharacterSet? {
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "["),
            bytes[position + 1] == UInt8(ascii: ":")
        else { return nil }
        var end = position + 2
        while end + 1 < bytes.count, !(bytes[end] == UInt8(ascii: ":") && bytes[end + 1] == UInt8(ascii: "]")) {
            end += 1
        }
        guard end + 1 < bytes.count else { return nil }
        var name = bytes[(position + 2)..<end]
        let isInverted = name.first == UInt8(ascii: "^")
        if isInverted { name = name.dropFirst() }
        guard let set = CharacterSet.posix(String(decoding: name, as: UTF8.self)) else {
            throw fail("an unknown class")
        }
        position = end + 2
        return isInverted ? set.inverted : set
    }
}
