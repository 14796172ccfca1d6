/// Upper bounds of histogram buckets for Sheaf's metrics.
public enum HistogramBuckets {
    /// Seconds that operations and requests take: 100 µs to 10 s.
    public static let durations: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// Seconds that something is late: 1 ms to a minute.
    public static let lateness: [Double] = [
        0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60,
    ]

    /// Numbers of things: 1 to 10,000.
    public static let counts: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]

    /// The bounds of a histogram without a description, by the unit in its name.
    static func standard(for name: String) -> [Double] { name.hasSuffix("_seconds") ? durations : counts }
}
