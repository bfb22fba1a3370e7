import HTTP

/// Times as Go writes them into JSON: `2026-01-31T12:00:00.25Z`.
enum RFC3339 {
    /// Without a fraction of a second.
    static func text(seconds time: GatewayTime) -> String { date(time) + "Z" }

    /// With the fraction that there is, to the nanosecond.
    static func text(_ time: GatewayTime) -> String {
        let nanoseconds = time.unixNanoseconds % 1_000_000_000
        guard nanoseconds > 0 else { return date(time) + "Z" }
        var fraction = padded(Int(nanoseconds), 9)
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(date(time)).\(fraction)Z"
    }

    /// Reads a time with its zone; `nil` for what is none.
    static func parse(_ text: some StringProtocol) -> GatewayTime? {
        var rest = Array(text.utf8)[...]
        func number(_ digits: Int, _ range: ClosedRange<Int>) -> Int? {
            guard rest.count >= digits, rest.prefix(digits).allSatisfy(isDigit) else { return nil }
            let value = rest.prefix(digits).reduce(0) { $0 * 10 + Int($1 - 48) }
            rest = rest.dropFirst(digits)
            return range.contains(value) ? value : nil
        }
        func sign(_ accepted: String) -> UInt8? {
            guard let byte = rest.first, accepted.utf8.contains(byte) else { return nil }
            rest = rest.dropFirst()
            return byte
        }
        guard let year = number(4, 1679...2261), sign("-") != nil, let month = number(2, 1...12), sign("-") != nil,
            let day = number(2, 1...31), sign("Tt") != nil, let hour = number(2, 0...23), sign(":") != nil,
            let minute = number(2, 0...59), sign(":") != nil, let second = number(2, 0...59)
        else { return nil }
        var nanoseconds: Int64 = 0
        if sign(".") != nil {
            let digits = rest.prefix(while: isDigit)
            guard !digits.isEmpty else { return nil }
            let nine = digits.prefix(9)
            nanoseconds = nine.reduce(0) { $0 * 10 + Int64($1 - 48) }
            for _ in nine.count..<9 { nanoseconds *= 10 }
            rest = rest.dropFirst(digits.count)
        }
        guard let zone = sign("Zz+-") else { return nil }
        var offset = 0
        if zone == UInt8(ascii: "+") || zone == UInt8(ascii: "-") {
            guard let hours = number(2, 0...23), sign(":") != nil, let minutes = number(2, 0...59) else { return nil }
            offset = (hours * 3600 + minutes * 60) * (zone == UInt8(ascii: "-") ? -1 : 1)
        }
        let local = Int64(days(year, month, day)) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        // A day that its month does not have would be one of the next.
        guard rest.isEmpty, CivilTime(unixSeconds: local).day == day else { return nil }
        let seconds = local - Int64(offset)
        return GatewayTime(unixNanoseconds: seconds * 1_000_000_000 + nanoseconds)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// Since 1970; years that begin in March put the leap day last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shifted.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(_ time: GatewayTime) -> String {
        let date = CivilTime(unixSeconds: time.unixNanoseconds / 1_000_000_000)
        return "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))"
            + "T\(padded(date.hour)):\(padded(date.minute)):\(padded(date.second))"
    }

    private static func padded(_ number: Int, _ width: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
