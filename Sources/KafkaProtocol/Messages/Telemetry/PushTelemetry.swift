package import NIOCore

// PushTelemetry (key 72) carries a client's metrics, in OTLP (KIP-714).

package struct PushTelemetryRequest: WireStruct {
    package var clientInstanceID: UniqueID = .zero
    package var subscriptionID: Int32 = 0
    package var terminating = false
    package var compressionType: Int8 = 0
    package var metrics = ByteBuffer()

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.uuid("ClientInstanceId", &clientInstanceID)
        w.int32("SubscriptionId", &subscriptionID)
        w.bool("Terminating", &terminating)
        w.int8("CompressionType", &compressionType)
        w.bytes("Metrics", &metrics)
    }
}

package struct PushTelemetryResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
    }
}
