public import ArgumentParser
public import Rules

extension RemoteName: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
