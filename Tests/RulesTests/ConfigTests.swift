import QuirkKit
import Testing

@testable import Rules

@Suite struct ConfigTests {
    @Test("An empty file is the built-in defaults, with its path")
    func empty() throws {
        var builtIn = Config.builtIn(hostname: "machine")
        builtIn.path = "c.toml"
        #expect(try config("") == builtIn)
        #expect(try config("# nothing\n\n") == builtIn)
    }

    @Test("The built-in defaults are those of mailshim.example.toml")
    func builtIn() {
        let config = Config.builtIn(hostname: "machine")
        #expect(config.hostname == "machine")
        #expect(config.state == .file("/var/lib/mailshim/learned.sqlite"))
        #expect(config.listeners.map { $0.bind.map(\.description) } == [["127.0.0.1:2525"]])
        #expect(config.listeners.map(\.destination) == [.original])
        #expect(config.listeners.map { $0.allow.map(\.description) } == [["127.0.0.0/8", "::1"]])
        #expect(config.learning.enabled)
        #expect([config.learning.expires, config.learning.heal] == [2_592_000, 86400])
        let times = config.timeouts
        #expect([times.connect, times.greeting, times.command, times.data, times.content] == [30, 300, 300, 120, 180])
        #expect([times.done, times.idle, times.repair, times.drain] == [900, 300, 120, 80])
        let limits = config.limits
        #expect([limits.sessions, limits.sessionsPerGateway, limits.replyLines, limits.recipients] == [10000, 2000, 128, 50000])
        #expect(config.lineEndings == .repair)
        #expect(config.log == LogSettings())
        #expect(!config.rules.hasDomainTables && !config.rules.hasHostTables)
        #expect(config.path == nil)
    }

    @Test("Where a running Mailshim is asked")
    func admin() throws {
        #expect(try config("").admin == AdminSettings())
        #expect(AdminSettings().socket == "/run/mailshim/admin.sock" && AdminSettings().http == nil)
        let written = try config("[admin]\nsocket = \"/x/y.sock\"\nhttp = \"[::1]:2580\"").admin
        #expect(written.socket == "/x/y.sock" && written.isSocketWritten && written.http == SocketEndpoint(host: "::1", port: 2580))
        let off = try config("[admin]\nsocket = \"off\"\nhttp = \"off\"").admin
        #expect(off.socket == nil && off.http == nil)
    }

    @Test("How the log is written")
    func log() throws {
        #expect([LogSettings().level.rawValue, LogSettings().format.rawValue] == ["info", "logfmt"])
        #expect([LogSettings().recipients.rawValue, LogSettings().messages.rawValue] == ["full", "all"])
        let log = try config("[log]\nlevel = \"warn\"\nformat = \"json\"\nrecipients = \"domain\"\nmessages = \"failed\"").log
        #expect(log.level == .warn && log.format == .json && log.recipients == .domain && log.messages == .failed)
    }

    @Test("The example is read whole")
    func interface() throws {
        let config = try config(interfaceExample)
        #expect(config.hostname == "shim.example.net")
        let listener = try #require(config.listeners.first)
        #expect(listener.name == "outbound")
        #expect(listener.bind == [SocketEndpoint(host: "0.0.0.0", port: 2525), SocketEndpoint(host: "::", port: 2525)])
        #expect(listener.allow.map(\.description) == ["10.0.0.0/8", "127.0.0.0/8"])
        #expect(listener.tls == .files(certificate: "shim.crt", key: "shim.key", implicit: false))
        #expect(listener.line == 4)
        let resolved = config.rules.resolve(
            address: IPAddress("192.0.2.9"), port: 25, host: "a.mx.example.net", domains: ["example.com"])
        #expect(
            resolved.quirks.map(\.value) == [
                QuirkSetting("message-limit", ["messages": .integer(20)]),
                QuirkSetting(
                    "hide-extension", ["keywords": .strings(["CHUNKING"]), "wait": .seconds(2), "text": .string("x"), "called": .string("x"), "always": .boolean(false)]),
            ])
        #expect(resolved.ignored.map(\.value) == ["pix"])
        #expect(resolved.connections?.value == 1)
        #expect(resolved.pause?.value == 2000)
        #expect(resolved.tls.value == .required)
        #expect(resolved.tables.map(\.line) == [27, 23, 19, 16])
        #expect(resolved.quirks.first?.source.because == "https://postmaster.example.net/limits, read 2026-03-02")
    }

    @Test("The example has nothing in it that is not built")
    func nothingMissing() {
        #expect(mistakes(in: interfaceExample) == [])
    }

    @Test("Every setting arrives where it belongs")
    func settings() throws {
        let config = try config(
            """
            state = "memory"
            [learning]
            enabled = false
            expires = "2h"
            heal = "90s"
            [timeouts]
            connect = "1s"
            greeting = "2s"
            command = "3s"
            data = "4s"
            content = "5s"
            done = "6s"
            idle = "7s"
            repair = "8s"
            drain = "0s"
            [limits]
            sessions = 9
            sessions-per-gateway = 8
            reply-lines = 77
            recipients = 666
            [content]
            line-endings = "refuse"
            """)
        #expect(config.state == .memory)
        #expect(!config.learning.enabled)
        #expect([config.learning.expires, config.learning.heal] == [7200, 90])
        let times = config.timeouts
        #expect([times.connect, times.greeting, times.command, times.data, times.content] == [1, 2, 3, 4, 5])
        #expect([times.done, times.idle, times.repair, times.drain] == [6, 7, 8, 0])
        let limits = config.limits
        #expect([limits.sessions, limits.sessionsPerGateway, limits.replyLines, limits.recipients] == [9, 8, 77, 666])
        #expect(config.lineEndings == .refuse)
        #expect(config.hostname == "machine")
    }

    @Test("The example in the repository is read, and repeats the defaults truly")
    func example() throws {
        let path = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/mailshim.example.toml"
        let example = try Config.read(path: path, quirks: catalogue, hostname: "machine")
        let builtIn = Config.builtIn(hostname: "machine")
        #expect(example.timeouts == builtIn.timeouts)
        #expect(example.limits == builtIn.limits)
        #expect(example.learning == builtIn.learning)
        #expect(example.lineEndings == builtIn.lineEndings)
        #expect(example.state == builtIn.state)
        #expect(example.listeners.map(\.destination) == [.original, .fixed(host: "smarthost.example.com", port: 25)])
        #expect(example.path == path)
    }
}

/// Word for word.
let interfaceExample = #"""
    hostname = "shim.example.net"                  # how Mailshim names itself in replies of its own
    state    = "/var/lib/mailshim/learned.sqlite"  # what was learned; "memory" forgets at exit

    [[listener]]
    name        = "outbound"
    bind        = ["0.0.0.0:2525", "[::]:2525"]    # or one of them
    destination = "original"                       # see below
    allow       = ["10.0.0.0/8", "127.0.0.0/8"]    # gateways that may connect; default: loopback only; others hear 421, never a 5xx
    tls         = { certificate = "shim.crt", key = "shim.key" }   # towards gateways; default: "auto"

    [learning]
    enabled = true
    expires = "30d"
    heal    = "1d"                                 # from then on a learned quirk is probed, at most once an hour

    [default]                                      # settings of every remote, which the tables below override
    tls = "opportunistic"

    [domain."example.com"]                         # recipient domain; "*.example.com" for what is below it
    quirks = ["message-limit"]                     # applied from the start, nothing to detect
    ignore = ["pix"]                               # never detected nor applied

    [host."*.mx.example.net"]                      # the remote's own name (MX name, or the name in its greeting)
    quirks = [{ name = "message-limit", messages = 20 }, { name = "hide-extension", keywords = ["CHUNKING"] }]
    because = "https://postmaster.example.net/limits, read 2026-03-02"

    [address."192.0.2.0/24"]                       # the remote's address or range; port = 25 narrows it
    connections = 1                                # at most so many connections at once, over all sessions
    pause       = "2s"                             # at least so long between the end of one and the start of the next
    tls         = "required"
    """#
