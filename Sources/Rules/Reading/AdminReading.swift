extension AdminSettings {
    mutating func read(_ table: Fields) {
        if let field = table["socket"], let text = field.string("the path of a socket, or \"off\"") { self.read(socket: text, field) }
        if let field = table["http"], let text = field.string("an address of loopback and a port, like \"127.0.0.1:2580\"; or \"off\"") {
            self.read(http: text, field)
        }
        table.finish()
    }

    private mutating func read(socket text: String, _ field: Field) {
        self.isSocketWritten = true
        guard text != "off" else { return self.socket = nil }
        guard text.hasPrefix("/") else {
            let hint = Similar.hint(for: text, among: ["off"], otherwise: "; write it from the root, like \"\(Self.standardSocket)\"")
            return field.fault("\(TOMLKey.quoted(text)) is no absolute path" + hint)
        }
        // unix(7) has room for 107, and the socket is made under a longer name first.
        guard text.utf8.count <= 100, !text.hasSuffix("/") else {
            return field.fault("\(TOMLKey.quoted(text)) is no path of a socket; it has at most 100 octets and does not end in \"/\"")
        }
        self.socket = text
    }

    private mutating func read(http text: String, _ field: Field) {
        guard text != "off" else { return self.http = nil }
        do {
            let endpoint = try SocketEndpoint(parsing: text, ports: 0...65535)
            guard IPAddress(endpoint.host)?.isLoopback == true else {
                return field.fault(
                    "\"\(endpoint.host)\" is no loopback address: who asks here is not asked who he is; write it like \"127.0.0.1:\(endpoint.port)\"")
            }
            self.http = endpoint
        } catch {
            field.fault(error.message(for: text, port: 2580))
        }
    }
}
