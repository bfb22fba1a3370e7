// A text with fields that differ from record to record: `{"id": {{sequence}}, "colour": "{{choice:red|blue}}"}`.

package import SeededRandom

package struct Template: Sendable {
    /// What a field may draw from.
    package struct Context {
        package var run: String
        package var producer: String
        package var sequence: Int
        /// When the record is meant to be sent, in nanoseconds since 1970.
        package var intended: Int64
        /// Where it stands in the bytes that the text is appended to.
        package var key: Range<Int>?

        package init(run: String, producer: String, sequence: Int, intended: Int64, key: Range<Int>?) {
            self.run = run
            self.producer = producer
            self.sequence = sequence
            self.intended = intended
            self.key = key
        }
    }

    private enum Part: Sendable {
        case literal([UInt8])
        case run, producer, sequence, time, key, uuid
        case integer(ClosedRange<Int>)
        case float(ClosedRange<Double>)
        case text(Int)
        case choice([[UInt8]])
    }

    package static let fields =
        "{{sequence}}, {{time}}, {{run}}, {{producer}}, {{key}}, {{uuid}}, {{int:LEAST:MOST}}, {{float:LEAST:MOST}}, "
        + "{{text:LENGTH}} and {{choice:A|B|…}}"

    private let parts: [Part]

    /// - Throws: `UnknownField` for what is between `{{` and `}}` and no field.
    package init(_ text: String) throws(UnknownField) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{") {
            parts.append(.literal(Array(rest[..<open.lowerBound].utf8)))
            rest = rest[open.upperBound...]
            guard let close = rest.firstRange(of: "}}") else { throw UnknownField(field: "{{\(rest.prefix(20))") }
            parts.append(try Self.part(rest[..<close.lowerBound]))
            rest = rest[close.upperBound...]
        }
        parts.append(.literal(Array(rest.utf8)))
        self.parts = parts
    }

    package struct UnknownField: Error, Equatable { package let field: String }

    private static func part(_ field: Substring) throws(UnknownField) -> Part {
        let words = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (words[0].filter { $0 != " " }, words.count > 1 ? words[1] : nil) {
        case ("run", nil): return .run
        case ("producer", nil): return .producer
        case ("sequence", nil): return .sequence
        case ("time", nil): return .time
        case ("key", nil): return .key
        case ("uuid", nil): return .uuid
        case ("int", let bounds?):
            let numbers = bounds.split(separator: ":").compactMap { Int($0) }
            if numbers.count == 2, numbers[0] <= numbers[1] { return .integer(numbers[0]...numbers[1]) }
        case ("float", let bounds?):
            let numbers = bounds.split(separator: ":").compactMap { Double($0) }
            if numbers.count == 2, numbers[0] <= numbers[1], numbers.allSatisfy(\.isFinite) {
                return .float(numbers[0]...numbers[1])
            }
        case ("text", let length?):
            if let length = Int(length), 0...1_000_000 ~= length { return .text(length) }
        case ("choice", let choices?):
            return .choice(choices.split(separator: "|", omittingEmptySubsequences: false).map { Array($0.utf8) })
        default: break
        }
        throw UnknownField(field: "{{\(field)}}")
    }

    /// Appends the text to `bytes`.
    package func fill(_ context: Context, into bytes: inout [UInt8], using generator: inout SeededGenerator) {
        for part in parts {
            switch part {
            case .literal(let literal): bytes += literal
            case .run: bytes += context.run.utf8
            case .producer: bytes += context.producer.utf8
            case .sequence: bytes.append(decimal: UInt64(context.sequence))
            case .time: bytes.append(decimal: UInt64(max(0, context.intended) / 1_000_000))
            case .key:
                // It stands before the value.
                if let key = context.key { bytes.append(contentsOf: Array(bytes[key])) }
            case .uuid: bytes += Self.uuid(&generator)
            case .integer(let range): bytes += "\(Int.random(in: range, using: &generator))".utf8
            case .float(let range): bytes += "\(Double.random(in: range, using: &generator))".utf8
            case .text(let length): PayloadSource.appendWords(length, to: &bytes, using: &generator)
            case .choice(let choices): bytes += choices[Int.random(in: choices.indices, using: &generator)]
            }
        }
    }

    /// Version 4, as RFC 9562 lays it out.
    private static func uuid(_ generator: inout SeededGenerator) -> [UInt8] {
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = [high, low].map { number in
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var bytes: [UInt8] = []
        for (index, digit) in digits.utf8.enumerated() {
            if [8, 12, 16, 20].contains(index) { bytes.append(UInt8(ascii: "-")) }
            bytes.append(digit)
        }
        return bytes
    }
}
