import AdminProtocol
import ArgumentParser

/// What `mailshim check --live` found of one thing.
struct LiveCheck {
    enum State: String { case ok, warn, fail }

    let name: String
    let state: State
    let detail: String

    init(_ name: String, _ state: State, _ detail: String) { (self.name, self.state, self.detail) = (name, state, detail) }

    /// Only what keeps Mailshim from running is one.
    var exitCode: ExitCode { self.state == .fail ? .unavailable : .success }

    var line: String {
        let mark =
            switch self.state {
            case .ok: "ok  "
            case .warn: "WARN"
            case .fail: "FAIL"
            }
        return "  \(mark)  \(self.name.padded(to: 14))  \(self.detail)"
    }

    /// The names of its members are a promise.
    var json: JSON { ["name": .string(self.name), "state": .string(self.state.rawValue), "detail": .string(self.detail)] }
}
