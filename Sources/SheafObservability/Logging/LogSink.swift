/// Where log lines go.
protocol LogSink: Sendable {
    /// Writes a line, which holds its own end, in one piece.
    func emit(_ line: String)
}
