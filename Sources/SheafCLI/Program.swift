public import ArgumentParser
import Foundation

/// Runs a program's command.
public enum Program {
    public static func run(_ command: (some AsyncParsableCommand).Type) async {
        // A reader that goes away (`sheaf demo | head`) is an error of the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        await command.main()
    }
}
