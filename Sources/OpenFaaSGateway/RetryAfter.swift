import Foundation
import HTTP

/// The `Retry-After` header (RFC 9110, section 10.2.3).
enum RetryAfter {
    /// Seconds, or a date, which is measured against the reply's own `Date`, so that no clock is asked. `nil` if there
    /// is none, or it makes no sense.
    static func duration(in headers: HTTPFields) -> Duration? {
        guard let text = headers.first(name: "retry-after") else { return nil }
        if let seconds = Int(text) { return (0...Self.longest).contains(seconds) ? .seconds(seconds) : nil }
        guard let until = date(text), let now = headers.first(name: "date").flatMap(date) else { return nil }
        let seconds = Int(until.timeIntervalSince(now))
        return (0...Self.longest).contains(seconds) ? .seconds(seconds) : nil
    }

    /// A day: what asks for more is a mistake.
    private static let longest = 86_400

    private static func date(_ text: String) -> Date? {
        try? Date(
            text,
            strategy: Date.ParseStrategy(
                format: """
                    \(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \(year: .defaultDigits) \
                    \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\
                    \(second: .twoDigits) GMT
                    """,
                locale: Locale(identifier: "en_US_POSIX"), timeZone: .gmt))
    }
}
