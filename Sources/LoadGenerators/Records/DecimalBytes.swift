extension [UInt8] {
    /// Without the allocation of a text.
    package mutating func append(decimal number: UInt64) {
        var digits: InlineArray<20, UInt8> = .init(repeating: 0)
        var first = 20
        var rest = number
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            first -= 1
            digits[first] = 48 + UInt8(digit)
            rest = quotient
        } while rest > 0
        for index in first..<20 { append(digits[index]) }
    }
}
