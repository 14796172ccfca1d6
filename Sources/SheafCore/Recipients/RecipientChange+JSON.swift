extension RecipientChange {
    /// Members that a later version will accept.
    private static let later: Set = ["quiet_hours", "daily_at", "preferences"]

    /// Reads an object whose members are merged into the settings; `null` unsets one.
    ///
    /// - Throws: ``SheafError`` `invalid`; with the field if a member is wrong, without one if the body is not an
    ///   object.
    public init(json body: [UInt8]) throws(SheafError) {
        self = try JSONScanner.read(body: body, by: Self.read)
    }

    private static func read(_ scanner: JSONScanner) throws(JSONError) -> Result<RecipientChange, SheafError> {
        var (scanner, change) = (scanner, RecipientChange())
        var fault: SheafError?
        guard try scanner.nextKind() == .object else {
            try scanner.skipValue()
            try scanner.finish()
            return .failure(SheafError(.invalid, "expected an object of the recipient's settings"))
        }
        try scanner.object { scanner, name throws(JSONError) in
            let member = try member(&scanner)
            switch (name, member) {
            case ("locale", let member?): change.locale = member
            case ("time_zone", let member?): change.timeZone = member
            case ("locale", nil), ("time_zone", nil):
                fault = fault ?? SheafError(.invalid, field: name, "expected a string, or null to unset it")
            case _ where later.contains(name):
                fault = fault ?? SheafError(.invalid, field: name, "comes with a later version")
            default:
                let field = String(String.UnicodeScalarView(name.unicodeScalars.prefix(100)))
                fault = fault ?? SheafError(.invalid, field: field, "is not known; expected locale or time_zone")
            }
        }
        try scanner.finish()
        if let flaw = scanner.takeFlaw() { throw scanner.fault(flaw) }
        return fault.map { .failure($0) } ?? .success(change)
    }

    /// - Returns: `nil` if the value is neither a string nor null.
    private static func member(_ scanner: inout JSONScanner) throws(JSONError) -> Member? {
        switch try scanner.nextKind() {
        case .string: return .set(try scanner.string())
        case .null:
            try scanner.literal("null")
            return .unset
        default:
            try scanner.skipValue()
            return nil
        }
    }
}
