import Logging
import SheafCore
import SheafObservability
import Testing

@Suite struct LogHandlerTests {
    let lines = LogLines()

    private var messages: [String] { lines.all.map { String($0.split(separator: ": ")[1].dropLast()) } }

    @Test(arguments: Logger.Level.allCases)
    func `Only severe enough messages are written`(level: Logger.Level) {
        let logger = lines.logger(level: level)
        for other in Logger.Level.allCases { logger.log(level: other, "\(other)") }
        #expect(messages == Logger.Level.allCases.filter { $0 >= level }.map(\.rawValue))
    }

    @Test func `Changes to a copy of a logger stay with the copy`() {
        var first = lines.logger("l")
        first[metadataKey: "a"] = "1"
        var second = first
        second[metadataKey: "a"] = "2"
        second.logLevel = .error
        first.info("first")
        second.info("not written")
        second.error("second")
        #expect(messages == ["first a=1", "second a=2"])
        #expect(first[metadataKey: "a"] == "1")
    }

    @Test func `A statement's metadata overrides the provider's, and that the logger's`() {
        var logger = lines.logger(
            metadataProvider: Logger.MetadataProvider { ["b": "provider", "c": "provider"] })
        for key in ["a", "b", "c"] { logger[metadataKey: key] = "logger" }
        logger.info("m", metadata: ["c": "statement"])
        #expect(messages == ["m a=logger b=provider c=statement"])
    }

    @Test func `An error is logged with its type`() {
        lines.logger().error("failed", error: SheafError(.unavailable, "no answer"))
        #expect(
            lines.all.first?.hasSuffix(
                ": failed error.message=\"unavailable: no answer\" error.type=SheafCore.SheafError\n") == true)
    }
}
