// UpdateFeatures (key 57) raises or lowers the cluster's feature levels (KIP-584).
//
// v1 upgrade types and validate only (KIP-778); v2 one error instead of one per feature.

package struct UpdateFeaturesRequest: WireStruct {
    package var timeoutMs: Int32 = 60000
    package var featureUpdates: [FeatureUpdateKey] = []
    package var validateOnly = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("timeoutMs", &timeoutMs)
        w.array("FeatureUpdates", &featureUpdates)
        w.bool("ValidateOnly", &validateOnly, since: 1)
    }

    package struct FeatureUpdateKey: WireStruct {
        package var feature = ""
        package var maxVersionLevel: Int16 = 0
        package var allowDowngrade = false
        package var upgradeType: Int8 = 1

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Feature", &feature)
            w.int16("MaxVersionLevel", &maxVersionLevel)
            w.bool("AllowDowngrade", &allowDowngrade, through: 0)
            w.int8("UpgradeType", &upgradeType, since: 1)
        }
    }
}

package struct UpdateFeaturesResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var results: [UpdatableFeatureResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.array("Results", &results, through: 1)
    }

    package struct UpdatableFeatureResult: WireStruct {
        package var feature = ""
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Feature", &feature)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
        }
    }
}
