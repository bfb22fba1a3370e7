// ApiVersions (key 18) tells which versions of which requests a broker speaks.
//
// v3 flexible, client name and version (KIP-511), features (KIP-584). The reply's header is v0 always. v4 allows
// features whose lowest version is 0.

package struct ApiVersionsRequest: WireStruct {
    package var clientSoftwareName = ""
    package var clientSoftwareVersion = ""

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("ClientSoftwareName", &clientSoftwareName, since: 3)
        w.string("ClientSoftwareVersion", &clientSoftwareVersion, since: 3)
    }
}

package struct ApiVersionsResponse: WireStruct {
    package var errorCode: ErrorCode = .none
    package var apiKeys: [ApiVersion] = []
    package var throttleTimeMs: Int32 = 0
    package var supportedFeatures: [SupportedFeatureKey] = []
    package var finalizedFeaturesEpoch: Int64 = -1
    package var finalizedFeatures: [FinalizedFeatureKey] = []
    package var zkMigrationReady = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.errorCode("ErrorCode", &errorCode)
        w.array("ApiKeys", &apiKeys)
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 1)
    }

    package mutating func wireTags(_ w: inout some WireCoder) {
        w.tag(0, "SupportedFeatures", &supportedFeatures, since: 3)
        w.tag(1, "FinalizedFeaturesEpoch", &finalizedFeaturesEpoch, since: 3, default: -1)
        w.tag(2, "FinalizedFeatures", &finalizedFeatures, since: 3)
        w.tag(3, "ZkMigrationReady", &zkMigrationReady, since: 3)
    }

    package struct ApiVersion: WireStruct {
        package var apiKey: Int16 = 0
        package var minVersion: Int16 = 0
        package var maxVersion: Int16 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int16("ApiKey", &apiKey)
            w.int16("MinVersion", &minVersion)
            w.int16("MaxVersion", &maxVersion)
        }
    }

    package struct SupportedFeatureKey: WireStruct {
        package var name = ""
        package var minVersion: Int16 = 0
        package var maxVersion: Int16 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.int16("MinVersion", &minVersion)
            w.int16("MaxVersion", &maxVersion)
        }
    }

    package struct FinalizedFeatureKey: WireStruct {
        package var name = ""
        package var maxVersionLevel: Int16 = 0
        package var minVersionLevel: Int16 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.int16("MaxVersionLevel", &maxVersionLevel)
            w.int16("MinVersionLevel", &minVersionLevel)
        }
    }
}
