import Foundation
import OpenFaaSGateway
import Testing

/// What `Retry-After` asks for (RFC 9110, section 10.2.3).
@Suite struct RetryAfterTests {
    @Test(arguments: [
        ("7", 7), ("0", 0), ("86401", 86_400), ("99999999999999999999", 86_400), ("-1", nil), ("+1", nil), ("", nil),
        ("soon", nil), ("Fri, 27 Nov 2026 12:00:30 GMT", 30), ("Fri, 27 Nov 2026 11:00:00 GMT", 0),
        ("Fri, 27 Nov 2099 12:00:00 GMT", 86_400), ("Fri, 27 Nov 2026", nil),
    ])
    func `seconds, or a date by the reply's own clock`(value: String, seconds: Int?) {
        let date = "Fri, 27 Nov 2026 12:00:00 GMT"
        #expect(RetryAfter.duration(value, repliedAt: date, now: .distantPast) == seconds.map { .seconds($0) })
    }

    @Test(arguments: [nil, "today"])
    func `a date in a reply without one is by our clock`(date: String?) {
        let now = Date(timeIntervalSince1970: 1_795_780_800)
        let wait = RetryAfter.duration("Sat, 28 Nov 2026 00:00:10 GMT", repliedAt: date, now: now)
        #expect(wait == .seconds(43_210))
    }
}
