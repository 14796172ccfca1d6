import SheafCore

extension Operations {
    /// A page of the open windows, in the order they were opened.
    /// - Throws: ``SheafError`` `invalid` for a limit out of range or a cursor that is none.
    public func windows(after cursor: String? = nil, limit: Int? = nil) async throws -> WindowPageDocument {
        let page = try await debouncer.openWindows(
            after: readCursor(cursor, as: WindowID.self), limit: PageLimit.windows.checked(limit))
        return WindowPageDocument(
            items: page.items.map {
                WindowDocument(window: $0, key: catalog.text(of: $0.key), type: typeName($0.key.type))
            },
            total: page.total, next: page.next.map { String($0) })
    }

    /// Makes the open window of a key, such as `sale_item_changed:42:7`, due now.
    /// - Throws: ``SheafError`` `not_found`.
    public func flush(_ key: String) async throws {
        guard let key = catalog.windowKey(key), try await debouncer.flush(key) else {
            throw SheafError.notFound("open window")
        }
    }
}
