package import Connector
package import HTTP

/// Where the gateway is and how to talk to it.
package struct OpenFaaSGatewayConfiguration: Sendable {
    package var endpoint: HTTPEndpoint
    /// How long a call of a function may take, from when there is a connection for it. Default 30 s.
    package var upstreamTimeout = Duration.seconds(30)
    /// How long a listing may take. Default 10 s.
    package var listingTimeout = Duration.seconds(10)
    /// How large a listing may be. Default 64 MiB: some 100,000 functions.
    package var listingBytes = 64 * 1024 * 1024
    /// Sent with listings, never with calls: the gateway leaves functions open. Default none.
    package var credentials: CredentialFiles?
    /// Calls at once, each on a connection of its own; more wait for their turn. Default 1024.
    package var maximumConnections = 1024
    /// Whom an `https` gateway is trusted by, and what it is shown. Default: the system's authorities, no certificate.
    package var tls = HTTPClientTLS()
    /// Whether a reply carries the gateway's `X-Call-Id`, for logs that show it. Default false.
    package var keepsCallIDs = false

    package init(endpoint: HTTPEndpoint) { self.endpoint = endpoint }

    /// Reads `gateway_url`, `upstream_timeout`, `basic_auth`, `secret_mount_path` and `gateway_*_file`.
    package init(_ settings: Settings) throws(SettingError) {
        let url = settings.string("gateway_url") ?? "http://gateway:8080"
        do throws(HTTPEndpointError) {
            self.init(endpoint: try HTTPEndpoint(url))
        } catch {
            var named = settings.error("gateway_url", accepted: "http://HOST[:PORT][/PATH], but \(error.reason)")
            // Without a password that may stand in it.
            named.value = error.url
            throw named
        }
        upstreamTimeout = try settings.duration("upstream_timeout", default: upstreamTimeout)
        if try settings.bool("basic_auth", default: false) {
            credentials = CredentialFiles(folder: settings.string("secret_mount_path") ?? "/var/secrets")
        }
        for name in ["gateway_ca_file", "gateway_cert_file", "gateway_key_file"] where endpoint.scheme != .https {
            if settings.string(name) != nil { throw settings.error(name, accepted: "with an https:// gateway_url") }
        }
        tls.authorities = settings.string("gateway_ca_file").map(PEM.file)
        if tls.authorities != nil { try check(tls, "gateway_ca_file", settings) }
        if let (certificate, key) = try settings.files("gateway_cert_file", "gateway_key_file") {
            tls.identity = HTTPIdentity(certificateChain: .file(certificate), privateKey: .file(key))
            try check(tls, "gateway_cert_file", settings)
        }
    }

    private func check(_ tls: HTTPClientTLS, _ name: String, _ settings: Settings) throws(SettingError) {
        do throws(HTTPTLSError) { try tls.check() } catch {
            throw settings.error(name, accepted: "a file of PEM, but \(error)")
        }
    }
}
