// The way of a request: through the gate, to the certificate that its signature needs, and to its end: the inbox, or
// the confirmation of a subscription.

import Connector
import HTTP
import Logging
import NIOCore
import Synchronization

/// A signed message that waits for the certificate to check it with.
struct PendingMessage: Sendable {
    let message: SNSMessage
    let exchange: HTTPServerExchange
}

/// Answers the requests of one source.
struct SNSEndpoint: HTTPServerHandler {
    let source: SNSSource

    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) { source.handle(request, exchange) }
}

extension SNSSource {
    /// A certificate's file, in bytes; an answer to a confirmation.
    private static let fetchLimit = 64 << 10
    private static let fetchTimeout = Duration.seconds(5)
    private static let confirmations = 8

    /// On the loop.
    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
        state.withLock { $0.statistics.requests += 1 }
        do throws(Refusal) {
            switch try gate.judge(request, now: wallClock()) {
            case .raw(let delivery): offer(delivery, exchange)
            case .signed(let message, let url):
                let pending = PendingMessage(message: message, exchange: exchange)
                if let certificate = try certificate(at: url, for: pending) { try check(pending, with: certificate) }
            }
        } catch {
            refuse(exchange, error)
        }
    }

    private func refuse(_ exchange: HTTPServerExchange, _ refusal: Refusal) {
        state.withLock { $0.statistics.refusals[refusal.reason, default: 0] += 1 }
        logger.debug("Refused a request", metadata: ["reason": "\(refusal)"])
        var reply = HTTPServerReply(status: refusal.status, text: "\(refusal.detail)\n")
        switch refusal.status {
        case 401: reply.headers.append(("WWW-Authenticate", "Basic realm=\"sns\""))
        case 405: reply.headers.append(("Allow", "POST"))
        default: break
        }
        exchange.reply(reply)
    }

    // MARK: Certificates

    fileprivate enum Lookup {
        case found(SigningCertificate)
        case fetch
        /// Somebody fetches it already.
        case wait
        case refuse(Refusal)
    }

    /// `nil` if the message waits for the certificate to be fetched.
    private func certificate(at url: AllowedURL, for message: PendingMessage) throws(Refusal) -> SigningCertificate? {
        switch state.withLock({ $0.lookUp(url, for: message, now: time.now) }) {
        case .found(let certificate): return certificate
        case .refuse(let refusal): throw refusal
        case .wait: return nil
        case .fetch:
            Task { await self.fetch(url) }
            return nil
        }
    }

    private func fetch(_ url: AllowedURL) async {
        let result = await Result<SigningCertificate, Refusal>(catchingRefusal: { () async throws(Refusal) in
            let body: [UInt8]
            do {
                let answer = try await fetcher.get(url, limit: Self.fetchLimit, timeout: Self.fetchTimeout)
                guard answer.status == 200 else { throw FetchFailure(status: answer.status) }
                body = answer.body
            } catch {
                logger.warning("No certificate from \(url): \(error)")
                throw Refusal(503, .busy, "the signing certificate could not be fetched")
            }
            return try await SigningCertificate(
                pem: body, names: configuration.certificateNames, trust: configuration.signingTrust)
        })
        if case .failure(let refusal) = result { logger.warning("\(url): \(refusal.detail)") }
        // In one turn of the loop, so that no later message finds the certificate before those that waited for it.
        eventLoop.execute { [self] in
            let waiting = state.withLock { state in
                state.certificates.store(url, result, now: time.now)
                return state.pending.removeValue(forKey: url) ?? []
            }
            for message in waiting { finish(message, result) }
        }
    }

    private struct FetchFailure: Error { let status: Int }

    private func finish(_ pending: PendingMessage, _ result: Result<SigningCertificate, Refusal>) {
        do throws(Refusal) { try check(pending, with: try result.get()) } catch { refuse(pending.exchange, error) }
    }

    // MARK: Messages

    /// What is below has been signed by SNS.
    private func check(_ pending: PendingMessage, with certificate: SigningCertificate) throws(Refusal) {
        guard certificate.isValid(atSeconds: wallClock() / 1000) else {
            throw SigningCertificate.untrusted("it is not valid now")
        }
        guard certificate.signed(pending.message) else {
            throw Refusal(403, .forged, "the signature is not that of the message")
        }
        let message = pending.message
        switch message.kind {
        case .notification: offer(SNSDelivery(message), pending.exchange)
        case .subscriptionConfirmation: try confirm(message, pending.exchange)
        case .unsubscribeConfirmation:
            // Its URL would subscribe again.
            logger.notice("SNS has ended the subscription to \(message.topic)")
            tell(.transientFailure("SNS has ended the subscription to \(message.topic)"))
            pending.exchange.reply(HTTPServerReply(status: 200, text: ""))
        }
    }

    private func offer(_ delivery: SNSDelivery, _ exchange: HTTPServerExchange) {
        guard exchange.isOpen else { return }
        let (ticket, offer) = state.withLock { state in
            state.lastTicket += 1
            let offer = state.inbox.offer(delivery, state.lastTicket, now: time.now)
            switch offer {
            case .waiting: state.exchanges[state.lastTicket] = exchange
            case .duplicate: state.statistics.duplicates += 1
            case .answered: state.statistics.refusals[.busy, default: 0] += 1
            }
            return (state.lastTicket, offer)
        }
        switch offer {
        case .waiting:
            exchange.whenAbandoned { [weak self] in self?.abandon(ticket) }
            handOut()
        case .answered(let status), .duplicate(let status):
            exchange.reply(HTTPServerReply(status: status, text: ""))
        }
    }

    private func abandon(_ ticket: Ticket) {
        state.withLock { state in
            state.exchanges[ticket] = nil
            state.inbox.abandon(ticket)
        }
    }

    // MARK: Subscriptions

    /// Visits the URL once; SNS asks again if that failed.
    private func confirm(_ message: SNSMessage, _ exchange: HTTPServerExchange) throws(Refusal) {
        let key = MessageKey(topic: message.topic.description, messageID: message.messageID)
        let url = try gate.hosts.confirmation(of: message)
        enum Step { case visit, done, busy }
        let step = state.withLock { state -> Step in
            if state.inbox.isDone(key) {
                state.statistics.duplicates += 1
                return .done
            }
            guard state.confirming.count < Self.confirmations, state.confirming.insert(key).inserted else {
                return .busy
            }
            state.statistics.confirmationFetches += 1
            return .visit
        }
        switch step {
        case .done: exchange.reply(HTTPServerReply(status: 200, text: ""))
        case .busy: throw Refusal(503, .busy, "subscriptions are being confirmed")
        case .visit: Task { await self.confirm(message, key, at: url, exchange) }
        }
    }

    private func confirm(
        _ message: SNSMessage, _ key: MessageKey, at url: AllowedURL, _ exchange: HTTPServerExchange
    ) async {
        // Its query holds the token.
        var failure: String?
        do {
            let answer = try await fetcher.get(url, limit: Self.fetchLimit, timeout: Self.fetchTimeout)
            if !(200..<300).contains(answer.status) { failure = "status \(answer.status)" }
        } catch {
            failure = "\(error)"
        }
        state.withLock { state in
            state.confirming.remove(key)
            guard failure == nil else { return }
            state.statistics.confirmed += 1
            state.inbox.remember(key, now: time.now)
        }
        if let failure {
            logger.warning("The subscription to \(message.topic) could not be confirmed: \(failure)")
            tell(.transientFailure("the subscription to \(message.topic) could not be confirmed: \(failure)"))
        } else {
            logger.notice("The subscription to \(message.topic) is confirmed")
        }
        let status = failure == nil ? 200 : 503
        eventLoop.execute { exchange.reply(HTTPServerReply(status: status, text: "")) }
    }
}

extension SNSSource.State {
    fileprivate mutating func lookUp(_ url: AllowedURL, for message: PendingMessage, now: Duration) -> SNSSource.Lookup
    {
        if pending[url] != nil {
            guard pending.values.reduce(0, { $0 + $1.count }) < CertificateCacheLimits().waiting else {
                return .refuse(Refusal(503, .busy, "too many messages wait for certificates"))
            }
            pending[url]?.append(message)
            return .wait
        }
        switch certificates.find(url, now: now) {
        case .found(let certificate): return .found(certificate)
        case .refused(let refusal): return .refuse(refusal)
        case .tooManyFetches: return .refuse(Refusal(503, .busy, "too many certificates were asked for"))
        case .fetch:
            pending[url] = [message]
            statistics.certificateFetches += 1
            return .fetch
        }
    }
}

extension Result {
    fileprivate init(catchingRefusal body: () async throws(Failure) -> Success) async {
        do throws(Failure) { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
