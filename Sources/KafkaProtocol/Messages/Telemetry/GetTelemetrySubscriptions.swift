// GetTelemetrySubscriptions (key 71) asks which metrics a client shall push (KIP-714).

package struct GetTelemetrySubscriptionsRequest: WireStruct {
    package var clientInstanceID: UniqueID = .zero

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.uuid("ClientInstanceId", &clientInstanceID)
    }
}

package struct GetTelemetrySubscriptionsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var clientInstanceID: UniqueID = .zero
    package var subscriptionID: Int32 = 0
    package var acceptedCompressionTypes: [Int8] = []
    package var pushIntervalMs: Int32 = 0
    package var telemetryMaxBytes: Int32 = 0
    package var deltaTemporality = false
    package var requestedMetrics: [String] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.uuid("ClientInstanceId", &clientInstanceID)
        w.int32("SubscriptionId", &subscriptionID)
        w.array("AcceptedCompressionTypes", &acceptedCompressionTypes)
        w.int32("PushIntervalMs", &pushIntervalMs)
        w.int32("TelemetryMaxBytes", &telemetryMaxBytes)
        w.bool("DeltaTemporality", &deltaTemporality)
        w.array("RequestedMetrics", &requestedMetrics)
    }
}
