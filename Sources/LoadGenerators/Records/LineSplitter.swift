/// Cuts bytes that come piece by piece into lines, without their ends; nothing after the last end is no line.
package struct LineSplitter: Sendable {
    /// Lines in one run of memory.
    package struct Lines: Sendable {
        package var bytes: [UInt8] = []
        package var ranges: [Range<Int>] = []

        package init() {}
    }

    package struct TooLong: Error, Equatable {
        /// Counted from 1.
        package let line: Int
    }

    private let longest: Int
    /// A line whose end has not come.
    private var rest: [UInt8] = []
    /// How many lines there were so far.
    package private(set) var count = 0

    /// - Parameter longest: Bytes of a line; what it holds back is bounded by it.
    package init(longest: Int) { self.longest = longest }

    package mutating func take(_ piece: [UInt8]) throws(TooLong) -> Lines {
        guard let last = piece.lastIndex(of: UInt8(ascii: "\n")) else {
            rest += piece
            // An end may have a carriage return before it.
            if rest.count > longest + 1 { throw TooLong(line: count + 1) }
            return Lines()
        }
        var lines = Lines()
        lines.bytes = rest + piece[...last]
        var start = 0
        var end = rest.count
        while let next = lines.bytes[end...].firstIndex(of: UInt8(ascii: "\n")) {
            try add(start..<next, to: &lines)
            start = next + 1
            end = start
        }
        rest.removeAll(keepingCapacity: true)
        rest += piece[(last + 1)...]
        if rest.count > longest + 1 { throw TooLong(line: count + 1) }
        return lines
    }

    /// No more comes: the last line, if it had no end.
    package mutating func end() throws(TooLong) -> Lines {
        var lines = Lines()
        guard !rest.isEmpty else { return lines }
        lines.bytes = rest
        rest = []
        try add(0..<lines.bytes.count, to: &lines)
        return lines
    }

    private mutating func add(_ range: Range<Int>, to lines: inout Lines) throws(TooLong) {
        let hasReturn = lines.bytes[range].last == UInt8(ascii: "\r")
        let line = range.lowerBound..<range.upperBound - (hasReturn ? 1 : 0)
        count += 1
        guard line.count <= longest else { throw TooLong(line: count) }
        lines.ranges.append(line)
    }
}
