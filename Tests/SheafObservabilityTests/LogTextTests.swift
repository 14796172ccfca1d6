import Logging
import SheafCore
import SheafObservability
import Testing

@Suite struct LogTextTests {
    let lines = LogLines()

    @Test func `A line has time, level, logger, message and metadata by name`() {
        lines.logger().info("listening", metadata: ["port": "8080", "host": "127.0.0.1"])
        #expect(
            lines.all == ["\(LogLines.time) INFO  sheaf.test: listening host=127.0.0.1 port=8080\n"])
        #expect(LogLines.time.description == "2026-11-23T09:00:00.007Z")
    }

    @Test func `Levels are upper case`() {
        let logger = lines.logger("l", level: .trace)
        for level in Logger.Level.allCases { logger.log(level: level, "m") }
        #expect(
            lines.all.map { $0.dropFirst(LogLines.time.description.count + 1) } == [
                "TRACE l: m\n", "DEBUG l: m\n", "INFO  l: m\n", "NOTICE l: m\n", "WARNING l: m\n", "ERROR l: m\n",
                "CRITICAL l: m\n",
            ])
    }

    @Test(arguments: [
        ("plain", "plain"), ("", #""""#), ("two words", #""two words""#), (#"say "hi""#, #""say \"hi\"""#),
        ("a=b", #""a=b""#), (#"C:\"#, #""C:\\""#), ("a\nb", #"a\nb"#), ("товар", "товар"),
        ("\u{1B}[31m", #"\u{1b}[31m"#), ("a\u{2028}b", #"a\u{2028}b"#), ("a\u{85}b", #"a\u{85}b"#),
    ])
    func `A value stays in its place`(value: String, text: String) {
        lines.logger("l").info("m", metadata: ["k": "\(value)"])
        #expect(lines.all == ["\(LogLines.time) INFO  l: m k=\(text)\n"])
    }

    @Test func `A message cannot begin another line`() {
        lines.logger("l").error("bad\r\n2026-11-23T09:00:00.000Z INFO  forged: line")
        #expect(lines.all == ["\(LogLines.time) ERROR l: bad\\r\\n2026-11-23T09:00:00.000Z INFO  forged: line\n"])
    }
}
