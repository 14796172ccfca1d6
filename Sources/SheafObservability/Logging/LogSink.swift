/// A target of log lines.
protocol LogSink: Sendable {
    /// Writes a line, including its line end, in one piece.
    func emit(_ line: String)
}
