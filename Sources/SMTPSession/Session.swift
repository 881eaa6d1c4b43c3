public import QuirkKit

public struct Session: Sendable {
    public init(settings: Settings, catalogue: [any Quirk.Type]) {}
}
