import Foundation
import SheafApp
import SheafCore
import Testing

@Suite struct ExampleFileTests {
    @Test func `the example file can be read, and holds the defaults`() throws {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
        let file = root.appending(path: "examples/sheaf.yaml").path
        var expected = Settings()
        expected.types = [
            "sale_item_changed": TypeSettings(
                delivery: .debounced, window: .seconds(60), mode: .tumbling, maxWait: .seconds(600), maxEvents: 10_000),
            "sale_seller_status_changed": TypeSettings(delivery: .immediate),
            "seller_promocode_limit_reached": TypeSettings(delivery: .immediate),
        ]
        #expect(try Settings.load(file: file, environment: [:], types: typeNames) == expected)
    }
}
