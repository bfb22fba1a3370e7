internal import KafkaProtocol

// AlterConfigs (key 33): all settings of a resource at once; what is not named goes back to its default.

extension Cluster {
    mutating func alterConfigs(_ request: AlterConfigsRequest, _ context: RequestContext, effects: inout Effects) {
        var response = AlterConfigsResponse()
        for asked in request.resources {
            var answer = AlterConfigsResponse.AlterConfigsResourceResponse()
            answer.resourceType = asked.resourceType
            answer.resourceName = asked.resourceName
            do throws(ConfigRefusal) {
                let type = try configResource(asked.resourceType, asked.resourceName, .alterConfigs, context)
                guard type != .brokerLogger else {
                    throw ConfigRefusal(
                        code: .invalidRequest, message: "Loggers are changed by IncrementalAlterConfigs only.")
                }
                // Null is the default, as if it were not named.
                let changes = asked.configs.filter { $0.value != nil }.map { config in
                    ConfigChange(name: config.name, operation: .set, value: config.value)
                }
                try changeConfigs(
                    type, asked.resourceName, changes, replacing: true, validateOnly: request.validateOnly)
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message
            }
            response.responses.append(answer)
        }
        let firstError = response.responses.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .alterConfigs(response), error: firstError, effects: &effects)
    }
}

extension AlterConfigsResponse {
    init(refusing request: AlterConfigsRequest, with error: ErrorCode) {
        self.init()
        responses = request.resources.map { resource in
            var answer = AlterConfigsResourceResponse()
            answer.resourceType = resource.resourceType
            answer.resourceName = resource.resourceName
            answer.errorCode = error
            return answer
        }
    }
}
