// AlterConfigs (key 33) replaces all settings of a resource; IncrementalAlterConfigs changes some.
//
// v2 flexible.

package struct AlterConfigsRequest: WireStruct {
    package var resources: [AlterConfigsResource] = []
    package var validateOnly = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Resources", &resources)
        w.bool("ValidateOnly", &validateOnly)
    }

    package struct AlterConfigsResource: WireStruct {
        package var resourceType: Int8 = 0
        package var resourceName = ""
        package var configs: [AlterableConfig] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int8("ResourceType", &resourceType)
            w.string("ResourceName", &resourceName)
            w.array("Configs", &configs)
        }
    }

    package struct AlterableConfig: WireStruct {
        package var name = ""
        package var value: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.nullableString("Value", &value)
        }
    }
}

package struct AlterConfigsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var responses: [AlterConfigsResourceResponse] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Responses", &responses)
    }

    package struct AlterConfigsResourceResponse: WireStruct {
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?
        package var resourceType: Int8 = 0
        package var resourceName = ""

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
            w.int8("ResourceType", &resourceType)
            w.string("ResourceName", &resourceName)
        }
    }
}
