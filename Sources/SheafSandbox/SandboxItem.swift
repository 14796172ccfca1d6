/// An item of the simulated marketplace; all its properties follow from its id.
public struct SandboxItem: Hashable, Sendable {
    public let id: Int64

    public init(id: Int64) { self.id = id }

    /// Three of four items are banned in every sale: those whose id is not divisible by four.
    public var isBanned: Bool { !id.isMultiple(of: 4) }

    public var title: String {
        let product = Self.products[Int(id.magnitude % UInt64(Self.products.count))]
        return "\(product), арт. \(id)"
    }

    var status: String { isBanned ? "banned" : "active" }

    private static let products = [
        "Чайник электрический", "Кроссовки беговые", "Рюкзак городской", "Наушники беспроводные",
        "Плед шерстяной", "Куртка зимняя", "Лампа настольная", "Кофемолка ручная", "Коврик для йоги",
        "Часы настенные", "Сковорода чугунная", "Велосипед детский", "Клавиатура механическая", "Палатка двухместная",
        "Термос стальной", "Платье летнее", "Набор отвёрток", "Шарф кашемировый", "Колонка портативная",
        "Кресло офисное", "Самокат складной", "Увлажнитель воздуха", "Ваза керамическая",
    ]
}
