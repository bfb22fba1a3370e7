// What each record carries so that whoever reads it can tell what is missing, doubled, out of order or changed.
//
// One header, in text, so that it passes through HTTP as it is:
// `run=r1;producer=0;sequence=12;intended=1700000000000000000;crc=89abcdef`, and in transactions
// `;aborted=N` (records in aborted transactions so far) and `;abort` (this one's will be).

import LoadGenerators

package struct VerificationHeader: Sendable, Equatable {
    package static let name = "Load-Record"
    /// Longer values are none.
    static let longest = 512
    /// Higher sequence numbers are none: years at any rate.
    static let highest = 1 << 48

    package var run: String
    package var producer: String
    /// Counts the records of one producer in one run, from 0.
    package var sequence: Int
    /// When the record was meant to be sent, in nanoseconds since 1970.
    package var intended: Int64
    /// CRC-32C of the key and the value, one after the other.
    package var checksum: UInt32
    /// How many of the records before this one were in transactions that were to be aborted.
    package var aborted: Int
    /// The record's transaction is to be aborted.
    package var isToBeAborted: Bool

    package init(
        run: String, producer: String, sequence: Int, intended: Int64, checksum: UInt32, aborted: Int = 0,
        isToBeAborted: Bool = false
    ) {
        self.run = run
        self.producer = producer
        self.sequence = sequence
        self.intended = intended
        self.checksum = checksum
        self.aborted = aborted
        self.isToBeAborted = isToBeAborted
    }

    package static func checksum(key: [UInt8]?, value: [UInt8]?) -> UInt32 {
        var crc = CRC32C()
        crc.update((key ?? [])[...])
        crc.update((value ?? [])[...])
        return crc.value
    }

    // MARK: Text

    package var text: [UInt8] {
        var bytes = Array(Self.prefix(run: run, producer: producer).utf8)
        append(to: &bytes)
        return bytes
    }

    /// What the texts of one producer have in common.
    static func prefix(run: String, producer: String) -> String { "run=\(run);producer=\(producer)" }

    /// Appends the rest of the text.
    func append(to bytes: inout [UInt8]) {
        bytes += ";sequence=".utf8
        bytes.append(decimal: UInt64(sequence))
        bytes += ";intended=".utf8
        bytes.append(decimal: UInt64(max(0, intended)))
        bytes += ";crc=".utf8
        for shift in stride(from: 28, through: 0, by: -4) {
            let digit = UInt8(checksum >> UInt32(shift) & 15)
            bytes.append(digit < 10 ? 48 + digit : 87 + digit)
        }
        if aborted > 0 {
            bytes += ";aborted=".utf8
            bytes.append(decimal: UInt64(aborted))
        }
        if isToBeAborted { bytes += ";abort".utf8 }
    }

    /// `nil` if it is none.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.longest else { return nil }
        var fields: [String: Substring] = [:]
        var isToBeAborted = false
        for part in String(text).split(separator: ";") {
            if part == "abort" {
                isToBeAborted = true
                continue
            }
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, fields.updateValue(pair[1], forKey: String(pair[0])) == nil else { return nil }
        }
        guard let run = fields["run"], let producer = fields["producer"], Self.isName(run), Self.isName(producer),
            let sequence = fields["sequence"].flatMap({ Int($0) }), 0...Self.highest ~= sequence,
            let intended = fields["intended"].flatMap({ Int64($0) }), intended >= 0,
            let checksum = fields["crc"].flatMap({ UInt32($0, radix: 16) })
        else { return nil }
        var aborted = 0
        if let text = fields["aborted"] {
            guard let number = Int(text), 0...sequence ~= number else { return nil }
            aborted = number
        }
        self.init(
            run: String(run), producer: String(producer), sequence: sequence, intended: intended, checksum: checksum,
            aborted: aborted, isToBeAborted: isToBeAborted)
    }

    /// Whether a text can be a run's or a producer's: letters, digits, `.`, `_` and `-`, up to 64.
    package static func isName(_ text: some StringProtocol) -> Bool {
        1...64 ~= text.utf8.count
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
