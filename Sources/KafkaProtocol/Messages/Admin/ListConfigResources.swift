// ListConfigResources (key 74) names the resources that have settings.
//
// v0 knew client metrics only (KIP-714); v1 any type (KIP-1142).

package struct ListConfigResourcesRequest: WireStruct {
    package var resourceTypes: [Int8] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("ResourceTypes", &resourceTypes, since: 1)
    }
}

package struct ListConfigResourcesResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var configResources: [ConfigResource] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.array("ConfigResources", &configResources)
    }

    package struct ConfigResource: WireStruct {
        package var resourceName = ""
        package var resourceType: Int8 = 16

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("ResourceName", &resourceName)
            w.int8("ResourceType", &resourceType, since: 1)
        }
    }
}
