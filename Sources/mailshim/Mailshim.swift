@main struct Mailshim { static func main() {} }
