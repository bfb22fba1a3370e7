import Base64Coding

/// The client's messages of SCRAM, taken apart by RFC 5802 section 7. Nil is what the grammar does not have.
enum ScramMessages {
    struct ClientFirst {
        /// Up to the bare message; the final message repeats it in base 64.
        let gs2Header: String
        /// Empty if none was asked for.
        let authorizationID: String
        let user: String
        let nonce: String
        /// The message without the header, as it enters the proof.
        let bare: String

        init?(_ text: String) {
            let parts = ScramMessages.fields(of: text[...], maxSplits: 2)
            // `p=` asks for channel binding, which no mechanism here offers; `y` says that the client could.
            guard parts.count == 3, parts[0] == "n" || parts[0] == "y" else { return nil }
            guard parts[1].isEmpty || parts[1].hasPrefix("a=") else { return nil }
            let attributes = ScramMessages.fields(of: parts[2])
            // A mandatory extension (`m=`) would come first, and would have to be refused.
            guard attributes.count >= 2, attributes[0].hasPrefix("n="), attributes[1].hasPrefix("r=") else {
                return nil
            }
            guard let authorizationID = ScramMessages.name(parts[1].dropFirst(2)),
                let user = ScramMessages.name(attributes[0].dropFirst(2)), !user.isEmpty,
                ScramMessages.isNonce(attributes[1].dropFirst(2))
            else { return nil }
            guard attributes.dropFirst(2).allSatisfy(ScramMessages.isExtension) else { return nil }
            gs2Header = "\(parts[0]),\(parts[1]),"
            self.authorizationID = authorizationID
            self.user = user
            nonce = String(attributes[1].dropFirst(2))
            bare = String(parts[2])
        }
    }

    struct ClientFinal {
        let channelBinding: [UInt8]
        let nonce: String
        let proof: [UInt8]
        /// The message without its proof, as it enters the proof.
        let withoutProof: String

        init?(_ text: String) {
            let attributes = ScramMessages.fields(of: text[...])
            guard attributes.count >= 3, attributes[0].hasPrefix("c="), attributes[1].hasPrefix("r="),
                let last = attributes.last, last.hasPrefix("p=")
            else { return nil }
            guard attributes.dropFirst(2).dropLast().allSatisfy(ScramMessages.isExtension),
                let channelBinding = Base64.decode(attributes[0].dropFirst(2).utf8),
                let proof = Base64.decode(last.dropFirst(2).utf8)
            else { return nil }
            self.channelBinding = channelBinding
            nonce = String(attributes[1].dropFirst(2))
            self.proof = proof
            withoutProof = attributes.dropLast().joined(separator: ",")
        }
    }

    /// A name in which `=2C` stands for a comma and `=3D` for an equals sign; no other use of `=` is allowed.
    static func name(_ text: Substring) -> String? {
        let parts = text.utf8.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
        var name = parts.first.map { String(Substring($0)) } ?? ""
        for part in parts.dropFirst() {
            if part.starts(with: "2C".utf8) {
                name += ","
            } else if part.starts(with: "3D".utf8) {
                name += "="
            } else {
                return nil
            }
            name += Substring(part.dropFirst(2))
        }
        return name
    }

    /// Cut at commas as bytes, for a comma with an accent is one character to Swift.
    static func fields(of text: Substring, maxSplits: Int = .max) -> [Substring] {
        text.utf8.split(separator: UInt8(ascii: ","), maxSplits: maxSplits, omittingEmptySubsequences: false)
            .map { Substring($0) }
    }

    private static func isNonce(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
    }

    private static func isExtension(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8.prefix(2))
        guard bytes.count == 2, bytes[1] == UInt8(ascii: "="), text.utf8.count > 2 else { return false }
        // `m` is reserved for extensions that one must understand.
        return bytes[0] != UInt8(ascii: "m") && (0x41...0x5A ~= bytes[0] || 0x61...0x7A ~= bytes[0])
    }
}
