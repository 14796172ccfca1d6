extension JSONScanner {
    /// Reads the body of a request.
    ///
    /// - Throws: ``SheafError`` `invalid` without a field if it is not UTF-8 or not JSON; the error that `read`
    ///   returns.
    static func read<Value>(
        body: [UInt8], by read: (JSONScanner) throws(JSONError) -> Result<Value, SheafError>
    ) throws(SheafError) -> Value {
        guard String(validating: body, as: UTF8.self) != nil else {
            throw SheafError(.invalid, "the body is not UTF-8")
        }
        let outcome = body.withUnsafeBufferPointer { bytes in
            Result { () throws(JSONError) in try read(JSONScanner(bytes)) }
        }
        switch outcome {
        case .failure(let error):
            throw SheafError(.invalid, "the body is not JSON: \(error.message) at byte \(error.offset)")
        case .success(let result): return try result.get()
        }
    }
}
