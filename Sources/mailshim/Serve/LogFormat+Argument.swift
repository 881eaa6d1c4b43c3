public import ArgumentParser
public import Rules

extension LogSettings.Format: ExpressibleByArgument {}
