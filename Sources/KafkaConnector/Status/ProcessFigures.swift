import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the operating system says of this process, by the names of Prometheus's client libraries.
package struct ProcessFigures {
    /// User and system time.
    package let cpuSeconds: Double
    package let residentBytes: Int

    /// `nil` where there is no /proc.
    static var current: ProcessFigures? {
        guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8) else { return nil }
        return ProcessFigures(
            stat: stat, ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)), pageBytes: sysconf(Int32(_SC_PAGESIZE)))
    }

    /// - Parameter stat: A line of /proc/PID/stat, see proc(5); the program's name in it may hold anything.
    package init?(stat: String, ticksPerSecond: Int, pageBytes: Int) {
        guard let name = stat.lastIndex(of: ")"), ticksPerSecond > 0 else { return nil }
        // From the third field on.
        let fields = stat[name...].dropFirst().split(separator: " ")
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let pages = Int32(fields[21])
        else { return nil }
        cpuSeconds = (user + system) / Double(ticksPerSecond)
        residentBytes = Int(pages) * pageBytes
    }
}
