extension FuzzEntries {
    /// A random session whose choices are the octets: the first is the theme. All laws are looked at.
    static func worlds(_ octets: [UInt8]) -> String? {
        let theme = Scenario.Theme.allCases[Int(octets.first ?? 0) % Scenario.Theme.allCases.count]
        let tape = octets.dropFirst()
        guard !World(theme, Dice(tape: tape)).play().isEmpty else { return nil }
        let world = World(theme, Dice(tape: tape), isTold: true)
        let faults = world.play().map { "law \($0.law): \($0.text)" }
        return "\(theme):\n\((faults + [""] + (world.tale ?? [])).joined(separator: "\n"))"
    }
}
