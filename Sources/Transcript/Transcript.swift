public import QuirkKit
public import SMTPSession

/// One `.smtp` file: a session as its two peers see it. README.md in this folder is the manual of the format.
///
/// What is not written must not happen: every octet heard, every connection, close and note is compared, and the first scene
/// that differs ends the play with `file:line: expected …, heard …`.
public struct Transcript: Hashable, Sendable {
    public let file: String
    public let header: Header
    let scenes: [Scene]
    let steps: [Step]
    /// Whose peer does something else than to close, after it was closed politely.
    let lingering: Set<Leg>

    public init(parsing text: String, file: String) throws(TranscriptError) {
        var lines = try Lines(text, file: file)
        self.file = file
        self.header = try Header(&lines)
        self.steps = try Step.all(in: &lines)
        (self.scenes, self.lingering) = try Scene.all(of: self.steps, header: self.header, file: file)
    }

    /// Plays it against the engine. `catalogue`: the quirks that the session knows.
    public func play(_ manner: Manner, catalogue: [any Quirk]) -> Outcome {
        self.play(manner, catalogue: catalogue) { SessionCodec(Session(settings: $0, catalogue: $1)) }
    }

    /// Plays it against whatever `make` makes: a test of the player needs an engine whose every fault is known.
    public func play<Engine: Played>(
        _ manner: Manner, catalogue: [any Quirk], against make: (Settings, [any Quirk]) -> Engine
    ) -> Outcome {
        let profiles: Profiles
        do { profiles = try Profiles(self.header, catalogue: catalogue, file: self.file) } catch {
            return Outcome(failures: [Failure(error, manner: manner)])
        }
        var stage = Stage(engine: make(self.header.settings, catalogue), transcript: self, profiles: profiles, manner: manner)
        return stage.play()
    }

    /// The manners in which this file is to be played: whole, byte by byte, and once for each seed, unless its header says otherwise.
    public var manners: [Manner] {
        self.header.onlyWhole ? [.whole] : [.whole, .byteByByte] + self.header.seeds.map { .pieces(seed: $0) }
    }
}
