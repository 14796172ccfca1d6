import SheafCore

extension Operations {
    /// A page of the open windows, in the order they were opened: those in the store, then those outside it.
    /// - Throws: ``SheafError`` `invalid` for a limit out of range or an invalid cursor.
    public func windows(after cursor: String? = nil, limit: Int? = nil) async throws -> WindowPageDocument {
        let limit = try PageLimit.windows.checked(limit)
        let cursor = try readCursor(cursor, as: WindowCursor.self) ?? .stored(0)
        var (items, next): ([LiveWindow], WindowCursor?) = ([], nil)
        var total = 0
        if case .stored(let id) = cursor {
            let page = try await store.openWindows(after: id, limit: limit)
            items = page.items
            next = page.next.map { .stored($0) }
            total = page.total
        } else {
            total = try await store.openWindows(after: nil, limit: 1).total
        }
        if let debouncer {
            let room = next == nil ? limit - items.count : 0
            let page = try await debouncer.openWindows(after: cursor.outside, limit: max(1, room))
            total += page.total
            if room > 0 {
                items += page.items
                next = page.next.map { .outside($0) }
            } else if next == nil, page.total > 0 {
                next = .outside(0)
            }
        }
        return WindowPageDocument(
            items: items.map {
                WindowDocument(window: $0, key: catalog.text(of: $0.key), type: typeName($0.key.type))
            },
            total: total, next: next?.description)
    }

    /// Makes the open window of a key, such as `sale_item_changed:42:7`, due now, and ends its wait for a service.
    /// - Throws: ``SheafError`` `not_found`.
    public func flush(_ key: String) async throws {
        guard let key = catalog.windowKey(key) else { throw SheafError.notFound("open window") }
        let isOutside = try await debouncer?.flush(key) ?? false
        let isStored = try await store.flush(key)
        guard isOutside || isStored else { throw SheafError.notFound("open window") }
    }

    /// All open windows.
    func countOpenWindows() async throws -> Int { try await store.countOpenWindows(beside: debouncer) }
}

extension EventStore {
    /// All open windows, those outside the store included.
    /// - Parameter debouncer: holds windows outside the store; `nil` if there are none.
    func countOpenWindows(beside debouncer: (any Debouncer)?) async throws -> Int {
        let outside = try await debouncer?.openWindows(after: nil, limit: 1).total ?? 0
        return try await openWindows(after: nil, limit: 1).total + outside
    }
}

/// Where a page of windows ended.
private enum WindowCursor: LosslessStringConvertible {
    case stored(WindowID)
    case outside(WindowID)

    init?(_ description: String) {
        let isOutside = description.hasPrefix("w")
        guard let id = WindowID(isOutside ? String(description.dropFirst()) : description) else { return nil }
        self = isOutside ? .outside(id) : .stored(id)
    }

    var description: String {
        switch self {
        case .stored(let id): String(id)
        case .outside(let id): "w\(id)"
        }
    }

    var outside: WindowID? { if case .outside(let id) = self { id } else { nil } }
}
