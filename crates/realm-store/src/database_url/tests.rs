use super::*;

fn parsed(text: &str) -> DatabaseUrl {
    DatabaseUrl::parse(text).unwrap()
}

fn tcp(host: &str, port: u16) -> Host {
    Host::Tcp(host.to_owned(), port)
}

#[test]
fn the_url_of_a_keycloak_is_read() {
    let url =
        parsed("jdbc:postgresql://db.example:5433/keycloak?sslmode=verify-full&sslrootcert=/etc/ca.pem&currentSchema=kc,public");
    assert_eq!(url.hosts, [tcp("db.example", 5433)]);
    assert_eq!(url.database.as_deref(), Some("keycloak"));
    assert_eq!((url.ssl_mode, url.root_certificate), (SslMode::VerifyFull, Some("/etc/ca.pem".into())));
    assert_eq!(url.schema.as_deref(), Some("kc"));
    assert!(url.username.is_none() && url.password.is_none() && url.ignored.is_empty());
}

#[test]
fn what_keycloak_puts_together_of_its_options_is_read() {
    assert_eq!(parsed("jdbc:postgresql://localhost/keycloak").hosts, [tcp("localhost", 5432)]);
    let url = parsed("jdbc:postgresql://db:5432/kc?ssl=true&reWriteBatchedInserts=true");
    assert_eq!((url.ssl_mode, url.ignored.len()), (SslMode::VerifyFull, 0));
    assert_eq!(parsed("jdbc:postgresql:kc").database.as_deref(), Some("kc"));
}

#[test]
fn user_and_password_may_stand_in_the_url() {
    let url = parsed("postgres://ann:p%40ss%2Fword+1@db/kc");
    assert_eq!(url.username.as_deref(), Some("ann"));
    assert_eq!(url.password.unwrap().expose(), "p@ss/word+1");
    let url = parsed("jdbc:postgresql://db/kc?user=bob&password=a%26b");
    assert_eq!((url.username.as_deref(), url.password.unwrap().expose().as_str()), (Some("bob"), "a&b"));
}

#[test]
fn several_hosts_are_tried_in_order() {
    let url = parsed("jdbc:postgresql://a,b:6000,[::1]:7000,[fe80::1]/kc?targetServerType=primary");
    assert_eq!(url.hosts, [tcp("a", 5432), tcp("b", 6000), tcp("::1", 7000), tcp("fe80::1", 5432)]);
    assert_eq!(url.target, Target::ReadWrite);
}

#[test]
fn a_unix_socket_is_a_folder() {
    let socket = [Host::Socket("/run/postgresql".into(), 5432)];
    assert_eq!(parsed("postgres://%2Frun%2Fpostgresql/kc").hosts, socket);
    assert_eq!(parsed("postgresql:///kc?host=/run/postgresql").hosts, socket);
    assert_eq!(parsed("postgres:///kc?host=a,b&port=77").hosts, [tcp("a", 77), tcp("b", 77)]);
}

#[test]
fn authorities_that_are_named_are_used() {
    assert_eq!(parsed("postgres://db/kc?sslmode=require").ssl_mode, SslMode::Require);
    assert_eq!(parsed("postgres://db/kc?sslmode=require&sslrootcert=ca.pem").ssl_mode, SslMode::VerifyCa);
    assert!(parsed("postgres://db/kc?sslmode=verify-full&sslrootcert=system").root_certificate.is_none());
}

#[test]
fn a_property_without_effect_is_told_by_its_name() {
    assert_eq!(parsed("jdbc:postgresql://db/kc?gssEncMode=disable&prepareThreshold=0").ignored, ["gssEncMode"]);
}

#[test]
fn what_is_wrong_is_told_without_the_password() {
    let wrong = [
        "mysql://ann:hunter2@db/kc",
        "jdbc:mysql://ann:hunter2@db/kc",
        "postgres:kc:hunter2",
        "postgres://ann:hunter2%@db/kc",
        "postgres://ann:hunter2%4@db/kc",
        "postgres://ann:hunter2%+4@db/kc",
        "postgres://ann:hunter2/x@db/kc",
        "postgres://ann:hunter2@db:0/kc",
        "postgres://ann:hunter2@db:65536/kc",
        "postgres://ann:hunter2@db,/kc",
        "postgres://ann:hunter2@::1/kc",
        "postgres://ann:hunter2@[::1]5/kc",
        "postgres://db/kc?password=hunter2&ssl=hunter2",
        "postgres://db/kc?password=hunter2&sslmode=hunter2",
        "postgres://db/kc?password=hunter2&targetServerType=secondary",
        "postgres://db/kc?password=hunter2%zz",
        "postgres://db/%ff?password=hunter2",
    ];
    for text in wrong {
        let error = DatabaseUrl::parse(text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{text}: {error}");
    }
    let url = parsed("postgres://ann:hunter2@db/kc?x%hunter2=1");
    assert!(!format!("{url:?}").contains("hunter2"));
}
