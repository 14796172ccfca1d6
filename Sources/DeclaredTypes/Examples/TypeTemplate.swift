/// The file that `sheaf types new` writes.
public enum TypeTemplate {
    /// Whether a type can have the name.
    public static func isName(_ name: String) -> Bool { name.isName && !name.hasPrefix("_") }

    /// A commented file for a new type, whose example passes.
    public static func text(name: String) -> String {
        """
        # The type \(name): its events, when they are notified together, and with which texts.
        # `sheaf types check FOLDER` finds mistakes, `sheaf types test FOLDER` runs the examples below.

        # What an event's data holds. There are id, integer, number, string, boolean, time and lists of words as
        # [open, closed]; a ? at the end makes a field optional. Whatever else an event holds is kept and ignored.
        data:
          item_id: id
          author: string?

        # Events that differ in these fields are notified apart. Without a key each recipient has one window.
        key: [item_id]

        # immediate, or a window. tumbling closes a window's length after its first event, sliding after its last.
        delivery: {mode: tumbling, window: 5m}

        # Only events that meet this condition are notified; the others end suppressed, as not_matching.
        # when: data.item_id > 0

        # The texts by language, in ICU MessageFormat. Variables are count, and first_, last_, count_, list_ and more_
        # of each field. list_title is required; list_description, full_title, full_text and url are not.
        texts:
          en:
            list_title: "{count, plural, one {# new event} other {# new events}}"
            list_description: "{count_author, plural, =0 {See what happened} other {By {list_author}}}"

        # Events and the notification they give. `after` counts from the event before.
        examples:
          - name: two events become one notification
            locale: en
            events:
              - data: {item_id: 7, author: Anna}
              - after: 1m
                data: {item_id: 7, author: Boris}
            expect:
              list_title: 2 new events
              list_description: By Boris and Anna

        """
    }
}
