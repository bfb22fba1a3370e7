package import NIOCore

/// Fills a message with values from a seed: the same seed, the same message. For tests that want every field used.
package struct WireSampler: WireCoder {
    package enum Values: Sendable {
        /// Any that the wire can carry, its extremes among them.
        case any
        /// Error codes that have a name and times of this century: what other implementations can hold.
        case plain
    }

    package let version: Int16
    package let isFlexible: Bool
    private let values: Values
    private var state: UInt64
    /// Arrays inside arrays get shorter, or messages would grow without end.
    private var depth = 0

    package init(version: Int16, isFlexible: Bool, seed: UInt64, values: Values = .any) {
        self.version = version
        self.isFlexible = isFlexible
        self.values = values
        self.state = seed
    }

    // MARK: Plain values

    package mutating func bool(_ name: StaticString, _ value: inout Bool) { value = oneIn(2) }
    package mutating func int8(_ name: StaticString, _ value: inout Int8) { value = integer() }
    package mutating func int32(_ name: StaticString, _ value: inout Int32) { value = integer() }
    package mutating func int16(_ name: StaticString, _ value: inout Int16) {
        if values == .plain, "\(name)".hasSuffix("ErrorCode") {
            value = ErrorCode.known[Int(below(UInt64(ErrorCode.known.count)))].rawValue
        } else {
            value = integer()
        }
    }

    package mutating func int64(_ name: StaticString, _ value: inout Int64) {
        if values == .plain, "\(name)".hasSuffix("Ms") {
            value = Int64(below(4_000_000_000_000))
        } else {
            value = integer()
        }
    }

    package mutating func float64(_ name: StaticString, _ value: inout Double) {
        value = Double(integer() as Int32) / 8
    }

    package mutating func uuid(_ name: StaticString, _ value: inout TopicID) {
        value = oneIn(4) ? .zero : TopicID(high: next(), low: next())
    }

    package mutating func string(_ name: StaticString, _ value: inout String) {
        let letters: [Character] = ["a", "b", "Z", "0", "-", "_", ".", "é", "日", "🦔"]
        // Beyond 126 a compact length takes two bytes.
        let length = oneIn(8) ? 120 + below(20) : below(12)
        value = String((0..<length).map { _ in letters[Int(below(UInt64(letters.count)))] })
    }

    package mutating func bytes(_ name: StaticString, _ value: inout ByteBuffer) {
        let length = oneIn(8) ? 120 + below(20) : below(12)
        value = ByteBuffer(bytes: (0..<length).map { _ in UInt8(truncatingIfNeeded: next()) })
    }

    package mutating func records(_ name: StaticString, _ value: inout ByteBuffer?) {
        var some = ByteBuffer()
        bytes(name, &some)
        value = oneIn(3) ? nil : some
    }

    package mutating func nullableString(_ name: StaticString, _ value: inout String?, mayBeNull: Bool) {
        var text = ""
        string(name, &text)
        value = mayBeNull && oneIn(3) ? nil : text
    }

    // MARK: Arrays, structs, tags

    package mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element]) {
        depth += 1
        let count = depth == 1 ? 1 + below(3) : below(3)
        value = (0..<count).map { _ in
            var element = Element()
            element.wireValue(name, &self)
            return element
        }
        depth -= 1
    }

    package mutating func nullableArray<Element: WireValue>(
        _ name: StaticString, _ value: inout [Element]?, mayBeNull: Bool
    ) {
        var elements: [Element] = []
        array(name, &elements)
        value = mayBeNull && oneIn(3) ? nil : elements
    }

    package mutating func structure<Value: WireStruct>(_ name: StaticString, _ value: inout Value) {
        value.wire(&self)
        if isFlexible { value.wireTags(&self) }
    }

    package mutating func nullableStructure<Value: WireStruct>(
        _ name: StaticString, _ value: inout Value?, mayBeNull: Bool
    ) {
        var present = Value()
        structure(name, &present)
        value = mayBeNull && oneIn(3) ? nil : present
    }

    package mutating func tagged<Value: WireValue>(
        _ tag: UInt32, _ name: StaticString, _ value: inout Value, unless standard: Value
    ) {
        value.wireValue(name, &self)
        if oneIn(3) { value = standard }
    }

    // MARK: Randomness

    private mutating func integer<Number: FixedWidthInteger>() -> Number {
        switch below(6) {
        case 0: 0
        case 1: .max
        case 2: .min
        case 3: Number(truncatingIfNeeded: below(100))
        default: Number(truncatingIfNeeded: next())
        }
    }

    private mutating func oneIn(_ n: UInt64) -> Bool { below(n) == 0 }

    private mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension Request {
    package static func sample(
        _ apiKey: APIKey, version: Int16, seed: UInt64, values: WireSampler.Values = .any
    ) -> Request {
        let sampler = WireSampler(
            version: version, isFlexible: apiKey.isFlexible(version), seed: seed, values: values)
        var request = Request(apiKey)
        _ = request.walk(sampler)
        return request
    }
}

extension Response {
    package static func sample(
        _ apiKey: APIKey, version: Int16, seed: UInt64, values: WireSampler.Values = .any
    ) -> Response {
        let sampler = WireSampler(
            version: version, isFlexible: apiKey.isFlexible(version), seed: seed, values: values)
        var response = Response(apiKey)
        _ = response.walk(sampler)
        return response
    }
}
