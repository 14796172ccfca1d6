import DeclaredTypes
import MessageFormat
public import SheafCore
public import SheafEngine

/// Reads sets of declared types, from a folder or as they were stored.
public struct TypeSetReader: Sendable {
    private let builtIn: [EventType]
    private let context: TextContext

    /// - Parameter language: what texts are made in if there are any in it.
    public init(builtIn: [EventType], language: String) {
        self.builtIn = builtIn
        context = TextContext(languages: [LanguageTag(language)].compactMap(\.self))
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
        do throws(Findings) { return DeclaredSet(try body(), context) } catch {
            throw TypeMistakes(error.all.map(\.description))
        }
    }
}
