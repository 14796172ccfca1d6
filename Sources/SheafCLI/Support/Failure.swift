import ArgumentParser
import Foundation
import SheafApp
import SheafCore
import SheafEngine

/// How commands end after an error: a text on standard error, and an exit status of sysexits.h.
enum Failure {
    /// A required server cannot be used.
    private static let unavailable: Int32 = 69

    /// Prints the error, and returns the error to throw for the exit status.
    static func exit(for error: any Error) -> any Error {
        switch error {
        case let error as ExitCode: return error
        case let error as TypeMistakes:
            StandardError.write(error.description)
            return ExitCode.failure
        case let error as ConfigurationError:
            StandardError.write(error.description)
            return ExitCode(ConfigurationError.exitStatus)
        case let error as SheafError:
            StandardError.write((error.field.map { "\($0): " } ?? "") + error.message)
            switch error.code {
            case .unavailable, .storage: return ExitCode(unavailable)
            case .invalid where error.field?.contains(".") == true: return ExitCode(ConfigurationError.exitStatus)
            default: return ExitCode.failure
            }
        default: return error
        }
    }
}

/// Lines for people, apart from a command's result.
enum StandardError {
    static func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8)) }

    static var isTerminal: Bool { isatty(2) == 1 }

    /// Replaces the last line of a terminal.
    static func rewrite(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K\(text)".utf8))
    }
}
