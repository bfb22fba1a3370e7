internal import KafkaProtocol

// ListConfigResources (key 74): the names of what has settings. Version 0 knows client metrics only.

extension Cluster {
    mutating func listConfigResources(
        _ request: ListConfigResourcesRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = ListConfigResourcesResponse()
        var types = request.resourceTypes.compactMap(ConfigResourceType.init)
        if types.count != request.resourceTypes.count {
            response.errorCode = .unsupportedVersion
        } else {
            if types.isEmpty { types = context.listsAllTypes ? ConfigResourceType.allCases : [.clientMetrics] }
            for type in ConfigResourceType.allCases where types.contains(type) {
                for name in names(type) {
                    var resource = ListConfigResourcesResponse.ConfigResource()
                    resource.resourceType = type.rawValue
                    resource.resourceName = name
                    response.configResources.append(resource)
                }
            }
        }
        reply(to: context, .listConfigResources(response), error: response.errorCode, effects: &effects)
    }

    private func names(_ type: ConfigResourceType) -> [String] {
        switch type {
        case .topic: topics.allNames
        case .broker, .brokerLogger: brokers.ids.map { "\($0)" }
        case .clientMetrics, .group: configs.names(type)
        }
    }
}

extension RequestContext {
    fileprivate var listsAllTypes: Bool { apiVersion >= 1 }
}

extension ListConfigResourcesResponse {
    init(refusing request: ListConfigResourcesRequest, with error: ErrorCode) {
        self.init()
        errorCode = error
    }
}
