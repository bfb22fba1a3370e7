// The plain values that stand in arrays or behind tags.

extension Bool: WireValue {
    @inline(__always)
    package mutating func wireValue(_ name: StaticString, _ w: inout some WireCoder) { w.bool(name, &self) }
}

extension Int8: WireValue {
    @inline(__always)
    package mutating func wireValue(_ name: StaticString, _ w: inout some WireCoder) { w.int8(name, &self) }
}

extension Int16: WireValue {
    @inline(__always)
    package mutating func wireValue(_ name: StaticString, _ w: inout some WireCoder) { w.int16(name, &self) }
}

extension Int32: WireValue {
    @inline(__always)
    package mutating func wireValue(_ name: StaticString, _ w: inout some WireCoder) { w.int32(name, &self) }
}

extension Int64: WireValue {
    @inline(__always)
    package mutating func wireValue(_ name: StaticString, _ w: inout some WireCoder) { w.int64(name, &self) }
}

extension ErrorCode: WireValue {
    package init() { self = .none }

    @inline(__always)
    package mutating func wireValue(_ name: StaticString, _ w: inout some WireCoder) { w.int16(name, &rawValue) }
}

extension TopicID: WireValue {
    @inline(__always)
    package mutating func wireValue(_ name: StaticString, _ w: inout some WireCoder) { w.uuid(name, &self) }
}

extension String: WireValue {
    @inline(__always)
    package mutating func wireValue(_ name: StaticString, _ w: inout some WireCoder) { w.string(name, &self) }
}

extension Optional: WireValue where Wrapped == String {
    package init() { self = nil }

    @inline(__always)
    package mutating func wireValue(_ name: StaticString, _ w: inout some WireCoder) {
        w.nullableString(name, &self, mayBeNull: true)
    }
}

extension Array: WireValue where Element: WireValue {
    @inline(__always)
    package mutating func wireValue(_ name: StaticString, _ w: inout some WireCoder) { w.array(name, &self) }
}
