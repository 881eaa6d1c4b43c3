/// A JSON value (RFC 8259). The members of an object keep their order, so that what is printed is always the same.
public enum JSON: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    case real(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    public struct Member: Hashable, Sendable {
        public var name: String
        public var value: JSON

        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral, ExpressibleByFloatLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(floatLiteral value: Double) { self = .real(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0, $1) }) }
    public init(nilLiteral: ()) { self = .null }
}

extension JSON {
    public init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    public init(_ number: Int?) { self = number.map { .integer($0) } ?? .null }

    public var string: String? { if case .string(let text) = self { text } else { nil } }
    public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    public var integer: Int? { if case .integer(let number) = self { number } else { nil } }

    public var real: Double? {
        switch self {
        case .real(let number): number
        case .integer(let number): Double(number)
        case .null, .boolean, .string, .array, .object: nil
        }
    }

    /// Empty where it is no array.
    public var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }

    /// Empty where it is no object.
    public var members: [Member] { if case .object(let members) = self { members } else { [] } }

    /// A member's value; `.null` where it is not there, or this is no object.
    public subscript(_ name: String) -> JSON { self.members.first { $0.name == name }?.value ?? .null }
}
