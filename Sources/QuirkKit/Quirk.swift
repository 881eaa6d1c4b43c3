/// One thing that remote hosts get wrong, and what to do about it: a diagnosis, and the workarounds that follow from it.
///
/// A value in the catalogue, without state: what it would remember is in `Facts`. It judges; the engine acts, within the laws (docs/laws.md).
/// `Plugins/README.md` tells how to write one.
public protocol Quirk: Sendable {
    /// Its name, what it repairs, its options: what `mailshim quirks` prints and the config is checked against.
    var description: QuirkDescription { get }

    /// What is done differently with a host that has it. The options are complete: the default values are filled in.
    func workarounds(_ options: Options) -> Workarounds

    /// What an operator has to know of a rule with these options: `mailshim check` warns with it. Nil: nothing.
    func caution(_ options: Options) -> String?

    /// The moments and answers about which `diagnose` wants to be asked; what is left out costs nothing.
    var watches: Watches { get }

    /// Whether this observation means that the host has the quirk.
    func diagnose(_ seen: Observation, _ facts: Facts) -> Diagnosis?

    /// The moments and answers about which `acquits` wants to be asked, while a connection does without the quirk's workarounds to see whether they are needed.
    var acquittals: Watches { get }

    /// Whether this observation, made without the workarounds, shows that the host can do without them.
    func acquits(_ seen: Observation, _ facts: Facts) -> Bool
}

extension Quirk {
    public var name: String { self.description.name }

    /// What is done differently where it stands so in a table, or was learned: of several of it what they add up to.
    public func workarounds(of setting: QuirkSetting) -> Workarounds {
        setting.further.reduce(into: self.workarounds(setting.options)) { $0.fold(self.workarounds($1)) }
    }

    public func caution(_ options: Options) -> String? { nil }
    public var acquittals: Watches { .none }
    public func acquits(_ seen: Observation, _ facts: Facts) -> Bool { false }
}

/// Options of a quirk by name.
public typealias Options = [String: OptionValue]

extension Options {
    /// The whole number of an option.
    public func integer(_ name: String) -> Int? { if case .integer(let value)? = self[name] { value } else { nil } }

    /// The seconds of an option.
    public func seconds(_ name: String) -> Int? { if case .seconds(let value)? = self[name] { value } else { nil } }

    public func string(_ name: String) -> String? { if case .string(let value)? = self[name] { value } else { nil } }

    public func strings(_ name: String) -> [String]? { if case .strings(let value)? = self[name] { value } else { nil } }
}
