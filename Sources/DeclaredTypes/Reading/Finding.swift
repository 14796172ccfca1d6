internal import SheafCore

/// A place in a file; both numbers begin with 1, and columns count Unicode scalars.
public struct SourcePosition: Hashable, Comparable, Sendable {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// No place: what it speaks of stands in no file that somebody can open.
    static let none = SourcePosition(line: 0, column: 0)

    public static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// One mistake in a folder of types: where it stands, what it is, and what would be right.
public struct Finding: Error, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let file: String
    public let position: SourcePosition
    /// What is wrong, and what would be right; it names the member.
    public let message: String

    public init(_ file: String, _ position: SourcePosition = SourcePosition(line: 1, column: 1), _ message: String) {
        // A line is a mistake, whatever files are called.
        self.file = file.withoutControls
        self.position = position
        self.message = message
    }

    /// `reviews.yaml:3:7: data.stars: …`; `reviews.yaml: data.stars: …` if it has no place.
    public var description: String {
        position == .none ? "\(file): \(message)" : "\(file):\(position.line):\(position.column): \(message)"
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.file, left.position, left.message) < (right.file, right.position, right.message)
    }
}

/// All that is wrong with a folder of types.
public struct Findings: Error, Hashable, Sendable, CustomStringConvertible {
    /// At least one, by file and place.
    public let all: [Finding]

    public init(_ all: some Sequence<Finding>) { self.all = Set(all).sorted() }

    /// A line a mistake.
    public var description: String { all.map(\.description).joined(separator: "\n") }
}
