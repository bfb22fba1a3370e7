internal import SwiftASN1
internal import X509

/// A certificate's subject as Kafka writes it in principals: RFC 2253 in the way of Java's `X500Principal`, the last
/// part first, no blanks, and a number instead of a name for what RFC 2253 does not name.
enum X500Name {
    static func text(_ name: DistinguishedName) -> String {
        name.reversed().map { part in part.map(text).joined(separator: "+") }.joined(separator: ",")
    }

    private static func text(_ attribute: RelativeDistinguishedName.Attribute) -> String {
        if let keyword = keyword(attribute.type), let value = String(attribute.value) {
            return "\(keyword)=\(escaped(value))"
        }
        var serializer = DER.Serializer()
        let bytes = (try? serializer.serialize(ASN1Any(attribute.value))).map { serializer.serializedBytes } ?? []
        let hex = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return "\(attribute.type)=#\(hex)"
    }

    private static func keyword(_ type: ASN1ObjectIdentifier) -> String? {
        switch type {
        case .RDNAttributeType.commonName: "CN"
        case .RDNAttributeType.countryName: "C"
        case .RDNAttributeType.localityName: "L"
        case .RDNAttributeType.stateOrProvinceName: "ST"
        case .RDNAttributeType.organizationName: "O"
        case .RDNAttributeType.organizationalUnitName: "OU"
        case .RDNAttributeType.streetAddress: "STREET"
        case .RDNAttributeType.domainComponent: "DC"
        case [0, 9, 2342, 19_200_300, 100, 1, 1]: "UID"
        default: nil
        }
    }

    /// With a backslash before each sign that means something, and before blanks at either end.
    static func escaped(_ value: String) -> String {
        let scalars = Array(value.unicodeScalars)
        let inner = scalars.drop { $0 == " " }.reversed().drop { $0 == " " }.count
        let leading = scalars.prefix { $0 == " " }.count
        var text = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            let isOuterBlank = scalar == " " && !(leading..<(leading + inner)).contains(index)
            let isSpecial = [",", "+", "\"", "\\", "<", ">", ";"].contains(scalar) || (index == 0 && scalar == "#")
            if isOuterBlank || isSpecial { text.append("\\") }
            text.append(scalar)
        }
        return String(text)
    }
}
