/// A label in another script, in the letters of DNS: RFC 3492 §6.3.
enum Punycode {
    /// Without "xn--". Nil where it cannot be expressed.
    static func encode(_ label: some StringProtocol) -> String? {
        let input = label.unicodeScalars.map(\.value)
        guard input.count <= 253 else { return nil }
        var output = input.filter { $0 < 0x80 }.compactMap { Unicode.Scalar($0) }
        let basic = output.count
        if basic > 0 { output.append("-") }
        var (n, delta, bias, handled): (UInt32, Int, Int, Int) = (128, 0, 72, basic)
        while handled < input.count {
            guard let next = input.filter({ $0 >= n }).min() else { return nil }
            delta += Int(next - n) * (handled + 1)
            n = next
            for value in input {
                if value < n { delta += 1 }
                guard value == n else { continue }
                Self.append(delta, bias: bias, to: &output)
                bias = Self.adapted(delta, first: handled == basic, count: handled + 1)
                delta = 0
                handled += 1
            }
            delta += 1
            n += 1
        }
        var text = ""
        text.unicodeScalars.append(contentsOf: output)
        return text
    }

    private static func append(_ delta: Int, bias: Int, to output: inout [Unicode.Scalar]) {
        var q = delta
        var k = 36
        while true {
            let threshold = min(max(k - bias, 1), 26)
            guard q >= threshold else { break }
            output.append(Self.digit(threshold + (q - threshold) % (36 - threshold)))
            q = (q - threshold) / (36 - threshold)
            k += 36
        }
        output.append(Self.digit(q))
    }

    private static func digit(_ value: Int) -> Unicode.Scalar {
        Unicode.Scalar(UInt8(truncatingIfNeeded: value < 26 ? value + 97 : value - 26 + 48))
    }

    private static func adapted(_ delta: Int, first: Bool, count: Int) -> Int {
        var delta = first ? delta / 700 : delta / 2
        delta += delta / count
        var k = 0
        while delta > 455 {
            delta /= 35
            k += 36
        }
        return k + 36 * delta / (delta + 38)
    }
}
