public import QuirkKit
import SMTPSession

/// A transcript against a config: `mailshim replay`.
extension Transcript {
    /// Plays it in every manner that its header allows, with a config's rules in place of the header's `quirks` (but for those with an origin, which were
    /// learned), `ignore`, `tls`, `auth`, `keywords` and `bypass`. Empty: all went as written.
    /// - Throws: where it cannot be played.
    public func failures(catalogue: [any Quirk], rules: any RemoteRules) throws(TranscriptError) -> [Failure] {
        let profiles = try Profiles(self.header, catalogue: catalogue, file: self.file, rules: rules)
        let settings = self.settings(rules.settings)
        return self.failures { manner in
            let codec = SessionCodec(Session(settings: settings, catalogue: catalogue))
            var stage = Stage(engine: codec, transcript: self, profiles: profiles, manner: manner)
            return stage.play()
        }
    }

    /// The config's, but for what the header says; the name by which Mailshim goes is the transcript's.
    private func settings(_ configured: Settings) -> Settings {
        var settings = self.header.settings
        let given = self.header.given
        if !given.contains("timeouts") { settings.timeouts = configured.timeouts }
        if !given.contains("reply-lines") { settings.replyLines = configured.replyLines }
        if !given.contains("recipients") { settings.recipients = configured.recipients }
        if !given.contains("line-endings") { settings.lineEndings = configured.lineEndings }
        return settings
    }
}
