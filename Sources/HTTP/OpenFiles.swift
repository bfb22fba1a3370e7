#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How many files and sockets the process may have open: each connection is one, and shells often hand out 1,024.
package enum OpenFiles {
    /// Raises the limit to `files`, or as far as the system's administrator allows. Programs in Go raise it that far at
    /// their start: the limit at first is for those that use `select`.
    ///
    /// - Returns: How many it may have open now.
    @discardableResult
    package static func allow(_ files: Int = .max) -> Int {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard unsafe getrlimit(resource, &limit) == 0 else { return 0 }
        if limit.rlim_cur < rlim_t(files) {
            limit.rlim_cur = min(limit.rlim_max, rlim_t(files))
            unsafe _ = setrlimit(resource, &limit)
        }
        return Int(clamping: limit.rlim_cur)
    }
}
