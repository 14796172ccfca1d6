/// A text that stands in a YAML file, with the way back from each of its characters to where it is written.
struct SourceText: Hashable, Sendable {
    enum Style: Hashable, Sendable {
        case plain, singleQuoted, doubleQuoted, literal, folded
    }

    let text: String
    /// Where it begins: at its quote, or the mark of its block.
    let position: SourcePosition
    let style: Style
    private let lines: SourceLines

    init(_ text: String, at position: SourcePosition, style: Style = .plain, in lines: SourceLines = SourceLines("")) {
        self.text = text
        self.position = position
        self.style = style
        self.lines = lines
    }

    static func == (left: Self, right: Self) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8) && left.position == right.position
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(text)
        hasher.combine(position)
    }

    /// The text without the line breaks at the end of a block, which nobody means to be in a notification.
    var message: String {
        guard style == .literal || style == .folded else { return text }
        var scalars = text.unicodeScalars
        while scalars.last == "\n" { scalars.removeLast() }
        return String(scalars)
    }

    /// The same text without its place.
    var withoutPlace: SourceText { SourceText(text, at: .none) }

    /// Where the Unicode scalar with this number is written.
    func position(ofScalar offset: Int) -> SourcePosition {
        guard position != .none else { return .none }
        var cursor = SourceCursor(lines, position, style)
        let scalars = Array(text.unicodeScalars)
        for index in 0..<min(max(offset, 0), scalars.count) {
            cursor.consume(scalars[index], next: index + 1 < scalars.count ? scalars[index + 1] : nil)
        }
        return cursor.position
    }

    /// Where the character at this line and column of the text is written.
    func position(line: Int, column: Int) -> SourcePosition {
        var (offset, rest) = (0, line - 1)
        for scalar in text.unicodeScalars {
            guard rest > 0 else { break }
            if scalar == "\n" { rest -= 1 }
            offset += 1
        }
        return position(ofScalar: offset + column - 1)
    }
}

/// The lines of a file as YAML counts them.
struct SourceLines: Sendable {
    private let lines: [[Unicode.Scalar]]

    init(_ text: String) {
        var lines: [[Unicode.Scalar]] = [[]]
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lines.append([])
            default: lines[lines.count - 1].append(scalar)
            }
            previous = scalar
        }
        self.lines = lines
    }

    var count: Int { lines.count }

    subscript(line: Int) -> [Unicode.Scalar] { lines.indices.contains(line - 1) ? lines[line - 1] : [] }

    /// The character at a place; `nil` at the end of a line.
    subscript(position: SourcePosition) -> Unicode.Scalar? {
        let line = self[position.line]
        return line.indices.contains(position.column - 1) ? line[position.column - 1] : nil
    }
}

/// Walks through a scalar in its file while its value is read along.
private struct SourceCursor {
    private let lines: SourceLines
    private let style: SourceText.Style
    /// The columns before the content of a block.
    private let indentation: Int
    private var line: Int
    private var column: Int

    init(_ lines: SourceLines, _ start: SourcePosition, _ style: SourceText.Style) {
        self.lines = lines
        self.style = style
        switch style {
        case .plain: (line, column, indentation) = (start.line, start.column, 0)
        case .singleQuoted, .doubleQuoted: (line, column, indentation) = (start.line, start.column + 1, 0)
        case .literal, .folded:
            let isBlank = { (number: Int) in lines[number].allSatisfy { $0 == " " } }
            var first = start.line + 1
            while first < lines.count, isBlank(first) { first += 1 }
            indentation = lines[first].prefix { $0 == " " }.count
            (line, column) = (start.line + 1, indentation + 1)
        }
    }

    var position: SourcePosition { SourcePosition(line: line, column: column) }

    private var here: Unicode.Scalar? { lines[position] }
    private var isAtEnd: Bool { here == nil }

    private var isBlankFromHere: Bool {
        lines[line].dropFirst(column - 1).allSatisfy { $0 == " " || $0 == "\t" }
    }

    /// Goes on to behind what stands for `scalar`.
    mutating func consume(_ scalar: Unicode.Scalar, next: Unicode.Scalar?) {
        if style == .literal {
            guard scalar == "\n" else { return column += 1 }
            return nextLine()
        }
        if style == .doubleQuoted, here == "\\" {
            while here == "\\", lines[line].dropFirst(column).isEmpty {
                nextLine()
                skipBlanks()
            }
            if here == "\\" { return column += escapeLength }
        }
        if style == .singleQuoted, here == "'" { return column += 2 }
        let isFold = scalar == " " || scalar == "\n"
        guard isFold, style == .folded ? isAtEnd : isBlankFromHere, line < lines.count else { return column += 1 }
        nextLine()
        // What is empty up to the next text is part of the fold, unless it stands for line breaks that follow.
        if next != "\n" { while line < lines.count, isBlankFromHere { nextLine() } }
        if style != .folded { skipBlanks() }
    }

    private var escapeLength: Int {
        switch lines[SourcePosition(line: line, column: column + 1)] {
        case "x": 4
        case "u": 6
        case "U": 10
        default: 2
        }
    }

    private mutating func nextLine() { (line, column) = (line + 1, indentation + 1) }

    private mutating func skipBlanks() { while here == " " || here == "\t" { column += 1 } }
}
