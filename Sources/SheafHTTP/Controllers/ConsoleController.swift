import HTTPTypes
import Hummingbird
import NIOCore

/// The console page, whose files are built into the program.
struct ConsoleController: Sendable {
    private struct File: Sendable {
        let type: String
        let body: ByteBuffer

        init(_ type: String, _ bytes: [UInt8]) {
            self.type = type
            body = ByteBuffer(bytes: bytes)
        }
    }

    private static let script = "text/javascript; charset=utf-8"
    private static let page = File("text/html; charset=utf-8", PackageResources.index_html)
    private static let files = [
        "console.css": File("text/css; charset=utf-8", PackageResources.console_css),
        "api.js": File(script, PackageResources.api_js),
        "dead-letters.js": File(script, PackageResources.dead_letters_js),
        "dom.js": File(script, PackageResources.dom_js),
        "feed.js": File(script, PackageResources.feed_js),
        "first.js": File(script, PackageResources.first_js),
        "keys.js": File(script, PackageResources.keys_js),
        "main.js": File(script, PackageResources.main_js),
        "preview.js": File(script, PackageResources.preview_js),
        "rates.js": File(script, PackageResources.rates_js),
        "search.js": File(script, PackageResources.search_js),
        "stream.js": File(script, PackageResources.stream_js),
        "times.js": File(script, PackageResources.times_js),
        "types.js": File(script, PackageResources.types_js),
        "way.js": File(script, PackageResources.way_js),
        "windows.js": File(script, PackageResources.windows_js),
    ]

    @Sendable
    func page(_: Request, _: APIContext) async throws -> Response { Self.response(Self.page) }

    @Sendable
    func file(_: Request, _ context: APIContext) async throws -> Response {
        guard let file = Self.files[try context.pathPart("file")] else { throw APIError.notFound }
        return Self.response(file)
    }

    /// Browsers must request the files each time, so that they always match the program.
    private static func response(_ file: File) -> Response {
        Response(
            status: .ok, headers: [.contentType: file.type, .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: file.body))
    }
}
