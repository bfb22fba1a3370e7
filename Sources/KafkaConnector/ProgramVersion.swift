/// The version of this package's programs, which their `--version` prints; the images' tags are from setup/VERSION,
/// which a test compares.
package enum ProgramVersion {
    package static let current = "0.1.0"
}
