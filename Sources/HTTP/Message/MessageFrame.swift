// What the fields of a head say about the message's end and about the connection (RFC 9112, sections 6 and 9). Whatever
// leaves the end in doubt is refused.

/// Gathered field by field.
struct MessageFrame: Equatable {
    enum Coding: Equatable {
        case none
        /// The last of them, as it has to be.
        case chunked
        /// Another one is last: only the end of the connection ends such a body.
        case other
    }

    enum Expectation: Equatable {
        case none
        case `continue`
        case other
    }

    private(set) var length: Int?
    private(set) var coding = Coding.none
    private(set) var expectation = Expectation.none
    /// `Host` fields.
    private(set) var hosts = 0
    private(set) var hasUpgrade = false
    private var closes = false
    private var keeps = false

    /// Whether the connection outlives the message.
    func keepsConnection(isHTTP1_0: Bool) -> Bool { !closes && (keeps || !isHTTP1_0) }

    mutating func note(_ field: HeadScanner.Field, in head: Span<UInt8>) throws(MessageError) {
        switch field.name.count {
        case 4 where head.equalsIgnoringCase(field.name, "host"): hosts += 1
        case 6 where head.equalsIgnoringCase(field.name, "expect"):
            expectation = head.equalsIgnoringCase(field.value, "100-continue") ? .continue : .other
        case 7 where head.equalsIgnoringCase(field.name, "upgrade"): hasUpgrade = true
        case 10 where head.equalsIgnoringCase(field.name, "connection"): noteConnection(field.value, in: head)
        case 14 where head.equalsIgnoringCase(field.name, "content-length"): try noteLength(field.value, in: head)
        case 17 where head.equalsIgnoringCase(field.name, "transfer-encoding"): try noteCodings(field.value, in: head)
        default: break
        }
    }

    /// Once every field is noted.
    func check(isHTTP1_0: Bool) throws(MessageError) {
        guard coding != .none else { return }
        if length != nil { throw .malformed("both Content-Length and Transfer-Encoding are given") }
        if isHTTP1_0 { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
    }

    private mutating func noteConnection(_ value: Range<Int>, in head: Span<UInt8>) {
        // Nearly always the whole of it.
        if head.equalsIgnoringCase(value, "keep-alive") {
            keeps = true
            return
        }
        var rest = value
        while let option = head.nextElement(of: &rest) {
            if head.equalsIgnoringCase(option, "close") { closes = true }
            if head.equalsIgnoringCase(option, "keep-alive") { keeps = true }
        }
    }

    private mutating func noteLength(_ value: Range<Int>, in head: Span<UInt8>) throws(MessageError) {
        guard length == nil else { throw .malformed("Content-Length is given twice") }
        var number = 0
        for index in value {
            let digit = head[index] &- UInt8(ascii: "0")
            let (tens, overflows) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = tens.addingReportingOverflow(Int(digit))
            guard digit < 10, !overflows, !overflowsToo else {
                throw .malformed("Content-Length is no number of bytes")
            }
            number = sum
        }
        guard !value.isEmpty else { throw .malformed("Content-Length is empty") }
        length = number
    }

    private mutating func noteCodings(_ value: Range<Int>, in head: Span<UInt8>) throws(MessageError) {
        var rest = value
        while let element = head.nextElement(of: &rest) {
            guard coding != .chunked else { throw .malformed("chunked is not the last Transfer-Encoding") }
            coding = head.equalsIgnoringCase(element, "chunked") ? .chunked : .other
        }
        guard coding != .none else { throw .malformed("Transfer-Encoding is empty") }
    }
}

extension Span<UInt8> {
    /// The next element of a list parted by commas, blanks and empty elements left out; `rest` goes behind it.
    fileprivate func nextElement(of rest: inout Range<Int>) -> Range<Int>? {
        while !rest.isEmpty {
            var comma = rest.lowerBound
            while comma < rest.upperBound, self[comma] != UInt8(ascii: ",") { comma += 1 }
            var (start, end) = (rest.lowerBound, comma)
            rest = Swift.min(comma + 1, rest.upperBound)..<rest.upperBound
            while start < end, self[start].isBlank { start += 1 }
            while end > start, self[end - 1].isBlank { end -= 1 }
            if start < end { return start..<end }
        }
        return nil
    }
}
