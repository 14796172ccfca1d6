extension String {
    /// The most similar of `names`, if one is similar enough: about one typo in four characters.
    public func nearest(among names: some Sequence<String>) -> String? {
        let near = names.map { (name: $0, distance: editDistance(to: $0)) }.min { $0.distance < $1.distance }
        guard let near, near.distance <= Swift.max(2, Swift.min(count, near.name.count) / 4) else { return nil }
        return near.name
    }

    /// The number of characters to insert, remove or replace (Levenshtein) between this name and `other`. Ignores case,
    /// and treats hyphens and underscores as equal.
    public func editDistance(to other: String) -> Int {
        let (from, to) = (Array(lowercased().replacing("-", with: "_")), Array(other.lowercased()))
        var row = Array(0...to.count)
        for (i, character) in from.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, candidate) in to.enumerated() {
                let replaced = diagonal + (character == candidate ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = Swift.min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[to.count]
    }
}
