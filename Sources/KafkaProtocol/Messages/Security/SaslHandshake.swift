// SaslHandshake (key 17) agrees on a SASL mechanism.
//
// v0 bare tokens follow; v1 tokens travel in SaslAuthenticate requests (KIP-152). There is no flexible version.

package struct SaslHandshakeRequest: WireStruct {
    package var mechanism = ""

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("Mechanism", &mechanism)
    }
}

package struct SaslHandshakeResponse: WireStruct {
    package var errorCode: ErrorCode = .none
    package var mechanisms: [String] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.errorCode("ErrorCode", &errorCode)
        w.array("Mechanisms", &mechanisms)
    }
}
