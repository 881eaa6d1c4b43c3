import NIOCore
import QuirkKit
import SMTPWire

/// Mail data that a host cannot take as it is, on its way out (`fold-long-lines`, `final-blank-line`). What goes as `BDAT` cannot be altered, since its
/// length was said: to a host with a filter content goes as DATA.
extension Session {
    /// 354 came: from here to the end the same filters hold.
    mutating func beginFilters() {
        let content = self.workarounds.content
        self.transaction?.filters = content.isEmpty ? nil : ContentFilters(content)
    }

    /// Mail data, filtered where there are filters.
    mutating func writeData(_ content: ByteBuffer) {
        guard var filters = self.transaction?.filters else { return self.writeFiltered(content) }
        // So that its line is not copied.
        self.transaction?.filters = nil
        let filtered = filters.pass(content)
        self.transaction?.filters = filters
        self.writeFiltered(filtered)
    }

    /// What the filters still hold goes before the end.
    mutating func endFilters() {
        guard var filters = self.transaction?.filters else { return }
        let rest = filters.end()
        self.transaction?.filters = nil
        self.writeFiltered(rest)
        for filter in self.workarounds.content {
            guard let did = filters.did(filter), let quirk = self.quirk(of: filter) else { continue }
            if self.transaction?.quirks.contains(quirk) == false { self.use(quirk) }
            self.log(
                .quirk(name: quirk, connection: self.remote.connection.number, did: did, because: "known of this host"))
        }
    }

    private func quirk(of filter: ContentFilter) -> String? {
        self.remote.layers.parts.first { $0.workarounds.content.contains(filter) }?.quirk
    }
}
