/// Fields known to be present.
struct Presence {
    /// This point is never reached, so any claim about it is true.
    private var isUnreachable = false
    private var places: Set<Int> = []

    static let nothingKnown = Presence()
    static let unreachable = Presence(isUnreachable: true)

    private init(isUnreachable: Bool = false, places: Set<Int> = []) {
        self.isUnreachable = isUnreachable
        self.places = places
    }

    init(of place: Int) { places = [place] }

    func contains(_ place: Int) -> Bool { isUnreachable || places.contains(place) }

    /// Adds the fields known from the other: both apply.
    mutating func formUnion(_ other: Presence) {
        isUnreachable = isUnreachable || other.isUnreachable
        places.formUnion(other.places)
    }

    func union(_ other: Presence) -> Presence {
        var union = self
        union.formUnion(other)
        return union
    }

    /// The fields known if only one of the two applies.
    func intersection(_ other: Presence) -> Presence {
        if isUnreachable { return other }
        if other.isUnreachable { return self }
        return Presence(places: places.intersection(other.places))
    }
}

/// What an expression's result says about which optional fields are present.
///
/// This is the guard that an optional field needs, by these rules:
/// - `has(data.F)` is true only if F is present;
/// - `!a` is true if `a` is false, and the other way round;
/// - the operands of `a && b && …` are checked as if those before them were true. If the whole is true, all
///   are; if it is false, one is, and any may be;
/// - `a || b || …` likewise, with true and false exchanged;
/// - of `c ? t : e`, `t` is checked as if `c` were true, and `e` as if it were false;
/// - `true` is never false, and `false` never true;
/// - anything else says nothing.
struct Facts {
    var ifTrue = Presence.nothingKnown
    var ifFalse = Presence.nothingKnown

    static let none = Facts()

    static func literal(_ value: Bool) -> Facts {
        value ? Facts(ifFalse: .unreachable) : Facts(ifTrue: .unreachable)
    }

    static func has(_ place: Int) -> Facts { Facts(ifTrue: Presence(of: place)) }

    var negated: Facts { Facts(ifTrue: ifFalse, ifFalse: ifTrue) }

    /// The fields known to the operands after this one.
    func known(after connective: Connective) -> Presence { connective == .and ? ifTrue : ifFalse }

    func joined(_ connective: Connective, _ other: Facts) -> Facts {
        switch connective {
        case .and: Facts(ifTrue: ifTrue.union(other.ifTrue), ifFalse: ifFalse.intersection(other.ifFalse))
        case .or: Facts(ifTrue: ifTrue.intersection(other.ifTrue), ifFalse: ifFalse.union(other.ifFalse))
        }
    }

    static func choice(_ condition: Facts, _ yes: Facts, _ no: Facts) -> Facts {
        Facts(
            ifTrue: condition.ifTrue.union(yes.ifTrue).intersection(condition.ifFalse.union(no.ifTrue)),
            ifFalse: condition.ifTrue.union(yes.ifFalse).intersection(condition.ifFalse.union(no.ifFalse)))
    }
}
