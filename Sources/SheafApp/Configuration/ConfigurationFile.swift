internal import Foundation

/// Reads a configuration file.
enum ConfigurationFile {
    static func read(_ path: String) throws(Rejection) -> Data {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw Rejection("there is no such file")
        }
        guard !isDirectory.boolValue else { throw Rejection("is a directory, not a file") }
        do { return try Data(contentsOf: URL(filePath: path)) } catch let error as CocoaError {
            throw Rejection("cannot be read" + (error.code == .fileReadNoPermission ? ": permission denied" : ""))
        } catch { throw Rejection("cannot be read") }
    }

    /// The format by the file's extension; `nil` if it is unknown.
    static func format(of path: String) -> FileContents.Format? {
        switch path.split(separator: "/").last?.split(separator: ".").last?.lowercased() {
        case "yaml", "yml": .yaml
        case "json": .json
        default: nil
        }
    }
}
