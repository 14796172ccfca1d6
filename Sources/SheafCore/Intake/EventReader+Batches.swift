extension EventReader {
    /// The texts of an array's elements, so that each can be read, stored and refused on its own.
    ///
    /// - Throws: ``SheafError`` `invalid` if `body` is not a JSON array, `too_large` if it has more than `limit`
    ///   elements.
    public static func elements(of body: [UInt8], limit: Int) throws(SheafError) -> [ArraySlice<UInt8>] {
        guard String(validating: body, as: UTF8.self) != nil else { throw SheafError(.invalid, "is not valid UTF-8") }
        var elements: [ArraySlice<UInt8>] = []
        var count = 0
        let result = body.withUnsafeBufferPointer { buffer in
            var scanner = JSONScanner(buffer)
            return Result { () throws(JSONError) in
                try scanner.array { scanner throws(JSONError) in
                    let range = try scanner.skipValue()
                    count += 1
                    if count <= limit { elements.append(body[range]) }
                }
                try scanner.finish()
            }
        }
        if case .failure(let error) = result {
            throw SheafError(.invalid, "is not valid JSON: \(error.message) (byte \(error.offset))")
        }
        guard count <= limit else { throw SheafError(.tooLarge, "a batch holds at most \(limit) events") }
        return elements
    }
}
