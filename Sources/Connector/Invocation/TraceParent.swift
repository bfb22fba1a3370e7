/// The place of an event in a trace (W3C Trace Context, section 3.2): of its headers of this name the last that is well
/// formed, for who appends one has read those before it. A receiver of two, or of one that is none, begins a new trace.
struct TraceParent {
    static let name = "traceparent"

    /// Among the headers.
    let index: Int
    let value: String
    /// 32 hexadecimal digits.
    let traceID: Substring

    init?(_ headers: [EventHeader]) {
        for (index, header) in headers.enumerated().reversed() where Self.isName(header.name) {
            guard let text = header.value?.headerText, let traceID = Self.traceID(of: text) else {
                continue
            }
            (self.index, value, self.traceID) = (index, text, traceID)
            return
        }
        return nil
    }

    private static func isName(_ name: String) -> Bool {
        name.utf8.count == Self.name.utf8.count && name.lowercased() == Self.name
    }

    private static func traceID(of value: String) -> Substring? {
        let parts = value.split(separator: "-", omittingEmptySubsequences: false)
        let sizes = [2, 32, 16, 2]
        guard parts.count >= sizes.count, parts[0] != "ff", parts[0] != "00" || parts.count == sizes.count,
            zip(parts, sizes).allSatisfy({ $0.utf8.count == $1 && $0.utf8.allSatisfy(isLowercaseHexadecimal) }),
            !parts[1].allSatisfy({ $0 == "0" }), !parts[2].allSatisfy({ $0 == "0" })
        else { return nil }
        return parts[1]
    }

    private static func isLowercaseHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
