package import Foundation
import HTTP

/// The `Retry-After` header (RFC 9110, section 10.2.3).
package enum RetryAfter {
    /// `nil` if there is none, or it makes no sense.
    static func duration(in headers: HTTPFields) -> Duration? {
        headers.first(name: "retry-after").flatMap {
            duration($0, repliedAt: headers.first(name: "date"), now: Date())
        }
    }

    /// What is past asks for no wait, and nothing for more than a day.
    ///
    /// - Parameters:
    ///   - text: Seconds, or a date.
    ///   - replyDate: The reply's own `Date`, which a date is measured against, for clocks differ.
    ///   - now: In place of it, if there is none.
    package static func duration(_ text: String, repliedAt replyDate: String?, now: @autoclosure () -> Date)
        -> Duration?
    {
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), !text.isEmpty {
            // More digits than an integer holds are more than a day.
            return .seconds(min(Int(text) ?? longest, longest))
        }
        guard let until = date(text) else { return nil }
        let seconds = until.timeIntervalSince(replyDate.flatMap(date) ?? now())
        return .seconds(Int(min(max(seconds, 0), Double(longest))))
    }

    /// A day: what asks for more is a mistake. `retry_max_wait` bounds it further.
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
