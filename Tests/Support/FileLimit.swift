#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Lets this process open as many files as the system allows it, up to `files`: shells often hand out 1,024.
/// Returns how many it may open now.
@discardableResult
package func allowOpenFiles(_ files: Int) -> Int {
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
