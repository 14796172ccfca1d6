/// A checked expression in a form for fast evaluation: nodes refer to each other by index, and parts come before
/// wholes.
struct Program: Sendable {
    typealias Index = Int

    enum Node: Sendable {
        case constant(Int)
        case variable(CELVariable)
        case isPresent(CELVariable)
        case logical(Connective, Range<Int>)
        case conditional(Index, Index, Index)
        case list(Range<Int>)
        case unary(UnaryOperation, Index)
        case binary(Operation, Index, Index)
    }

    private(set) var nodes: [Node] = []
    /// By node index.
    private(set) var positions: [CELPosition] = []
    private(set) var constants: [CELValue] = []
    /// The parts of nodes with a variable number of them.
    private(set) var parts: [Index] = []

    /// The root node.
    var root: Index { nodes.count - 1 }

    // MARK: - Building

    mutating func append(_ node: Node, at position: CELPosition) -> Index {
        nodes.append(node)
        positions.append(position)
        return root
    }

    mutating func append(_ constant: CELValue, at position: CELPosition) -> Index {
        constants.append(constant)
        return append(.constant(constants.count - 1), at: position)
    }

    mutating func append(parts new: [Index]) -> Range<Int> {
        parts += new
        return (parts.count - new.count)..<parts.count
    }

    func constant(at index: Index) -> CELValue? {
        if case .constant(let place) = nodes[index] { constants[place] } else { nil }
    }
}
