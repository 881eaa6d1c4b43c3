import LearnedQuirks
import NIOCore
import NIOEmbedded
import Rules
import SMTPSession

@testable import ProxyServer

/// The shell of one session without sockets: its gateway leg is on a channel that tells what went out, and nothing happens but what the test does.
struct Shell {
    let channel = EmbeddedChannel()
    let handle: SessionHandle
    let turn: SessionDriver
    let leg: ConnectionHandler
    /// The other end of the channel.
    let far: SocketAddress

    init(log: Log = Log(descriptor: -1)) throws {
        let memory = LearnedQuirks(location: .memory, policy: LearnedQuirks.Policy(.builtIn(hostname: "shim.test"))) { _ in }
        let snapshot = ConfigSnapshot(
            settings: Settings(.builtIn(hostname: "shim.test")), catalogue: Catalogue([]),
            policies: PolicyResolver(rules: RuleSet(), memory: memory, catalogue: Catalogue([])), services: SharedServices(log: log))
        let near = try SocketAddress(ipAddress: "192.0.2.1", port: 25)
        self.far = try SocketAddress(ipAddress: "192.0.2.2", port: 25)
        try self.channel.connect(to: self.far).wait()
        try self.channel.syncOptions?.setOption(.receiveQueue, value: 0)
        self.handle = SessionHandle(.next(), on: self.channel.eventLoop)
        self.turn = SessionDriver(self.handle, LoopDetector.Ends(near: near, far: self.far), in: snapshot, on: self.channel.eventLoop)
        self.leg = ConnectionHandler(.gateway, of: self.turn)
        try self.channel.pipeline.syncOperations.addHandler(self.leg)
    }

    /// Begins a session of which all that the gateway says is answered here: its remote would be chosen at the first RCPT.
    func greet() throws {
        self.turn.route = RemoteEndpoint(addresses: [])
        self.turn.hear(.opened(Opening(remote: nil)))
        try self.channel.writeInbound(ByteBuffer(string: "EHLO gateway.test\r\n"))
    }
}
