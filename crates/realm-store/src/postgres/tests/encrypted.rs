//! Connections by TLS.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name};

use super::*;

fn named(name: &str) -> X509Name {
    let mut builder = X509Name::builder().unwrap();
    builder.append_entry_by_text("CN", name).unwrap();
    builder.build()
}

fn certificate(name: &str, key: &PKey<Private>, by: Option<(&X509, &PKey<Private>)>) -> X509 {
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    builder.set_subject_name(&named(name)).unwrap();
    builder.set_pubkey(key).unwrap();
    match by {
        Some((authority, _)) => {
            builder.set_issuer_name(authority.subject_name()).unwrap();
            let names = SubjectAlternativeName::new().dns(name).build(&builder.x509v3_context(Some(authority), None)).unwrap();
            builder.append_extension(names).unwrap();
        }
        None => {
            builder.set_issuer_name(&named(name)).unwrap();
            builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap();
        }
    }
    builder.sign(by.map_or(key, |(_, key)| key), MessageDigest::sha256()).unwrap();
    builder.build()
}

fn key() -> PKey<Private> {
    PKey::ec_gen("prime256v1").unwrap()
}

fn text(pem: Vec<u8>) -> String {
    String::from_utf8(pem).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_is_checked_as_far_as_the_url_says() {
    let Some(server) = PostgresServer::start() else { return };
    let (authority_key, server_key) = (key(), key());
    let authority = certificate("An authority", &authority_key, None);
    let certificate_of_server = certificate("localhost", &server_key, Some((&authority, &authority_key)));
    let stranger = certificate("A stranger", &authority_key, None);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, of: &X509| {
        let path = folder.path().join(name);
        std::fs::write(&path, of.to_pem().unwrap()).unwrap();
        path.display().to_string()
    };
    let (known, unknown) = (file("known.pem", &authority), file("unknown.pem", &stranger));
    let open = async |host: &str, properties: String| {
        let url = format!("jdbc:postgresql://{host}:{}/postgres?{properties}", server.port);
        let store = Postgres::open(&PostgresConfig { url, ..config(&server) }).await?;
        let client = store.client().await?;
        let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        Ok::<bool, OpenError>(client.query_one(sql, &[]).await.unwrap().get(0))
    };
    assert!(!open("localhost", String::new()).await.unwrap());
    assert!(open("localhost", "sslmode=require".to_owned()).await.is_err());
    server.file("server.crt", &text(certificate_of_server.to_pem().unwrap()));
    server.file("server.key", &text(server_key.private_key_to_pem_pkcs8().unwrap()));
    server.set("ssl = on");
    server.stop();
    server.start_again();
    let encrypted = [
        ("localhost", String::new()),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("localhost", format!("ssl=true&sslrootcert={known}")),
        ("localhost", format!("sslmode=verify-full&sslrootcert={known}")),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={known}")),
    ];
    for (host, properties) in encrypted {
        assert!(open(host, properties.clone()).await.unwrap(), "{host} {properties}");
    }
    assert!(!open("localhost", "sslmode=disable".to_owned()).await.unwrap());
    let refused = [
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={known}")),
        ("localhost", format!("sslmode=verify-ca&sslrootcert={unknown}")),
        ("localhost", format!("sslmode=require&sslrootcert={unknown}")),
        ("localhost", "ssl=true".to_owned()),
    ];
    for (host, properties) in refused {
        assert!(open(host, properties.clone()).await.is_err(), "{host} {properties}");
    }
}
