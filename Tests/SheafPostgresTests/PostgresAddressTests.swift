import SheafCore
import Testing

@testable import SheafPostgres

@Suite("Addresses of PostgreSQL")
struct PostgresAddressTests {
    @Test(
        "Every address that libpq accepts is accepted, part by part",
        arguments: [
            (
                "postgres://user:p%40ss@host.example:6432/base?sslmode=verify-full&sslrootcert=/ca.pem",
                "dbname=base host=host.example password=p@ss port=6432 sslmode=verify-full sslrootcert=/ca.pem user=user"
            ),
            ("postgresql://h1:1,h2:2/d", "dbname=d host=h1,h2 port=1,2"),
            ("postgres://u@h1,h2:2/d", "dbname=d host=h1,h2 port=,2 user=u"),
            ("postgres:///d?host=a,b&port=1,2", "dbname=d host=a,b port=1,2"),
            ("postgres:///d?host=/run/postgresql", "dbname=d host=/run/postgresql"),
            ("postgres://%2Frun%2Fpostgresql/d", "dbname=d host=/run/postgresql"),
            ("postgres://[::1]:2/d", "dbname=d host=::1 port=2"),
            ("postgres://u:a?b#c d@h", "host=h password=a?b#c d user=u"),
            ("postgres://h/d?ssl=true&options=-c%20a%3Db", "dbname=d host=h options=-c a=b sslmode=require"),
            ("postgres://", ""),
        ]) func taken(_ text: String, _ parts: String) throws
    {
        let parameters = try PostgresOptions(connectionString: text).parameters
        #expect(parameters.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ") == parts)
    }

    @Test("A writable server is requested, unless the address says otherwise")
    func connecting() throws {
        let plain = try PostgresOptions(connectionString: "postgres://h1,h2/d?target_session_attrs=any").connecting
        #expect(plain["target_session_attrs"] == "read-write" && plain["host"] == "h1,h2")
        let given = try PostgresOptions(
            connectionString: "postgres://h/d?application_name=a&target_session_attrs=primary&options=-cjit%3Don")
        #expect(given.connecting["application_name"] == "a")
        #expect(given.connecting["target_session_attrs"] == "primary")
        #expect(!given.settings.contains { $0.name == "jit" })
    }
}
