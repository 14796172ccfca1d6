/// What a part is known by: its name and its type, within one container.
struct PartKey: Hashable, Sendable {
    let name: String
    private let type: ObjectIdentifier
    private let container: ObjectIdentifier

    init<Part>(_ name: String, _: Part.Type, in container: Container) {
        self.name = name
        type = ObjectIdentifier(Part.self)
        self.container = ObjectIdentifier(container)
    }
}
