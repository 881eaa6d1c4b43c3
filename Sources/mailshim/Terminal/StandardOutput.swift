import SMTPWire

/// In the place of Swift's own, so that no command can forget it: nothing of a file, a host or a gateway reaches a terminal raw.
func print(_ text: String = "", terminator: String = "\n") { Swift.print(text.printable(keeping: ["\n"]), terminator: terminator) }
