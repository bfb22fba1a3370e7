import Foundation
import TestSupport
import Testing

/// How the clients' scripts wait: clients/patience.py.
@Suite struct PatienceTests {
    @Test func `a machine that stands still takes no more than a step from a script's patience`() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "clients").path()
        let script = """
            import sys, time
            sys.path.insert(0, sys.argv[1])
            from patience import Patience
            now = 0.0
            time.monotonic = lambda: now
            patience = Patience(20)
            lasted = []
            for passed in (100, 5, 4, 5, 2):
                now += passed
                lasted.append(patience.lasts())
            print(lasted)
            """
        let python = ProcessInfo.processInfo.environment["PYTHON"] ?? "python3"
        let output = try await Command.run([python, "-B", "-c", script, folder])
        #expect(output.text == "[True, True, True, True, False]\n", "\(output.errors)")
    }
}
