public import ArgumentParser
import Foundation

/// Runs a program's command.
public enum Program {
    public static func run(_ command: (some AsyncParsableCommand).Type) async {
        // A reader that goes away (`sheaf demo | head`) must fail the write, not end the process.
        signal(SIGPIPE, SIG_IGN)
        guard argumentsAreText else {
            StandardError.write("An argument is not UTF-8 text.")
            exit(ExitCode.validationFailure.rawValue)
        }
        await command.main()
    }

    /// Whether all arguments are UTF-8. Otherwise they would be read with U+FFFD in place of invalid bytes, and an id
    /// could be another's.
    private static var argumentsAreText: Bool {
        (0..<Int(CommandLine.argc)).allSatisfy { index in
            CommandLine.unsafeArgv[index].map { String(validatingCString: $0) != nil } ?? true
        }
    }
}
