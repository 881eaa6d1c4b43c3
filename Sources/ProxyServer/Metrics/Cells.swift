import Synchronization

/// Numbers that any thread adds to, made at start: no lock and no look-up by name where they are counted.
final class Cells: @unchecked Sendable {
    private let cells: UnsafeMutablePointer<Atomic<Int>>
    let count: Int

    init(_ count: Int) {
        self.count = count
        self.cells = .allocate(capacity: count)
        for index in 0..<count { (self.cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        self.cells.deinitialize(count: self.count)
        self.cells.deallocate()
    }

    func add(_ number: Int = 1, at index: Int) {
        guard (0..<self.count).contains(index) else { return }
        self.cells[index].wrappingAdd(number, ordering: .relaxed)
    }

    subscript(index: Int) -> Int { (0..<self.count).contains(index) ? self.cells[index].load(ordering: .relaxed) : 0 }

    var all: [Int] { (0..<self.count).map { self[$0] } }
}
