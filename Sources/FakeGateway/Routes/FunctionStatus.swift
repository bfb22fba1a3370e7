import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections

// /system/function/{name}: one function, as the listing shows it.

extension GatewayState {
    func functionStatus(_ name: Substring, _ request: HTTPServerRequest, _ target: Target) -> HTTPServerReply {
        guard request.method == .GET else { return .methodNotAllowed }
        let namespace = target.namespace ?? defaultNamespace
        if let refusal = refusal(ofNamespace: namespace) { return refusal }
        let key = FunctionKey(name: String(name), namespace: namespace)
        guard let function = functions[key] else { return HTTPServerReply(status: 404) }
        return .json(status(key, function))
    }
}
