import Rules

extension Line {
    /// A socket was passed that no listener has in its `bind`. It is closed here; whoever passed it may go on listening on it, and then its connections wait in vain.
    init(unused passed: PassedSockets.Passed) {
        self = Line("socket-unused", .warn).with("socket", passed.name).with("address", passed.socket.address.text)
            .with("because", "no listener of the config binds this address").with("fix", "add it to bind of a listener, or take it out of the socket unit")
    }

    init(_ unusable: PassedSockets.Unusable) {
        self = Line("socket-unused", .warn).with("socket", unusable.name).with("because", unusable.because)
    }

    /// Others were passed, this one was not: Mailshim opened it itself.
    init(notPassed listener: String, _ bind: SocketEndpoint) {
        self = Line("socket-not-passed").with("listener", listener).with("bind", bind.description)
            .with("because", "none of the sockets that were passed has this address; opened here")
    }
}
