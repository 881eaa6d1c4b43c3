"""What was measured, and the table of it."""
import statistics


class Figures:
    """The rounds' figures by row and column."""

    def __init__(self, columns, peer):
        """Columns: their titles by name. Peer: the column that Mailshim's is compared with."""
        self.columns, self.peer, self.rows = columns, peer, {}

    def note(self, row, column, value):
        if value is not None:
            self.rows.setdefault(row, {}).setdefault(column, []).append(value)

    def table(self):
        titles = [*self.columns.values(), "Mailshim", f"Mailshim : {self.columns[self.peer].split(' ')[0]}"]
        lines = [f"| | {' | '.join(titles)} |", "| --- |" + " ---: |" * len(titles)]
        for row, columns in self.rows.items():
            medians = {name: statistics.median(values) for name, values in columns.items()}
            ratio = f"{medians['mailshim'] / medians[self.peer]:.2f}" if self.peer in medians else ""
            cells = [text(medians.get(name)) for name in (*self.columns, "mailshim")]
            lines.append(f"| {row} | {' | '.join(cells)} | {ratio} |")
        return "\n".join(lines)


def text(value):
    return "" if value is None else f"{value:.1f}" if value < 100 else f"{value:,.0f}"
