/// The stage counts that the processes on one store report to each other, seen from one process.
///
/// A report is useful only for seconds: a driver need not keep it when its server ends.
public protocol StageReports: Sendable {
    /// Reports the counts of this process; replaces its earlier report.
    /// - Throws: ``SheafError`` if the server fails.
    func report(_ snapshot: StageSnapshot) async throws

    /// The sum of the last reports of the other processes. A process without a report within the lifetime (10 s unless
    /// the driver was made with another) has ended and is not counted.
    ///
    /// - Throws: ``SheafError`` if the server fails.
    func others() async throws -> StageSnapshot
}
