import Foundation
import SheafApp
import SheafCore

/// The event types of these tests.
let types: [String: DeliveryPolicy] = [
    "sale_item_changed": .debounced(WindowPolicy()), "sale_seller_status_changed": .immediate,
    "seller_promocode_limit_reached": .immediate,
]

/// Loads a file of this name and content, under an environment.
func load(
    _ contents: String, as name: String = "sheaf.yaml", environment: [String: String] = [:],
    types: [String: DeliveryPolicy] = types
) throws -> Settings {
    try load(Data(contents.utf8), as: name, environment: environment, types: types)
}

func load(
    _ contents: Data, as name: String, environment: [String: String] = [:], types: [String: DeliveryPolicy] = types
) throws -> Settings {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sheaf-settings-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: name)
    try contents.write(to: file)
    return try Settings.load(file: file.path, environment: environment, types: types)
}

func load(environment: [String: String]) throws -> Settings {
    try Settings.load(environment: environment, types: types)
}

/// The mistakes of a configuration; empty if there are none.
func problems(_ load: () throws -> Settings) throws -> [String] {
    do {
        _ = try load()
        return []
    } catch let error as ConfigurationError { return error.problems.map(\.description) }
}

/// The secret values in these tests; none may ever be printed.
enum Secrets {
    static let signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let password = "hunter2secret"
    static let token = "t0kensecret"
}
