import DeclaredTypes
import MessageFormat
import SheafCore

/// `sale_item_changed` as a declared type.
enum DeclaredType {
    static let name = "items_excluded"

    private static let file = """
        data: {sale_id: id, item_id: id}
        key: [sale_id]
        when: data.item_id >= 0
        distinct: item_id
        texts:
          ru:
            list_title: "⚠️ {count, plural, one {Ваш товар} few {Ваши товары} many {Ваши товары} other {Ваши товары}} исключили из распродажи"
            list_description: "{count, plural, one {# объявление больше не подходит} few {# объявления больше не подходят} many {# объявлений больше не подходят} other {# объявления больше не подходят}} под условия"
            full_title: "Исключили {count, plural, one {# товар} few {# товара} many {# товаров} other {# товара}} из распродажи"
            full_text: "{count, plural, one {# объявление больше не подходит} few {# объявления больше не подходят} many {# объявлений больше не подходят} other {# объявления больше не подходят}} под условия. Проверьте цены и описания товаров."
        """

    static func eventType() throws -> EventType {
        let set = try TypeSet(TypeFolder(["\(name).yaml": file]), builtIn: [])
        let context = TextContext(languages: ["ru"].compactMap { LanguageTag($0) })
        guard let type = set.type(named: name)?.eventType(code: 4, context) else {
            throw SheafError(.invalid, "the declared type cannot be made")
        }
        return type
    }
}
