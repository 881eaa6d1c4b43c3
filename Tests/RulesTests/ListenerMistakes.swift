/// Mistakes in `[[listener]]`.
extension Mistake {
    static let listener: [Mistake] = [
        Mistake(
            #"""
            [[listener]]
            bnd = "0.0.0.0:2525"
            destination = "original"
            """#,
            #"""
            c.toml:1:1: listener.bind: is missing; write it like bind = "127.0.0.1:2525"
            c.toml:2:1: listener.bnd: unknown key; did you mean "bind"?
            """#),
        Mistake(
            #"""
            [[listener]]
            """#,
            #"""
            c.toml:1:1: listener.bind: is missing; write it like bind = "127.0.0.1:2525"
            c.toml:1:1: listener.destination: is missing; write it like destination = "original"
            """#),
        Mistake(
            #"""
            listener = []
            """#,
            #"""
            c.toml:1:12: listener: is an empty list, so nobody could connect; write a [[listener]] table
            """#),
        Mistake(
            #"""
            listener = 5
            """#,
            #"""
            c.toml:1:12: listener: must be a [[listener]] table, not a whole number
            """#),
        Mistake(
            #"""
            listener = [5]
            """#,
            #"""
            c.toml:1:13: listener: must be a [[listener]] table, not a whole number
            """#),
        Mistake(
            #"""
            [listener]
            bind = "0.0.0.0:2525"
            destination = "orignal"
            """#,
            #"""
            c.toml:1:1: listener: is a list of tables; write its header as [[listener]]
            c.toml:3:15: listener.destination: "orignal" is not one of "original", "tproxy", or a host with its port like "mx.example.com:25"; did you mean "original"?
            """#),
        Mistake(
            #"""
            [[listener]]
            name = ""
            bind = "0.0.0.0"
            destination = "mx.example.com"
            [[listener]]
            bind = "::1:2525"
            destination = "2001:db8::1"
            [[listener]]
            bind = "localhost:2525"
            destination = "[2001:db8::1]"
            [[listener]]
            bind = ":2525"
            destination = "[2001:db8::1:25"
            [[listener]]
            bind = "*:2525"
            destination = "[192.0.2.1]:25"
            [[listener]]
            bind = "300.0.0.1:2525"
            destination = "192.0.2.1:0"
            [[listener]]
            bind = "127.0.0.1:65536"
            destination = "192.0.2.1:smtp"
            [[listener]]
            bind = 2525
            destination = false
            [[listener]]
            bind = "127.0.0.1:2525"
            destination = "2001:db8::1:25"
            [[listener]]
            bind = "127.0.0.1:2526"
            destination = "0.0.0.0:25"
            [[listener]]
            bind = "127.0.0.1:2527"
            destination = "[::1]25"
            [[listener]]
            bind = "127.0.0.1:2528"
            destination = "ori:ginal"
            """#,
            #"""
            c.toml:2:8: listener.name: is empty; it must be a string
            c.toml:3:8: listener.bind: "0.0.0.0" has no port; write it behind a colon, like "0.0.0.0:2525"
            c.toml:4:15: listener.destination: "mx.example.com" has no port; write it behind a colon, like "mx.example.com:25"
            c.toml:6:8: listener.bind: "::1:2525": an IPv6 address stands in brackets before its port, like "[2001:db8::1]:2525"
            c.toml:7:15: listener.destination: "2001:db8::1": an IPv6 address stands in brackets before its port, like "[2001:db8::1]:25"
            c.toml:9:8: listener.bind: "localhost" is a name; write an address of this machine, like "127.0.0.1:2525" or "[::]:2525"
            c.toml:10:15: listener.destination: "[2001:db8::1]" has no port; write it behind a colon, like "[2001:db8::1]:25"
            c.toml:12:8: listener.bind: ":2525" has no address before the port; write "0.0.0.0:2525" or "[::]:2525" for all of this machine
            c.toml:13:15: listener.destination: "[2001:db8::1:25" has no closing bracket; write it like "[2001:db8::1]:25"
            c.toml:15:8: listener.bind: "*:2525" has no address before the port; write "0.0.0.0:2525" or "[::]:2525" for all of this machine
            c.toml:16:15: listener.destination: "[192.0.2.1]:25": "192.0.2.1" is no IPv6 address; write it like "[2001:db8::1]:25"
            c.toml:18:8: listener.bind: "300.0.0.1:2525": "300.0.0.1" is no address and no host name
            c.toml:19:15: listener.destination: "192.0.2.1:0": "0" is no port, a number from 1 to 65535
            c.toml:21:8: listener.bind: "127.0.0.1:65536": "65536" is no port, a number from 1 to 65535
            c.toml:22:15: listener.destination: "192.0.2.1:smtp": "smtp" is no port, a number from 1 to 65535
            c.toml:24:8: listener.bind: must be an address and a port, like "0.0.0.0:2525", not a whole number
            c.toml:25:15: listener.destination: must be one of "original", "tproxy", or a host with its port like "mx.example.com:25", not true or false
            c.toml:28:15: listener.destination: "2001:db8::1:25": an IPv6 address stands in brackets before its port, like "[2001:db8::1]:25"
            c.toml:31:15: listener.destination: "0.0.0.0" is no address one could connect to; write that of the remote, like "192.0.2.1:25"
            c.toml:34:15: listener.destination: "[::1]25": "25" is no port, a number from 1 to 65535
            c.toml:37:15: listener.destination: "ori:ginal": "ginal" is no port, a number from 1 to 65535
            """#),
        Mistake(
            #"""
            [[listener]]
            bind = "127.0.0.1:2525"
            destination = "socks5"
            [[listener]]
            bind = "127.0.0.1:2526"
            destination = "proxy-protocol"
            [[listener]]
            bind = "127.0.0.1:2527"
            destination = "mx"
            tls = { certificate = "a", key = "b" }
            """#,
            #"""
            c.toml:3:15: listener.destination: "socks5" is not available in this version; there are: "original", "tproxy", or a host with its port like "mx.example.com:25"
            c.toml:6:15: listener.destination: "proxy-protocol" is not available in this version; there are: "original", "tproxy", or a host with its port like "mx.example.com:25"
            c.toml:9:15: listener.destination: "mx" is not available in this version; there are: "original", "tproxy", or a host with its port like "mx.example.com:25"
            """#),
        Mistake(
            #"""
            [[listener]]
            name = "out"
            bind = "127.0.0.1:2525"
            destination = "original"
            [[listener]]
            name = "out"
            bind = "0.0.0.0:2525"
            destination = "tproxy"
            [[listener]]
            bind = "127.0.0.1:2526"
            destination = "127.0.0.1:2526"
            """#,
            #"""
            c.toml:6:8: listener.name: "out" is already the name of the listener in line 1
            c.toml:7:8: listener.bind: "0.0.0.0:2525" is taken by "127.0.0.1:2525" of the listener in line 1
            c.toml:11:15: listener.destination: "127.0.0.1:2526" is this listener itself: mail would go round in circles
            """#),
        Mistake(
            #"""
            [[listener]]
            bind = "127.0.0.1:2525"
            destination = "original"
            allow = []
            tls = "atuo"
            [[listener]]
            bind = "127.0.0.1:2526"
            destination = "original"
            allow = ["10.0.0.1/8", "10.0.0.0/33", "gateway.example.com", "[::1]", "10.0.0.1:25", 7, "::1/129", "10.0.0.0/"]
            tls = true
            [[listener]]
            bind = "127.0.0.1:2527"
            destination = "original"
            allow = "10.0.0.0/8"
            tls = { certificate = "a" }
            [[listener]]
            bind = "127.0.0.1:2528"
            destination = "original"
            tls = { key = "a", implict = true }
            """#,
            #"""
            c.toml:4:9: listener.allow: is empty, so nobody could connect; leave it out for loopback only
            c.toml:5:7: listener.tls: "atuo" is not one of "auto", "off"; did you mean "auto"?
            c.toml:9:10: listener.allow: "10.0.0.1/8" has bits set beyond its prefix; write "10.0.0.0/8" for the range or "10.0.0.1" for the one address
            c.toml:9:24: listener.allow: "10.0.0.0/33" is no range: behind the slash stands a number from 0 to 32
            c.toml:9:39: listener.allow: "gateway.example.com" is no address or range; write one like "192.0.2.1", "192.0.2.0/24" or "2001:db8::/32"
            c.toml:9:62: listener.allow: "[::1]" is no address or range; write "::1", without brackets and port
            c.toml:9:71: listener.allow: "10.0.0.1:25" is no address or range; write "10.0.0.1", without brackets and port
            c.toml:9:86: listener.allow: must be an address or a range, like "10.0.0.0/8", not a whole number
            c.toml:9:89: listener.allow: "::1/129" is no range: behind the slash stands a number from 0 to 128
            c.toml:9:100: listener.allow: "10.0.0.0/" is no range: behind the slash stands a number from 0 to 32
            c.toml:10:7: listener.tls: must be "auto", "off" or { certificate = "shim.crt", key = "shim.key" }, not true or false
            c.toml:14:9: listener.allow: must be a list of addresses and ranges, like ["10.0.0.0/8"], not a string
            c.toml:15:7: listener.tls: has a certificate without a key; write key = "shim.key" too
            c.toml:19:7: listener.tls: has a key without a certificate; write certificate = "shim.crt" too
            c.toml:19:20: listener.tls.implict: unknown key; did you mean "implicit"?
            """#),
        Mistake(
            #"""
            [[listener]]
            name = "x\nreboot"
            bind = "127.0.0.1:2525"
            destination = "original"
            [[listener]]
            name = "$(reboot)"
            bind = "127.0.0.1:2526"
            destination = "original"
            [[listener]]
            name = "two words"
            bind = "127.0.0.1:2527"
            destination = "original"
            [[listener]]
            name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            bind = "127.0.0.1:2528"
            destination = "original"
            [[listener]]
            name = "Büro"
            bind = "127.0.0.1:2529"
            destination = "original"
            """#,
            #"""
            c.toml:2:8: listener.name: "x?reboot" is no name for a listener; write at most 64 letters, digits, ".", "-" and "_", like "outbound"
            c.toml:6:8: listener.name: "$(reboot)" is no name for a listener; write at most 64 letters, digits, ".", "-" and "_", like "outbound"
            c.toml:10:8: listener.name: "two words" is no name for a listener; write at most 64 letters, digits, ".", "-" and "_", like "outbound"
            c.toml:14:8: listener.name: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" is no name for a listener; write at most 64 letters, digits, ".", "-" and "_", like "outbound"
            c.toml:18:8: listener.name: "Büro" is no name for a listener; write at most 64 letters, digits, ".", "-" and "_", like "outbound"
            """#),
        Mistake(
            #"""
            [[listener]]
            bind = []
            destination = "original"
            [[listener]]
            bind = ["0.0.0.0:2525", "::", 5]
            destination = "original"
            [[listener]]
            bind = ["0.0.0.0:2526", "127.0.0.1:2526"]
            destination = "original"
            [[listener]]
            bind = ["[::]:2526", "127.0.0.2:2526"]
            destination = "original"
            [[listener]]
            bind = ["0.0.0.0:2527", "[::]:25"]
            destination = "tproxy"
            [[listener]]
            bind = ["127.0.0.1:2528", "[::1]:2528"]
            destination = "[::1]:2528"
            """#,
            #"""
            c.toml:2:8: listener.bind: is empty, so nobody could connect; write it like ["0.0.0.0:2525", "[::]:2525"]
            c.toml:5:25: listener.bind: "::": an IPv6 address stands in brackets before its port, like "[2001:db8::1]:2525"
            c.toml:5:31: listener.bind: must be an address and a port, like "0.0.0.0:2525", not a whole number
            c.toml:8:25: listener.bind: "127.0.0.1:2526" is taken by "0.0.0.0:2526" of the same list
            c.toml:11:22: listener.bind: "127.0.0.2:2526" is taken by "0.0.0.0:2526" of the listener in line 7
            c.toml:14:25: listener.bind: port 25 with destination = "tproxy": every packet to port 25 would be led here, also of connections that go past; write another port, like 2525
            c.toml:18:15: listener.destination: "[::1]:2528" is this listener itself: mail would go round in circles
            """#),
    ]
}
