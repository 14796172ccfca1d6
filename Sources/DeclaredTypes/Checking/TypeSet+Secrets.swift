extension TypeSet {
    /// What is wrong with the secrets that questions to hooks' services are signed with.
    ///
    /// - Parameter fault: what is wrong with the secret in an environment variable; `nil` if nothing is.
    public func secretFindings(_ fault: (_ variable: String) -> String?) -> [Finding] {
        types.compactMap { type in
            guard let variable = type.hook?.secretVariable, let fault = fault(variable) else { return nil }
            return Finding(
                type.file, type.position(of: "enrich", "secret_env"),
                "enrich.secret_env: the environment variable \(variable) \(fault)")
        }
    }
}
