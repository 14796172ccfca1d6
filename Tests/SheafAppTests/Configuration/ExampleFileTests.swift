import Foundation
import SheafApp
import SheafCore
import Testing

@Suite struct ExampleFileTests {
    private static func example(_ name: String) -> String {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
        return root.appending(path: "examples/\(name).yaml").path
    }

    @Test(arguments: ["postgres", "distributed"])
    func `the examples of the other modes can be read`(name: String) throws {
        let settings = try Settings.load(file: Self.example(name), environment: [:], types: types)
        guard case .postgres = settings.store.url else {
            Issue.record("the store is not PostgreSQL")
            return
        }
    }

    @Test func `the example file can be read, and holds the defaults`() throws {
        var expected = Settings()
        expected.types = [
            "sale_item_changed": TypeSettings(
                delivery: .debounced, window: .seconds(60), mode: .tumbling, maxWait: .seconds(600), maxEvents: 10_000),
            "sale_seller_status_changed": TypeSettings(delivery: .immediate),
            "seller_promocode_limit_reached": TypeSettings(delivery: .immediate),
        ]
        #expect(try Settings.load(file: Self.example("sheaf"), environment: [:], types: types) == expected)
    }
}
