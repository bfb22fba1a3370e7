extension String {
    /// As the value of a label in Prometheus's text format, between its quotes.
    package var prometheusLabel: String {
        var bytes: [UInt8] = []
        // By bytes: as characters a CR LF is one that is no line feed, and a quote with an accent on it is no quote.
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "\n"): bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
