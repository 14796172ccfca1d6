import SheafCore
import Testing

@Suite("Addresses of HTTP services")
struct HTTPURLTests {
    @Test(
        "Scheme, host, port and path are kept, without trailing slashes",
        arguments: [
            ("http://host", "http://host"), ("https://host:8443", "https://host:8443"),
            ("HTTPS://host:1/a/", "HTTPS://host:1/a"), ("http://127.0.0.1:8080//", "http://127.0.0.1:8080"),
            ("http://[::1]:80/", "http://[::1]:80"), ("http://host/in/side", "http://host/in/side"),
        ])
    func taken(text: String, expected: String) {
        #expect(HTTPURL(text)?.text == expected)
        #expect(HTTPURL(text)?.appending("/v1/items") == expected + "/v1/items")
    }

    @Test(
        "Anything else is refused",
        arguments: [
            "", "console", "host", "gateway:8080", "//host", "ftp://host", "kafka://host:1", "unix:///socket",
            "http://",
            "http:///path", "https://:443", "http://user:password@host", "http://user@host", "http://host?a=b",
            "http://host/#part", "http://host#x", "http://ho st", "http://host\n", "http://host:x", "http://host:65536",
        ])
    func refused(text: String) { #expect(HTTPURL(text) == nil) }
}
