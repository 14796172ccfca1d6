/// What the processes on one store tell each other about their stages, seen from one of them.
///
/// A report is of worth for seconds: a driver need not keep it when its server ends.
public protocol StageReports: Sendable {
    /// Tells the others what this process did; it takes the place of what it told before.
    /// - Throws: ``SheafError`` if the server fails.
    func report(_ snapshot: StageSnapshot) async throws

    /// What the other processes told last, together. A process that told nothing for the driver's lifetime, 10 s unless
    /// it was made with another, has ended and counts no more.
    ///
    /// - Throws: ``SheafError`` if the server fails.
    func others() async throws -> StageSnapshot
}
