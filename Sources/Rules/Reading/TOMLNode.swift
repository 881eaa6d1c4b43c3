import CTOMLTree

/// A TOML value that knows where it stands in its file.
struct TOMLNode: Hashable, Sendable {
    typealias Position = FilePosition
    enum Value: Hashable, Sendable {
        case table([Entry]), array([TOMLNode]), string(String), integer(Int64), real(Double), boolean(Bool), other
    }
    struct Entry: Hashable, Sendable { let key: String, at: Position, node: TOMLNode }
    struct SyntaxError: Error, Hashable, Sendable { let message: String, at: Position }

    let value: Value
    let at: Position

    init(parsing text: String) throws(SyntaxError) {
        if let at = TOMLNode.deepKey(in: text) { throw SyntaxError(message: "a key of more than \(TOMLNode.keyParts) parts", at: at) }
        var text = text
        var visits: [Visit] = []
        let isFine = text.withUTF8 { bytes in
            withUnsafeMutablePointer(to: &visits) { visits in
                bytes.withMemoryRebound(to: CChar.self) { chars in
                    toml_walk(chars.baseAddress, chars.count, visits) { context, visit in
                        guard let context, let visit else { return }
                        context.assumingMemoryBound(to: [Visit].self).pointee.append(Visit(visit.pointee))
                    }
                }
            }
        }
        var rest = visits[...]
        let start = Position(line: 1, column: 1)
        guard isFine else { throw SyntaxError(message: visits.first?.text ?? "not TOML", at: visits.first?.at ?? start) }
        self = TOMLNode(&rest) ?? TOMLNode(value: .table([]), at: start)
    }

    private init(value: Value, at: Position) {
        self.value = value
        self.at = at
    }

    private init?(_ rest: inout ArraySlice<Visit>) {
        guard let visit = rest.popFirst() else { return nil }
        self.at = visit.at
        switch visit.kind {
        case toml_table:
            var entries: [Entry] = []
            for _ in 0..<visit.children {
                guard let next = rest.first, let node = TOMLNode(&rest) else { return nil }
                entries.append(Entry(key: next.key, at: next.keyAt, node: node))
            }
            // toml++ hands them out by name.
            self.value = .table(entries.sorted { ($0.at.line, $0.at.column) < ($1.at.line, $1.at.column) })
        case toml_array: self.value = .array((0..<visit.children).compactMap { _ in TOMLNode(&rest) })
        case toml_string: self.value = .string(visit.text)
        case toml_integer: self.value = .integer(visit.integer)
        case toml_real: self.value = .real(visit.real)
        case toml_boolean: self.value = .boolean(visit.integer != 0)
        default: self.value = .other
        }
    }
}

private struct Visit {
    let kind: toml_kind
    let key: String
    let keyAt: TOMLNode.Position
    let at: TOMLNode.Position
    let text: String
    let integer: Int64
    let real: Double
    let children: Int

    init(_ visit: toml_visit) {
        self.kind = visit.kind
        self.key = Self.string(visit.key, visit.key_length)
        self.keyAt = .init(line: Int(visit.key_line), column: Int(visit.key_column))
        self.at = .init(line: Int(visit.line), column: Int(visit.column))
        self.text = Self.string(visit.text, visit.text_length)
        self.integer = visit.integer
        self.real = visit.real
        self.children = visit.children
    }

    private static func string(_ start: UnsafePointer<CChar>?, _ length: Int) -> String {
        start.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: length), as: UTF8.self) } ?? ""
    }
}
