import HTTP
import NIOHTTP1

extension GatewayState {
    /// 401 in the words of the real gateway for users without the right credentials; `nil` for others.
    func refusal(_ request: HTTPServerRequest) -> HTTPServerReply? {
        guard let auth = settings.basicAuth else { return nil }
        let credentials = BasicCredentials(user: auth.user, password: auth.password)
        return credentials.match(request.headers.first(name: "Authorization")) ? nil : .unauthorized
    }
}
