import SheafCore

/// The texts of `review_published`.
struct ReviewPublishedTexts: Sendable {
    let language: Language

    func content(bad: Int) -> NotificationContent {
        switch language {
        case .russian:
            let forms = PluralForms(one: "плохой отзыв", few: "плохих отзыва", many: "плохих отзывов")
            let reviews = "\(bad) \(forms.form(for: bad, in: language))"
            return NotificationContent(
                listTitle: reviews, listDescription: "Ответьте покупателям",
                fullTitle: "Ваш товар получил \(reviews)", fullText: "Ответьте покупателям, чтобы они вернулись.")
        case .english:
            let forms = PluralForms(one: "bad review", other: "bad reviews")
            let reviews = "\(bad) \(forms.form(for: bad, in: language))"
            return NotificationContent(
                listTitle: reviews, listDescription: "Answer the buyers",
                fullTitle: "Your item got \(reviews)", fullText: "Answer the buyers, so that they come back.")
        }
    }
}
