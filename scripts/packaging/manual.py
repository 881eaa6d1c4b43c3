"""Manual pages from what the program itself says: mailshim(8) from its help, mailshim.toml(5) from mailshim.example.toml, which tests hold to the reader;
mailshim-metrics(5) from `mailshim metrics --describe`, mailshim-log(5) from docs/log.md.

    manual.py commands VERSION DATE <dump-help.json >mailshim.8
    manual.py config VERSION DATE <mailshim.example.toml >mailshim.toml.5
    manual.py metrics VERSION DATE <description.txt >mailshim-metrics.5
    manual.py log VERSION DATE <docs/log.md >mailshim-log.5
"""

import json
import re
import sys


def escaped(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def paragraphs(text):
    """Indented lines stay as they are, the others flow."""
    lines, isLiteral = [], False
    for line in text.split("\n"):
        literal = line.startswith("  ")
        if literal != isLiteral:
            lines.append(".PP\n.nf" if literal else ".fi")
            isLiteral = literal
        lines.append(escaped(line) if line.strip() else ".PP")
    if isLiteral:
        lines.append(".fi")
    return "\n".join(lines)


def header(name, section, version, date):
    return f'.TH "{name}" "{section}" "{date}" "mailshim {version}" "Mailshim"\n.nh\n.ad l'


def names(argument):
    shown = sorted(argument.get("names", []), key=lambda name: len(name["name"]))
    words = [("\\-" if name["kind"] == "short" else "\\-\\-") + escaped(name["name"]) for name in shown]
    value = escaped(argument.get("valueName", ""))
    if argument["kind"] == "positional":
        return f"\\fI{value}\\fR" + ("..." if argument["isRepeating"] else "")
    text = ", ".join(f"\\fB{word}\\fR" for word in words)
    return text if argument["kind"] == "flag" else f"{text} \\fI{value}\\fR"


def shown(arguments):
    ignored = ("help", "version")
    return [a for a in arguments if a.get("shouldDisplay", True) and a.get("valueName") not in ignored]


def command(node, path):
    words = path + [node["commandName"]]
    lines = [f'.SS "{escaped(" ".join(words[1:]))}"'] if len(words) > 1 else []
    if len(words) > 1:
        lines.append(escaped(node.get("abstract", "")))
        if node.get("discussion"):
            lines += [".PP", paragraphs(node["discussion"])]
        for argument in shown(node.get("arguments", [])):
            lines += [".TP", names(argument), escaped(argument.get("abstract", ""))]
            if argument.get("defaultValue"):
                lines.append(f"Default: {escaped(argument['defaultValue'])}.")
    for child in node.get("subcommands", []):
        if child["commandName"] != "help" and child.get("shouldDisplay", True):
            lines += command(child, words)
    return lines


def commands(version, date):
    root = json.load(sys.stdin)["command"]
    lines = [header("MAILSHIM", "8", version, date), ".SH NAME", f"mailshim \\- {escaped(root['abstract'].rstrip('.'))}"]
    lines += [".SH SYNOPSIS", "\\fBmailshim\\fR \\fIcommand\\fR [\\fIoption\\fR...]"]
    lines += [".SH DESCRIPTION", paragraphs(root.get("discussion", ""))]
    lines += [".SH COMMANDS"] + command(root, [])
    lines += [".SH FILES"]
    for path, what in [
        ("/etc/mailshim/mailshim.toml", "The config, see mailshim.toml(5)."),
        ("/var/lib/mailshim/learned.sqlite", "What was learned of remotes."),
        ("/run/mailshim/admin.sock", "Where a running Mailshim is asked."),
        ("/usr/share/mailshim/tproxy.conf", 'What mailshim.service needs besides for destination = "tproxy".'),
    ]:
        lines += [".TP", f"\\fI{escaped(path)}\\fR", escaped(what)]
    lines += [".SH SEE ALSO", "\\fBmailshim.toml\\fR(5), \\fBmailshim-log\\fR(5), \\fBmailshim-metrics\\fR(5), \\fBnft\\fR(8), \\fBsystemctl\\fR(1)"]
    return lines


KEY = re.compile(r'^(?:#)?([a-z-]+)\s*=\s*(.*?)(?:\s{2,}#\s*(.*))?$')


def config(version, date):
    lines = [header("MAILSHIM.TOML", "5", version, date), ".SH NAME", "mailshim.toml \\- config of mailshim", ".SH DESCRIPTION"]
    isFlowing = True
    for line in sys.stdin.read().split("\n"):
        if match := re.match(r"^# ─+ (.*?) ─+$", line):
            lines.append(f'.SH "{escaped(match[1].upper())}"')
        elif line.startswith("[") and (match := re.match(r"^(\[+[^#]*\]+)\s*(?:#\s*(.*))?$", line)):
            lines += [f'.SS "{escaped(match[1].strip()).replace(chr(34), chr(92) + "(dq")}"', escaped(match[2] or "")]
        elif match := KEY.match(line):
            lines += [".TP", f"\\fB{escaped(match[1])}\\fR = {escaped(match[2])}", escaped(match[3] or "\\&").replace("\\e&", "\\&")]
        elif line.startswith("#"):
            text = line[1:].removeprefix(" ")
            literal = text.startswith("  ")
            if literal == isFlowing:
                lines.append(".PP\n.nf" if literal else ".fi\n.PP")
                isFlowing = not literal
            elif not literal and (not lines[-1] or lines[-1].startswith(".PP") or lines[-2].startswith((".TP", "\\fB"))):
                lines.append(".PP")
            lines.append(escaped(text))
        elif not line:
            if not isFlowing:
                lines.append(".fi")
                isFlowing = True
            lines.append(".PP")
    lines += [".SH SEE ALSO", "\\fBmailshim\\fR(8)"]
    return [line for line in lines if line]


def metrics(version, date):
    lines = [header("MAILSHIM-METRICS", "5", version, date), ".SH NAME", "mailshim-metrics \\- metrics of mailshim", ".SH DESCRIPTION"]
    lines.append(escaped("What mailshim metrics prints, and /metrics where [admin] http is set, in the text format of Prometheus."))
    lines.append(escaped("No address, domain, session or mailbox is a label. Counters begin with the process."))
    lines.append(".SH METRICS")
    for line in sys.stdin.read().splitlines():
        if not line.startswith(" "):
            name, kind = line.split()
            lines += [".TP", f"\\fB{escaped(name)}\\fR ({kind})"]
        elif line.strip():
            lines.append(escaped(line.strip()))
    return lines + [".SH SEE ALSO", "\\fBmailshim\\fR(8)"]


def inline(text):
    """Markdown within a paragraph: code is bold, links are their text."""
    text = escaped(re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)).replace("\\|", "|")
    return re.sub(r"`([^`]*)`", r"\\fB\1\\fR", text)


def log(version, date):
    lines = [header("MAILSHIM-LOG", "5", version, date), ".SH NAME", "mailshim-log \\- log of mailshim", ".SH DESCRIPTION"]
    isCode = False
    for line in sys.stdin.read().split("\n"):
        if line.startswith("```"):
            isCode = not isCode
            lines.append(".PP\n.nf" if isCode else ".fi")
        elif isCode:
            lines.append(escaped(line) or ".sp")
        elif line.startswith("## "):
            lines.append(f'.SH "{escaped(line[3:].upper())}"')
        elif line.startswith("| ") and (cells := line.strip("| ").split(" | ", 1)) and len(cells) == 2 and cells[0]:
            if set(cells[0]) != {"-"}:
                lines += [".TP", inline(cells[0]), inline(cells[1])]
        elif line.startswith(("# ", "|")):
            continue
        else:
            lines.append(inline(line) if line else ".PP")
    return lines + [".SH SEE ALSO", "\\fBmailshim\\fR(8)"]


print("\n".join({"commands": commands, "config": config, "metrics": metrics, "log": log}[sys.argv[1]](*sys.argv[2:4])))
