internal import Crdkafka

package enum MessageMemory {
    /// Keeps the memory of messages that were acknowledged for those to come, in a process that produces and does
    /// little else. By itself glibc gives it back to the system, page by page, and has a heap for each thread, though
    /// one thread frees what another asked for.
    ///
    /// To be called before there are threads.
    package static func keep() {
        #if canImport(Glibc)
            _ = mallopt(M_ARENA_MAX, 1)
            _ = mallopt(M_TRIM_THRESHOLD, 256 << 20)
            _ = mallopt(M_TOP_PAD, 1 << 20)
            // As high as it rises by itself, which it no longer does once one of these is set.
            _ = mallopt(M_MMAP_THRESHOLD, 32 << 20)
        #endif
    }
}
