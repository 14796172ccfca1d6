extension TypeSet {
    /// Findings about the secrets that sign requests to hooks' services.
    ///
    /// - Parameter fault: the problem with the secret in an environment variable; `nil` if there is none.
    public func secretFindings(_ fault: (_ variable: String) -> String?) -> [Finding] {
        types.compactMap { type in
            guard let variable = type.hook?.secretVariable, let fault = fault(variable) else { return nil }
            return Finding(
                type.file, type.position(of: "enrich", "secret_env"),
                "enrich.secret_env: the environment variable \(variable), with which requests of \(type.name) are signed, \(fault)"
            )
        }
    }
}
