import HTTPTypes
import Hummingbird
import SheafCore
import SheafEngine

/// The response to posted events: a result for each, in the given order.
struct PublishAnswer {
    let results: [IngestResult]

    var response: Response {
        var json = JSONText(capacity: 64 + 96 * results.count)
        let rejection = rejection
        json.add("{")
        if let rejection {
            json.add("\"error\":")
            json.add(error: rejection)
            json.add(",")
        }
        json.add("\"results\":[")
        for (index, result) in results.enumerated() {
            if index > 0 { json.add(",") }
            Self.add(result, to: &json)
        }
        json.add("]}")
        return Response(status: rejection == nil ? .accepted : .unprocessableContent, json: json.buffer)
    }

    /// The error of the whole request, if every event was rejected.
    private var rejection: APIError? {
        guard let first = results.first?.fault, results.allSatisfy({ $0.fault != nil }) else { return nil }
        guard results.count > 1 else { return Self.rejection(first) }
        return APIError(
            status: .unprocessableContent, code: SheafError.Code.invalid.rawValue,
            message: "all events were rejected; each result says why")
    }

    /// The error of a request whose only event is rejected.
    static func rejection(_ error: SheafError) -> APIError {
        let error = APIError(error)
        return APIError(
            status: .unprocessableContent, code: error.code, message: error.message, field: error.field)
    }

    private static func add(_ result: IngestResult, to json: inout JSONText) {
        json.add("{\"id\":")
        json.add(string: result.id)
        switch result.status {
        case .accepted: json.add(",\"status\":\"accepted\"}")
        case .duplicate: json.add(",\"status\":\"duplicate\"}")
        case .rejected(let error):
            json.add(",\"status\":\"rejected\",\"error\":")
            json.add(error: APIError(error))
            json.add("}")
        }
    }
}

extension IngestResult {
    fileprivate var fault: SheafError? {
        if case .rejected(let error) = status { error } else { nil }
    }
}
