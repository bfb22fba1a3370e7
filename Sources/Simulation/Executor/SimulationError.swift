/// Why a simulated run could not end.
public enum SimulationError: Error, Equatable, CustomStringConvertible {
    /// Nothing is ready, nobody sleeps, and the body has not returned.
    case stuck(at: Duration)
    case tooManySteps(limit: Int)
    /// A job was put on an executor of the machine's, such as an unstructured task, or came back from one. Holds the
    /// calls that led there, innermost first.
    case escaped(String)

    public var description: String {
        switch self {
        case .stuck(let time):
            """
            the simulation is stuck at \(time) of virtual time: no job is ready and no timer is set, but the body has \
            not returned; a task waits for something that never comes, or left for where no seed decides (Task.sleep, \
            or an actor with an executor of its own)
            """
        case .tooManySteps(let limit):
            "the simulation did not end within \(limit) steps; raise stepLimit, or look for a loop that never sleeps"
        case .escaped(let origin):
            """
            a job left the simulation for the machine's own executor, where no seed decides its turn; use a child task \
            of a group in place of Task {}, and the simulation's clock in place of Task.sleep. It came from:
            \(origin)
            """
        }
    }
}
