/// Mistakes in the tables for remotes.
extension Mistake {
    static let remote: [Mistake] = [
        Mistake(
            #"""
            [default]
            tls = "verified"
            names = []
            bypass = true
            port = 25
            """#,
            #"""
            c.toml:3:9: default.names: is empty, so nothing could be verified
            c.toml:4:1: default.bypass: only an address table takes it, like [address."192.0.2.0/24"]
            c.toml:5:1: default.port: only an address table takes it, like [address."192.0.2.0/24"]
            """#),
        Mistake(
            #"""
            [default]
            tls = "opportunstic"
            names = ["mx.example.com"]
            [domain."example.com"]
            tls = "required"
            [host."mx.example.com"]
            tls = "dane"
            [address."192.0.2.1"]
            tls = "verified"
            [address."192.0.2.2"]
            tls = "implicit"
            names = ["not a name", 5]
            """#,
            #"""
            c.toml:2:7: default.tls: "opportunstic" is not one of "off", "opportunistic", "passthrough", "required", "implicit", "verified", "dane"; did you mean "opportunistic"?
            c.toml:7:7: host."mx.example.com".tls: "dane" is not available in this version; there are: "off", "opportunistic", "passthrough", "required", "implicit", "verified"
            c.toml:9:7: address."192.0.2.1".tls: an address has no name that could be verified; write names = ["mx.example.com"] in the same table
            c.toml:12:1: address."192.0.2.2".names: only means something beside tls = "verified"
            c.toml:12:10: address."192.0.2.2".names: "not a name" is no host name; write one like "mx.example.com"
            c.toml:12:24: address."192.0.2.2".names: must be a host name like "mx.example.com", not a whole number
            """#),
        Mistake(
            #"""
            default = 5
            domain = "example.com"
            [[host]]
            tls = "off"
            """#,
            #"""
            c.toml:1:11: default: must be a table, not a whole number
            c.toml:2:10: domain: must be tables like [domain."example.com"], not a string
            c.toml:3:1: host: must be tables like [host."*.mx.example.net"], not a list
            """#),
        Mistake(
            #"""
            [domain.example.com]
            tls = "off"
            [address.192.0.2.1]
            tls = "off"
            [host.mx.example.com]
            bypass = true
            """#,
            #"""
            c.toml:1:9: domain.example: a name with dots has to stand in quotes: [domain."example.com"]
            c.toml:3:10: address.192: a name with dots has to stand in quotes: [address."192.0.2.1"]
            c.toml:5:7: host.mx: a name with dots has to stand in quotes: [host."mx.example.com"]
            """#),
        Mistake(
            #"""
            [domain]
            tls = "off"
            [host]
            "mx.example.com" = "off"
            [[domain."example.com"]]
            tls = "off"
            [address]
            connections = 5
            """#,
            #"""
            c.toml:2:1: domain.tls: must be in a table that names the remote, like [domain."example.com"], or in [default]
            c.toml:4:1: host."mx.example.com": must be in a table that names the remote, like [host."*.mx.example.net"], or in [default]
            c.toml:5:10: domain."example.com": is there once, in single brackets: [domain."example.com"]
            c.toml:8:1: address.connections: must be in a table that names the remote, like [address."192.0.2.0/24"], or in [default]
            """#),
        Mistake(
            #"""
            [domain."Example.com"]
            [domain."example.com."]
            [host."*.mx.example.com"]
            [host."*.MX.example.com"]
            [address."192.0.2.0/24"]
            [address."::ffff:192.0.2.0/120"]
            [address."2001:DB8::1"]
            port = 25
            [address."2001:db8::1/128"]
            port = 25
            [[address."192.0.2.7"]]
            [[address."192.0.2.7"]]
            port = 25
            [[address."192.0.2.7"]]
            """#,
            #"""
            c.toml:2:9: domain."example.com.": names the same as [domain."Example.com"] in line 1
            c.toml:4:7: host."*.MX.example.com": names the same as [host."*.mx.example.com"] in line 3
            c.toml:6:1: address."::ffff:192.0.2.0/120": names the same as [address."192.0.2.0/24"] in line 5
            c.toml:9:1: address."2001:db8::1/128": names the same as [address."2001:DB8::1"], port 25 in line 7
            c.toml:14:1: address."192.0.2.7": names the same as [[address."192.0.2.7"]] in line 11
            """#),
        Mistake(
            #"""
            [domain."*"]
            [domain."mx*.example.com"]
            [domain."user@example.com"]
            [domain.".example.com"]
            [domain."192.0.2.1"]
            [domain."a..b"]
            [domain.""]
            [host."[192.0.2.1]"]
            [host."-a.example"]
            [address."mx.example.com"]
            [address."192.0.2.1:25"]
            [address."192.0.2.1/24"]
            """#,
            #"""
            c.toml:1:9: domain."*": would be every domain; write [default]
            c.toml:2:9: domain."mx*.example.com": a * can only stand for what is before the first dot, like [domain."*.example.com"]
            c.toml:3:9: domain."user@example.com": is no name; write what follows the @, [domain."example.com"]
            c.toml:4:9: domain.".example.com": begins with a dot; write [domain."*.example.com"] for what is below it
            c.toml:5:9: domain."192.0.2.1": is an address; write [address."192.0.2.1"]
            c.toml:6:9: domain."a..b": is no domain name; write one like [domain."example.com"]
            c.toml:7:9: domain."": is no domain name; write one like [domain."example.com"]
            c.toml:8:7: host."[192.0.2.1]": is no host name; write one like [host."*.mx.example.net"]
            c.toml:9:7: host."-a.example": is no host name; write one like [host."*.mx.example.net"]
            c.toml:10:10: address."mx.example.com": "mx.example.com" is no address or range; write one like "192.0.2.1", "192.0.2.0/24" or "2001:db8::/32"
            c.toml:11:10: address."192.0.2.1:25": "192.0.2.1:25" is no address or range; write "192.0.2.1", without brackets and port
            c.toml:12:10: address."192.0.2.1/24": "192.0.2.1/24" has bits set beyond its prefix; write "192.0.2.0/24" for the range or "192.0.2.1" for the one address
            """#),
        Mistake(
            #"""
            [default]
            quirks = []
            ignore = []
            keywords = []
            because = 5
            connections = 0
            pause = "2h"
            """#,
            #"""
            c.toml:2:10: default.quirks: is empty, which changes nothing, as tables add up; leave it out, or write ignore = ["message-limit"]
            c.toml:3:10: default.ignore: is empty, which changes nothing, as tables add up; leave it out, or write quirks = ["message-limit"]
            c.toml:4:12: default.keywords: is empty, which shows none; leave it out
            c.toml:5:11: default.because: must be a string, not a whole number
            c.toml:6:15: default.connections: 0 is out of range; it must be from 1 to 10000
            c.toml:7:9: default.pause: "2h" is out of range; it must be from "0s" to "1h"
            """#),
        Mistake(
            #"""
            [default]
            quirks = ["message-limt", 5, "message-limit", "message-limit", "hide-extension", "frobnicate", ""]
            ignore = "pix"
            """#,
            #"""
            c.toml:2:11: default.quirks: unknown quirk "message-limt"; did you mean "message-limit"?
            c.toml:2:27: default.quirks: must be the name of a quirk, or a table like { name = "message-limit", … }, not a whole number
            c.toml:2:47: default.quirks: "message-limit" stands here twice
            c.toml:2:64: default.quirks: "hide-extension" needs keywords (what to hide): { name = "hide-extension", keywords = … }
            c.toml:2:82: default.quirks: unknown quirk "frobnicate"; known: hide-extension, message-limit, pix, sticky-sender
            c.toml:2:96: default.quirks: is empty; it must be the name of a quirk, like "message-limit"
            c.toml:3:10: default.ignore: must be a list of quirks, like ["message-limit"], not a string
            """#),
        Mistake(
            #"""
            [default]
            quirks = [
              { name = "message-limit", messages = 0 },
              { messages = 5 },
              { name = "hide-extension" },
              { name = "hide-extension", keyword = ["A"], wait = "2m", text = 5, called = "a b", always = "no" },
              { name = "pixx" },
              { name = 5 },
              { name = "hide-extension", keywords = [] },
            ]
            ignore = ["pixx", { name = "pix" }, "pix", "pix"]
            keywords = ["X FOO", "STARTTLS", "-X", "xfoo", 8, "AUTH=LOGIN"]
            pause = "2sec"
            connections = 10001
            """#,
            #"""
            c.toml:3:40: default.quirks.messages: 0 is out of range; it must be from 1 to 1000
            c.toml:4:3: default.quirks.name: is missing; write it like name = "message-limit"
            c.toml:5:3: default.quirks: "hide-extension" needs keywords (what to hide): { name = "hide-extension", keywords = … }
            c.toml:6:3: default.quirks: "hide-extension" needs keywords (what to hide): { name = "hide-extension", keywords = … }
            c.toml:6:3: default.quirks: "hide-extension" stands here twice
            c.toml:6:30: default.quirks.keyword: unknown key; did you mean "keywords"?
            c.toml:6:54: default.quirks.wait: "2m" is out of range; it must be from "1s" to "1m"
            c.toml:6:67: default.quirks.text: must be a string, not a whole number
            c.toml:6:79: default.quirks.called: "a b" is not a host name or an address literal, like "mx.example.org" or "[192.0.2.1]"
            c.toml:6:95: default.quirks.always: must be true or false (without quotes), not a string
            c.toml:7:12: default.quirks.name: unknown quirk "pixx"; did you mean "pix"?
            c.toml:8:12: default.quirks.name: must be the name of a quirk, like "message-limit", not a whole number
            c.toml:9:3: default.quirks: "hide-extension" stands here twice
            c.toml:9:41: default.quirks.keywords: is empty, which says nothing; leave it out
            c.toml:11:11: default.ignore: unknown quirk "pixx"; did you mean "pix"?
            c.toml:11:19: default.ignore: a quirk is ignored by its name alone, like "message-limit"
            c.toml:11:44: default.ignore: "pix" stands here twice
            c.toml:12:13: default.keywords: "X FOO" is no EHLO keyword: letters, digits and hyphens, without parameters, like "XFOO"
            c.toml:12:22: default.keywords: "STARTTLS" is not private: Mailshim itself decides when it is shown
            c.toml:12:34: default.keywords: "-X" is no EHLO keyword: letters, digits and hyphens, without parameters, like "XFOO"
            c.toml:12:48: default.keywords: must be an EHLO keyword, like "XFOO", not a whole number
            c.toml:12:51: default.keywords: "AUTH=LOGIN" is no EHLO keyword: letters, digits and hyphens, without parameters, like "XFOO"
            c.toml:13:9: default.pause: "2sec" is no length of time; write a whole number and ms, s, m, h or d, like "30s"
            c.toml:14:15: default.connections: 10001 is out of range; it must be from 1 to 10000
            """#),
        Mistake(
            #"""
            [address."192.0.2.1"]
            bypass = "yes"
            port = 0
            conections = 2
            [address."192.0.2.2"]
            port = "25"
            connections = 2.5
            pause = 2
            """#,
            #"""
            c.toml:2:10: address."192.0.2.1".bypass: must be true or false (without quotes), not a string
            c.toml:3:8: address."192.0.2.1".port: 0 is out of range; it must be from 1 to 65535
            c.toml:4:1: address."192.0.2.1".conections: unknown key; did you mean "connections"?
            c.toml:6:8: address."192.0.2.2".port: must be a whole number from 1 to 65535, not a string
            c.toml:7:15: address."192.0.2.2".connections: must be a whole number from 1 to 10000, not a number with a fraction
            c.toml:8:9: address."192.0.2.2".pause: must be a length of time like "30s", "5m", "2h" or "1d", not a whole number
            """#),
        Mistake(
            #"""
            connections = 1
            """#,
            #"""
            c.toml:1:1: connections: unknown key; it belongs in a table, like [default]
            """#),
        Mistake(
            #"""
            [default]
            pause = "ms"
            because = ""
            """#,
            #"""
            c.toml:2:9: default.pause: "ms" is no length of time; write a whole number and ms, s, m, h or d, like "30s"
            c.toml:3:11: default.because: is empty; it must be a string
            """#),
    ]
}
