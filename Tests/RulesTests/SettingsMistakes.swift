/// Mistakes in the top of the file and the tables of plain settings.
extension Mistake {
    static let settings: [Mistake] = [
        Mistake(
            #"""
            [admin]
            socket = "run/admin.sock"
            http = "0.0.0.0:2580"
            soket = "off"
            """#,
            #"""
            c.toml:2:10: admin.socket: "run/admin.sock" is no absolute path; write it from the root, like "/run/mailshim/admin.sock"
            c.toml:3:8: admin.http: "0.0.0.0" is no loopback address: who asks here is not asked who he is; write it like "127.0.0.1:2580"
            c.toml:4:1: admin.soket: unknown key; did you mean "socket"?
            """#),
        Mistake(
            #"""
            [admin]
            socket = "of"
            http = "127.0.0.1"
            """#,
            #"""
            c.toml:2:10: admin.socket: "of" is no absolute path; did you mean "off"?
            c.toml:3:8: admin.http: "127.0.0.1" has no port; write it behind a colon, like "127.0.0.1:2580"
            """#),
        Mistake(
            #"""
            [admin]
            socket = "/"
            http = "[2001:db8::1]:2580"
            """#,
            #"""
            c.toml:2:10: admin.socket: "/" is no path of a socket; it has at most 100 octets and does not end in "/"
            c.toml:3:8: admin.http: "2001:db8::1" is no loopback address: who asks here is not asked who he is; write it like "127.0.0.1:2580"
            """#),
        Mistake(
            #"""
            [log]
            level = "warning"
            format = true
            recipient = "off"
            """#,
            #"""
            c.toml:2:9: log.level: "warning" is not one of "debug", "info", "warn", "error"
            c.toml:3:10: log.format: must be one of "logfmt", "json", not true or false
            c.toml:4:1: log.recipient: unknown key; did you mean "recipients"?
            """#),
        Mistake(
            #"""
            hostnam = "x"
            """#,
            #"""
            c.toml:1:1: hostnam: unknown key; did you mean "hostname"?
            """#),
        Mistake(
            #"""
            hostname = 5
            stat = "memory"
            """#,
            #"""
            c.toml:1:12: hostname: must be a host name like "shim.example.net", not a whole number
            c.toml:2:1: stat: unknown key; did you mean "state"?
            """#),
        Mistake(
            #"""
            hostname = "not a name"
            state = "memroy"
            """#,
            #"""
            c.toml:1:12: hostname: "not a name" is no host name; write one like "shim.example.net"
            c.toml:2:9: state: "memroy" is neither a path nor "memory"; did you mean "memory"?
            """#),
        Mistake(
            #"""
            hostname = ""
            state = "/var/lib/"
            """#,
            #"""
            c.toml:1:12: hostname: is empty; it must be a host name like "shim.example.net"
            c.toml:2:9: state: "/var/lib/" is a directory; write the path of a file, like "/var/lib/mailshim/learned.sqlite"
            """#),
        Mistake(
            #"""
            state = "a\u0000b"
            hostname = 1979-05-27
            """#,
            #"""
            c.toml:1:9: state: contains a NUL
            c.toml:2:12: hostname: must be a host name like "shim.example.net", not a date or a time
            """#),
        Mistake(
            #"""
            [default]
            tls = "off"
            hostname = "shim.example.net"
            """#,
            #"""
            c.toml:3:1: default.hostname: unknown key; it belongs at the top of the file, before the first [table]
            """#),
        Mistake(
            #"""
            [learning]
            enabled = "yes"
            expires = 30
            heal = "1 day"
            expire = "30d"
            """#,
            #"""
            c.toml:2:11: learning.enabled: must be true or false (without quotes), not a string
            c.toml:3:11: learning.expires: must be a length of time like "30s", "5m", "2h" or "1d", not a whole number
            c.toml:4:8: learning.heal: "1 day" is no length of time; write a whole number and s, m, h or d, like "30s"
            c.toml:5:1: learning.expire: unknown key; did you mean "expires"?
            """#),
        Mistake(
            #"""
            [timeouts]
            connect = "500ms"
            greeting = "0s"
            command = "61m"
            data = "2m30s"
            content = 3.5
            done = "2d"
            idle = ["5m"]
            repair = "121s"
            drain = "99999999999999999999d"
            conect = "30s"
            """#,
            #"""
            c.toml:2:11: timeouts.connect: "500ms" is too fine; write whole seconds, like "30s"
            c.toml:3:12: timeouts.greeting: "0s" is out of range; it must be from "1s" to "1h"
            c.toml:4:11: timeouts.command: "61m" is out of range; it must be from "1s" to "1h"
            c.toml:5:8: timeouts.data: "2m30s" is no length of time; write a whole number and s, m, h or d, like "30s"
            c.toml:6:11: timeouts.content: must be a length of time like "30s", "5m", "2h" or "1d", not a number with a fraction
            c.toml:7:8: timeouts.done: "2d" is out of range; it must be from "1s" to "1d"
            c.toml:8:8: timeouts.idle: must be a length of time like "30s", "5m", "2h" or "1d", not a list
            c.toml:9:10: timeouts.repair: "121s" is out of range; it must be from "1s" to "2m"
            c.toml:10:9: timeouts.drain: "99999999999999999999d" is out of range; it must be from "0s" to "1h"
            c.toml:11:1: timeouts.conect: unknown key; did you mean "connect"?
            """#),
        Mistake(
            #"""
            [limits]
            sessions = 0
            sessions-per-gateway = "2000"
            reply-lines = 8
            recipients = 99
            session = 1
            """#,
            #"""
            c.toml:2:12: limits.sessions: 0 is out of range; it must be from 1 to 1000000
            c.toml:3:24: limits.sessions-per-gateway: must be a whole number from 1 to 1000000, not a string
            c.toml:4:15: limits.reply-lines: 8 is out of range; it must be from 32 to 100000
            c.toml:5:14: limits.recipients: 99 is out of range; it must be from 100 to 1000000
            c.toml:6:1: limits.session: unknown key; did you mean "sessions"?
            """#),
        Mistake(
            #"""
            [content]
            line-endings = "repiar"
            endings = 1
            """#,
            #"""
            c.toml:2:16: content.line-endings: "repiar" is not one of "repair", "refuse"; did you mean "repair"?
            c.toml:3:1: content.endings: unknown key; known here: line-endings
            """#),
        Mistake(
            #"""
            content = "repair"
            timeouts = []
            limts = {}
            """#,
            #"""
            c.toml:1:11: content: must be a table, not a string
            c.toml:2:12: timeouts: must be a table, not a list
            c.toml:3:1: limts: unknown key; did you mean "limits"?
            """#),
    ]
}
