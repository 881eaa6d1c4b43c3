/// What would be right, where toml++ only says what is wrong.
enum SyntaxHint {
    /// - Parameter header: that of the table where the error is, if it is at one; toml++ garbles quoted names.
    static func message(for error: String, header: String?) -> String {
        if let header, error.contains("cannot redefine existing") { return "not TOML: \(header) is defined twice; merge the two" }
        let prefix = "Error while parsing "
        let message = error.hasPrefix(prefix) ? String(error.dropFirst(prefix.count)) : error
        return "not TOML: \(message)" + (Self.hints.first { message.contains($0.sign) }.map { "; \($0.hint)" } ?? "")
    }

    private static let hints: [(sign: String, hint: String)] = [
        ("cannot redefine", "defined twice; merge the two"),
        ("control characters", "the closing quote is missing on this line"),
        ("end-of-file", "something is not closed: a bracket, a brace or a quote"),
        ("dangling comma", "no comma before the closing brace"),
        ("unknown escape", "write \\\\ for a backslash"),
        ("inline table", "{ … } stands on one line, as { name = \"…\", key = … }"),
        ("']', saw '\\n'", "the closing bracket is missing"),
        ("table header", "a name with other than letters, digits, - and _ stands in quotes, like [address.\"192.0.2.0/24\"]"),
        ("key: expected bare", "a name with other than letters, digits, - and _ stands in quotes, like [domain.\"*.example.com\"]"),
        ("root table", "a line begins with a key, a [table] or a #"),
        ("expected '='", "write key = value"),
        ("expected value", "write key = value"),
        ("boolean", "true and false are in lower case, and strings in quotes"),
        ("value type", "strings stand in quotes"),
        ("not representable", "the number is too large"),
        ("integer: expected digit", "strings stand in quotes, and so do times like \"30s\""),
        ("floating-point", "strings stand in quotes, and so do addresses"),
    ]
}
