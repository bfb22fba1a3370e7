package import NIOCore

// SaslAuthenticate (key 36) carries one token of a SASL exchange (KIP-152).
//
// v1 how long the session may last (KIP-368); v2 flexible.

package struct SaslAuthenticateRequest: WireStruct {
    package var authBytes = ByteBuffer()

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.bytes("AuthBytes", &authBytes)
    }
}

package struct SaslAuthenticateResponse: WireStruct {
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var authBytes = ByteBuffer()
    package var sessionLifetimeMs: Int64 = 0

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.bytes("AuthBytes", &authBytes)
        w.int64("SessionLifetimeMs", &sessionLifetimeMs, since: 1)
    }
}
