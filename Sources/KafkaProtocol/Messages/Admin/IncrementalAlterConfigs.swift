// IncrementalAlterConfigs (key 44) sets, deletes, extends or shortens single settings (KIP-339).
//
// v1 flexible.

package struct IncrementalAlterConfigsRequest: WireStruct {
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
        package var configOperation: Int8 = 0
        package var value: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.int8("ConfigOperation", &configOperation)
            w.nullableString("Value", &value)
        }
    }
}

package struct IncrementalAlterConfigsResponse: WireStruct {
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
