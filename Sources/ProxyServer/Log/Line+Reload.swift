import Rules

extension Line {
    /// The config that was to be taken has so many errors, which have lines of their own.
    public static func reloadFailed(errors: Int) -> Line {
        Line("reload-failed", .error).with("errors", errors).with("effect", "the running config stays")
    }

    /// Nothing is opened any more.
    public static var reloadIgnored: Line { Line("reload-ignored").with("because", "stopping") }
}
