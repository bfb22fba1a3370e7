// Decides which certificates are kept, and whether one may be fetched. A value: it calls nothing and waits for nothing.
//
// Anybody who knows the endpoint can name certificates that nobody has seen, so what is fetched is bounded in time,
// and what could not be trusted is not fetched again for a while.

import OrderedCollections

struct CertificateCacheLimits: Equatable, Sendable {
    var certificates = 16
    /// How long a certificate is used before it is fetched again.
    var lifetime = Duration.seconds(24 * 3600)
    /// How long what was refused is remembered.
    var refusalLifetime = Duration.seconds(300)
    /// Fetches at once, after a pause.
    var fetches = 8
    /// One more fetch for each of these.
    var fetchInterval = Duration.seconds(15)
    /// Messages that wait for a certificate.
    var waiting = 64
}

struct CertificateCache {
    enum Answer {
        case found(SigningCertificate)
        case refused(Refusal)
        case fetch
        case tooManyFetches
    }

    private struct Entry {
        let result: Result<SigningCertificate, Refusal>
        let end: Duration
    }

    private let limits: CertificateCacheLimits
    /// The longest unused first.
    private var entries: OrderedDictionary<AllowedURL, Entry> = [:]
    private var fetchesLeft: Int
    private var lastRefill = Duration.zero

    init(_ limits: CertificateCacheLimits) {
        self.limits = limits
        fetchesLeft = limits.fetches
    }

    var count: Int { entries.count }

    /// `fetch` takes one of the fetches that are left.
    mutating func find(_ url: AllowedURL, now: Duration) -> Answer {
        if let entry = entries.removeValue(forKey: url), now < entry.end {
            entries[url] = entry
            switch entry.result {
            case .success(let certificate): return .found(certificate)
            case .failure(let refusal): return .refused(refusal)
            }
        }
        refill(now)
        guard fetchesLeft > 0 else { return .tooManyFetches }
        fetchesLeft -= 1
        return .fetch
    }

    private mutating func refill(_ now: Duration) {
        guard fetchesLeft < limits.fetches else {
            lastRefill = now
            return
        }
        while lastRefill + limits.fetchInterval <= now, fetchesLeft < limits.fetches {
            lastRefill += limits.fetchInterval
            fetchesLeft += 1
        }
    }

    mutating func store(_ url: AllowedURL, _ result: Result<SigningCertificate, Refusal>, now: Duration) {
        let lifetime: Duration
        switch result {
        case .success: lifetime = limits.lifetime
        // A server that is away is asked again by the next message.
        case .failure(let refusal) where refusal.reason == .busy: return
        case .failure: lifetime = limits.refusalLifetime
        }
        entries[url] = nil
        entries[url] = Entry(result: result, end: now + lifetime)
        while entries.count > limits.certificates {
            // What was refused goes first, so that nobody pushes good ones out with bad ones.
            let index = entries.values.firstIndex { if case .failure = $0.result { true } else { false } } ?? 0
            entries.remove(at: index)
        }
    }
}
