import Glibc
import SMTPWire

/// The session in three columns: what the gateway says and hears, what Mailshim does, what the host hears and says.
struct Screen {
    enum Colour: String {
        case plain = "0", faint = "2", bold = "1", red = "31", green = "32", yellow = "33"
    }

    let isColoured: Bool
    private let widths = (left: 29, middle: 30)

    /// Colours where they were not forbidden and somebody sees them (https://no-color.org).
    init(colour: Bool) {
        self.isColoured = colour && isatty(1) == 1 && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
    }

    func title(_ text: String) { Swift.print("\n\(self.paint(text, .bold))\n") }

    func header(host: String, through middle: String) {
        Swift.print(
            self.paint("gateway".padded(to: self.widths.left + 3), .faint) + self.paint(middle.padded(to: self.widths.middle), .faint)
                + self.paint("   \(host)", .faint))
    }

    /// Heard by the one on the right as it was said on the left, or the other way round.
    func row(left: Cell? = nil, middle: String = "", right: Cell? = nil) {
        let text =
            self.paint((left?.text ?? "").cut(to: self.widths.left - 1).padded(to: self.widths.left), left?.colour ?? .plain)
            + self.paint(left?.arrow ?? "  ", .faint) + " " + self.paint(middle.padded(to: self.widths.middle), .yellow)
            + self.paint(right?.arrow ?? "  ", .faint) + " " + self.paint(right?.text ?? "", right?.colour ?? .plain)
        Swift.print(text.trimmedBlanks)
    }

    /// Over all columns.
    func note(_ text: String, _ colour: Colour) { Swift.print(self.paint(text, colour)) }

    private func paint(_ text: String, _ colour: Colour) -> String {
        let text = text.printable
        return self.isColoured && colour != .plain ? "\u{1b}[\(colour.rawValue)m\(text)\u{1b}[0m" : text
    }
}

extension String {
    fileprivate func cut(to width: Int) -> String { self.count > width ? self.prefix(width - 1) + "…" : self }
}

extension Screen {
    /// A line on its way between two columns.
    struct Cell {
        var text: String
        var arrow: String
        var colour: Colour

        static func command(_ text: String) -> Cell { Cell(text: text, arrow: "─▶", colour: .plain) }

        static func reply(_ text: String) -> Cell {
            Cell(text: text, arrow: "◀─", colour: text.first == "4" || text.first == "5" ? .red : .green)
        }

        static func event(_ text: String) -> Cell { Cell(text: text, arrow: "  ", colour: .faint) }
    }
}
