/// The attributes of a CloudEvent in binary mode, gathered from headers.
///
/// The first error is remembered and thrown only when the attributes are read, since headers are also gathered for
/// events that have their attributes elsewhere.
public struct CloudEventAttributes: Sendable {
    private var byName: [String: String] = [:]
    private var fault: SheafError?

    public init() {}

    /// Whether no header held an attribute.
    public var isEmpty: Bool { byName.isEmpty && fault == nil }

    /// - Parameters:
    ///   - name: without the prefix, in lower case.
    ///   - value: decoded; `nil` if it is not UTF-8.
    public mutating func add(_ name: String, _ value: String?) {
        guard let value else { return refuse(name, "is not valid UTF-8") }
        if byName.updateValue(value, forKey: name) != nil { refuse(name, "occurs twice in the headers") }
    }

    /// The attributes by name.
    ///
    /// - Throws: ``SheafError`` `invalid` if one occurs twice or is not UTF-8. Nothing is repaired, since that could
    ///   make two ids equal.
    public func values() throws(SheafError) -> [String: String] {
        if let fault { throw fault }
        return byName
    }

    private mutating func refuse(_ name: String, _ message: String) {
        fault = fault ?? SheafError(.invalid, field: String(name.prefix(100)), message)
    }
}
