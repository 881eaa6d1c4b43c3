/// Mistakes in what is no TOML.
extension Mistake {
    static let syntax: [Mistake] = [
        Mistake(
            #"""
            tls = off
            """#,
            #"""
            c.toml:1:7: not TOML: value: could not determine value type; strings stand in quotes
            """#),
        Mistake(
            #"""
            [address.2001:db8::1]
            """#,
            #"""
            c.toml:1:14: not TOML: table header: expected ']', saw ':'; a name with other than letters, digits, - and _ stands in quotes, like [address."192.0.2.0/24"]
            """#),
        Mistake(
            #"""
            [address."192.0.2.0/24"]
            tls = "off"

            [address."192.0.2.0/24"] # again
            pause = "1s"
            """#,
            #"""
            c.toml:4:1: not TOML: [address."192.0.2.0/24"] is defined twice; merge the two
            """#),
        Mistake(
            #"""
            [default]
            tls = "off"
            [default]
            pause = "1s"
            """#,
            #"""
            c.toml:3:1: not TOML: [default] is defined twice; merge the two
            """#),
        Mistake(
            #"""
            [[listener]]
            bind = "0.0.0.0:2525
            """#,
            #"""
            c.toml:2:21: not TOML: string: encountered end-of-file; something is not closed: a bracket, a brace or a quote
            """#),
        Mistake(
            #"""
            pause = 2s
            """#,
            #"""
            c.toml:1:10: not TOML: decimal integer: expected digit, saw 's'; strings stand in quotes, and so do times like "30s"
            """#),
        Mistake(
            #"""
            bind = 0.0.0.0:2525
            """#,
            #"""
            c.toml:1:11: not TOML: floating-point: expected decimal digit or exponent, saw '.'; strings stand in quotes, and so do addresses
            """#),
        Mistake(
            #"""
            [domain.*.example.com]
            """#,
            #"""
            c.toml:1:9: not TOML: key: expected bare key starting character or string delimiter, saw '*'; a name with other than letters, digits, - and _ stands in quotes, like [domain."*.example.com"]
            """#),
        Mistake(
            #"""
            enabled = True
            """#,
            #"""
            c.toml:1:11: not TOML: boolean: expected 'true', saw 'T'; true and false are in lower case, and strings in quotes
            """#),
        Mistake(
            #"""
            a = [1,
            """#,
            #"""
            c.toml:1:8: not TOML: array: encountered end-of-file; something is not closed: a bracket, a brace or a quote
            """#),
        Mistake(
            #"""
            tls: "off"
            """#,
            #"""
            c.toml:1:4: not TOML: key-value pair: expected '=', saw ':'; write key = value
            """#),
        Mistake(
            #"""
            a = { b = 1, }
            """#,
            #"""
            c.toml:1:14: not TOML: inline table: expected key-value pair, saw closing '}' (dangling comma); no comma before the closing brace
            """#),
        Mistake(
            #"""
            [*]
            """#,
            #"""
            c.toml:1:2: not TOML: key: expected bare key starting character or string delimiter, saw '*'; a name with other than letters, digits, - and _ stands in quotes, like [domain."*.example.com"]
            """#),
        Mistake(
            #"""
            [(a)]
            """#,
            #"""
            c.toml:1:2: not TOML: key: expected bare key starting character or string delimiter, saw '('; a name with other than letters, digits, - and _ stands in quotes, like [domain."*.example.com"]
            """#),
        Mistake(
            #"""
            tls = é
            """#,
            #"""
            c.toml:1:7: not TOML: value: could not determine value type; strings stand in quotes
            """#),
        Mistake(
            #"""
            é = 1
            """#,
            #"""
            c.toml:1:1: not TOML: root table: expected keys, tables, whitespace or comments, saw 'é'; a line begins with a key, a [table] or a #
            """#),
        Mistake(
            #"""
              é
            """#,
            #"""
            c.toml:1:3: not TOML: root table: expected keys, tables, whitespace or comments, saw 'é'; a line begins with a key, a [table] or a #
            """#),
        Mistake(
            #"""
            tls = “off”
            """#,
            #"""
            c.toml:1:7: not TOML: value: could not determine value type; strings stand in quotes
            """#),
        Mistake(
            #"""
            tls = 1é
            """#,
            #"""
            c.toml:1:8: not TOML: decimal integer: expected digit, saw 'é'; strings stand in quotes, and so do times like "30s"
            """#),
        Mistake(
            #"""
            [[listener]
            """#,
            #"""
            c.toml:1:12: not TOML: table header: encountered end-of-file; something is not closed: a bracket, a brace or a quote
            """#),
        Mistake(
            #"""
            a = "x\q"
            """#,
            #"""
            c.toml:1:8: not TOML: string: unknown escape sequence '\q'; write \\ for a backslash
            """#),
        Mistake(
            #"""
            a = 99999999999999999999
            """#,
            #"""
            c.toml:1:25: not TOML: decimal integer: '99999999999999999999' is not representable in 64 bits; the number is too large
            """#),
        Mistake(
            #"""
            a = 1
            a = 2
            """#,
            #"""
            c.toml:2:5: not TOML: key-value pair: cannot redefine existing integer 'a'; defined twice; merge the two
            """#),
        Mistake(
            #"""
            [[listener]]
            bind = "0.0.0.0:2525
            destination = "original"
            """#,
            #"""
            c.toml:2:21: not TOML: string: unescaped control characters other than TAB (U+0009) are explicitly prohibited; the closing quote is missing on this line
            """#),
        Mistake(
            #"""
            [[listener]
            bind = "0.0.0.0:2525"
            """#,
            #"""
            c.toml:1:12: not TOML: table header: expected ']', saw '\n'; the closing bracket is missing
            """#),
        Mistake(
            #"""
            [address."192.0.2.0/24]
            tls = "off"
            """#,
            #"""
            c.toml:1:24: not TOML: string: unescaped control characters other than TAB (U+0009) are explicitly prohibited; the closing quote is missing on this line
            """#),
        Mistake(
            #"""
            [content]
            line-endings = 'repair
            """#,
            #"""
            c.toml:2:23: not TOML: literal string: encountered end-of-file; something is not closed: a bracket, a brace or a quote
            """#),
    ]
}
