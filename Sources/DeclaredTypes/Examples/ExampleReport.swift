/// The results of examples in a form that people or programs read.
public enum ExampleReport {
    /// The forms that there are.
    public enum Format: String, Hashable, Sendable, CaseIterable {
        case text, junit, github
    }

    /// Whether no example failed.
    public static func isPassed(_ results: [ExampleResult]) -> Bool { results.allSatisfy { $0.failures.isEmpty } }

    public static func text(_ results: [ExampleResult], as format: Format) -> String {
        switch format {
        case .text: lines(results)
        case .junit: junit(results)
        case .github: (results.flatMap { github($0) } + [summary(results)]).joined(separator: "\n")
        }
    }

    /// What is wrong with a folder, so that none of its examples can be run.
    public static func text(_ mistakes: Findings, as format: Format) -> String {
        switch format {
        case .text: return mistakes.description
        case .github:
            return mistakes.all.map { annotation($0, title: "mistake") }.joined(separator: "\n")
        case .junit:
            let counts =
                " tests=\"\(mistakes.all.count)\" failures=\"0\" errors=\"\(mistakes.all.count)\" skipped=\"0\""
            let cases = mistakes.all.flatMap { finding in
                [
                    "    <testcase name=\"\(escaped(finding.file)):\(finding.position.line)\" classname=\"mistakes\" "
                        + "file=\"\(escaped(finding.file))\" line=\"\(finding.position.line)\" time=\"0\">",
                    "      <error message=\"\(escaped(finding.message))\">\(escaped(finding.description))</error>",
                    "    </testcase>",
                ]
            }
            return
                ([
                    """
                    <?xml version="1.0" encoding="UTF-8"?>
                    <testsuites\(counts)>
                      <testsuite name="mistakes"\(counts)>
                    """
                ] + cases + ["  </testsuite>", "</testsuites>"]).joined(separator: "\n")
        }
    }

    private static func summary(_ results: [ExampleResult]) -> String {
        let failed = results.count { !$0.failures.isEmpty }
        let skipped = results.count { $0.skipReason != nil }
        let counts = ["\(results.count - failed - skipped) passed", "\(failed) failed"]
        return "\(results.count) example\(results.count == 1 ? "" : "s"): "
            + (counts + (skipped > 0 ? ["\(skipped) skipped"] : [])).joined(separator: ", ")
    }

    // MARK: - Text

    private static func lines(_ results: [ExampleResult]) -> String {
        let lines = results.flatMap { result in
            let name = "\(result.type): \(result.example.escapedControls)"
            switch result.outcome {
            case .passed: return ["ok    \(name)"]
            case .skipped(let reason): return ["skip  \(name): \(reason)"]
            case .failed(let findings): return ["FAIL  \(name)"] + findings.map { "      \($0)" }
            }
        }
        return (lines + [summary(results)]).joined(separator: "\n")
    }

    // MARK: - JUnit

    private static func junit(_ results: [ExampleResult]) -> String {
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#, "<testsuites\(counts(results))>",
        ]
        var rest = results[...]
        while let type = rest.first?.type {
            let suite = rest.prefix { $0.type == type }
            rest = rest.dropFirst(suite.count)
            lines.append("  <testsuite name=\"\(escaped(type))\"\(counts(Array(suite)))>")
            lines += suite.flatMap { testCase($0) }
            lines.append("  </testsuite>")
        }
        return (lines + ["</testsuites>"]).joined(separator: "\n")
    }

    private static func counts(_ results: [ExampleResult]) -> String {
        let failures = results.count { !$0.failures.isEmpty }
        let skipped = results.count { $0.skipReason != nil }
        return " tests=\"\(results.count)\" failures=\"\(failures)\" errors=\"0\" skipped=\"\(skipped)\""
    }

    private static func testCase(_ result: ExampleResult) -> [String] {
        let head =
            "    <testcase name=\"\(escaped(result.example))\" classname=\"\(escaped(result.type))\" "
            + "file=\"\(escaped(result.file))\" line=\"\(result.position.line)\" time=\"0\""
        if let reason = result.skipReason {
            return [head + ">", "      <skipped message=\"\(escaped(reason))\"/>", "    </testcase>"]
        }
        guard let first = result.failures.first else { return [head + "/>"] }
        let all = result.failures.map { escaped($0.description) }.joined(separator: "\n")
        return [head + ">", "      <failure message=\"\(escaped(first.message))\">\(all)</failure>", "    </testcase>"]
    }

    /// The text in XML; characters that XML cannot hold are left out.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case "\t", " "..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"...: result.unicodeScalars.append(scalar)
            default: break
            }
        }
        return result
    }

    // MARK: - GitHub

    private static func github(_ result: ExampleResult) -> [String] {
        result.failures.map { annotation($0, title: "\(result.type): \(result.example.escapedControls)") }
    }

    private static func annotation(_ finding: Finding, title: String) -> String {
        let place = "file=\(property(finding.file)),line=\(finding.position.line),col=\(finding.position.column)"
        return "::error \(place),title=\(property(title))::\(data(finding.message))"
    }

    private static func data(_ text: String) -> String {
        text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    private static func property(_ text: String) -> String {
        data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}

extension ExampleResult {
    /// What failed; none if it passed or was not run.
    public var failures: [Finding] { if case .failed(let findings) = outcome { findings } else { [] } }

    var skipReason: String? { if case .skipped(let reason) = outcome { reason } else { nil } }
}
