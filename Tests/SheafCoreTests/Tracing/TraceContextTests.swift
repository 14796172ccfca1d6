import SheafCore
import Testing

@Suite("Trace context")
struct TraceContextTests {
    @Test(
        "Valid headers are read",
        arguments: [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", false),
            // Flags that version 00 does not know.
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff", true),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02", false),
            // Later versions, with more behind and without.
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-holds", true),
        ])
    func valid(text: String, isSampled: Bool) throws {
        let header = try #require(TraceContext(parent: text))
        #expect(
            header.description
                == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-\(isSampled ? "01" : "00")")
        #expect(TraceContext(header.description) == header)
    }

    @Test(
        "Invalid headers are refused",
        arguments: [
            "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47é-00f067aa0ba902b7-01",
        ])
    func invalid(text: String) { #expect(TraceContext(parent: text) == nil) }

    @Test("The state is stored with the trace in one text")
    func state() throws {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let context = try #require(TraceContext(parent: parent, state: " congo=t61rcWkgMzE,rojo=a b "))
        #expect(context.state == "congo=t61rcWkgMzE,rojo=a b")
        #expect(context.description == parent + " congo=t61rcWkgMzE,rojo=a b")
        #expect(TraceContext(context.description) == context)
        #expect(context.parent == parent)
        #expect(context.under(span: 5).parent == "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000005-01")
        #expect(context.under(span: 5).state == context.state)
    }

    @Test(
        "A state that is not a valid header is dropped",
        arguments: ["", " ", "a=\r\nb: c", "a=\u{0}", "a=é", String(repeating: "a", count: 513)])
    func badState(text: String) throws {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(try #require(TraceContext(parent: parent, state: text)).description == parent)
    }
}
