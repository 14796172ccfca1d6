import DeclaredTypes
public import SheafCore
public import SheafEngine

/// Reads sets of declared types, from a folder or from their stored form.
public struct TypeSetReader: Sendable {
    private let builtIn: [EventType]
    private let defaults: TextContext
    private let hooks: HookCalls

    /// - Parameters:
    ///   - defaults: the settings of recipients who have none of their own.
    ///   - hooks: calls the services of types.
    public init(builtIn: [EventType], defaults: RecipientDescription, hooks: HookCalls) {
        self.builtIn = builtIn
        self.defaults = TextContext(defaults: defaults)
        self.hooks = hooks
    }

    /// - Throws: all mistakes.
    public func set(in folder: String) throws(TypeMistakes) -> DeclaredSet {
        try read { () throws(Findings) in try TypeSet(TypeFolder(path: folder), builtIn: builtIn) }
    }

    /// - Throws: all mistakes.
    public func set(stored text: String) throws(TypeMistakes) -> DeclaredSet {
        try read { () throws(Findings) in try TypeSet(canonicalText: text, builtIn: builtIn) }
    }

    private func read(_ body: () throws(Findings) -> TypeSet) throws(TypeMistakes) -> DeclaredSet {
        do throws(Findings) { return DeclaredSet(try body(), beside: builtIn, defaults, hooks: hooks) } catch {
            throw TypeMistakes(error.all.map(\.description))
        }
    }
}
