import ArgumentParser

/// sysexits.h, as far as README.md promises it. Usage (64) comes from the argument parser itself.
extension ExitCode {
    /// What was given to work on is wrong, or cannot be read (EX_DATAERR, EX_NOINPUT).
    static let data = ExitCode(65)
    static let noInput = ExitCode(66)
    /// A port could not be bound, or a host not be reached.
    static let unavailable = ExitCode(69)
    /// Our own fault, or the system's.
    static let software = ExitCode(70)
    /// What is configured cannot work.
    static let config = ExitCode(78)
}
