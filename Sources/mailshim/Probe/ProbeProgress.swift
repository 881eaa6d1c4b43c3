import Glibc
import SMTPWire

/// One line on standard error, where that is a terminal: what is being waited for.
final class ProbeProgress {
    private let isShown: Bool

    init() { self.isShown = isatty(STDERR_FILENO) == 1 }

    func show(_ connection: Int, _ what: String) {
        let shown = what.count > 60 ? what.prefix(59) + "…" : what[...]
        self.write("\r\u{1B}[Kconnection \(connection): waiting for \(String(shown).printable)")
    }

    func clear() { self.write("\r\u{1B}[K") }

    private func write(_ text: String) {
        guard self.isShown else { return }
        var bytes = Array(text.utf8)
        _ = Glibc.write(STDERR_FILENO, &bytes, bytes.count)
    }
}
