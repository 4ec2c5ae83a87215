use std::time::Duration;

use super::*;

fn planned(line: &str, environment: &[(&str, &str)]) -> Result<Plan, Vec<UsageError>> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let directory = PathBuf::from("/nowhere");
    plan(&Invocation { arguments: line.split_whitespace().map(str::to_owned).collect(), environment, directory })
}

fn settings(line: &str, environment: &[(&str, &str)]) -> Settings {
    planned(line, environment).unwrap().settings
}

fn told(line: &str, environment: &[(&str, &str)]) -> String {
    planned(line, environment).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn without_a_word_it_is_start_dev_on_localhost() {
    let plan = planned("", &[]).unwrap();
    assert_eq!(plan.command, Command::StartDev);
    assert_eq!(plan.settings.http.as_deref(), Some("127.0.0.1:8080"));
    assert_eq!(plan.settings.management.unwrap().address, "127.0.0.1:9000");
    assert_eq!(plan.settings.sessions, "embedded");
}

#[test]
fn in_a_container_it_listens_on_every_address() {
    assert_eq!(settings("start-dev", &[("KC_RUN_IN_CONTAINER", "true")]).http.as_deref(), Some("0.0.0.0:8080"));
}

#[test]
fn the_command_line_beats_the_environment() {
    assert_eq!(settings("start-dev --http-port=1", &[("KC_HTTP_PORT", "2")]).http.as_deref(), Some("127.0.0.1:1"));
    assert_eq!(settings("start-dev", &[("KC_HTTP_PORT", "2")]).http.as_deref(), Some("127.0.0.1:2"));
}

#[test]
fn latchkey_variables_beat_keycloaks() {
    let both = [("LATCHKEY_HTTP_PORT", "3"), ("KC_HTTP_PORT", "2")];
    assert_eq!(settings("", &both).http.as_deref(), Some("127.0.0.1:3"));
}

#[test]
fn the_environment_beats_the_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("latchkey.toml"),
        "hostname = \"https://file\"\n[http]\nport = 7\nrelative-path = '/auth/'\n",
    )
    .unwrap();
    let environment = vec![("KC_HOSTNAME".to_owned(), "https://env".to_owned())];
    let plan = plan(&Invocation { arguments: Vec::new(), environment, directory: folder.path().to_owned() }).unwrap();
    assert_eq!(plan.settings.hostname.hostname.as_deref(), Some("https://env"));
    assert_eq!(plan.settings.http.as_deref(), Some("127.0.0.1:7"));
    assert_eq!(plan.settings.hostname.http_relative_path, "/auth");
    assert_eq!(plan.settings.management.unwrap().relative_path, "/auth");
}

#[test]
fn an_unknown_key_of_the_file_is_an_error_with_the_nearest_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("latchkey.toml"), "http-prot = 7\n").unwrap();
    let error = plan(&Invocation { directory: folder.path().to_owned(), ..Invocation::default() }).unwrap_err();
    assert!(error[0].to_string().ends_with("unknown option http-prot; did you mean http-port?"), "{}", error[0]);
}

#[test]
fn values_follow_an_equals_sign_or_a_space() {
    let settings = settings(
        "start-dev --http-host 0.0.0.0 --http-port=1 --hostname-backchannel-dynamic true --hostname https://a.example --import-realm",
        &[],
    );
    assert_eq!(settings.http.as_deref(), Some("0.0.0.0:1"));
    assert!(settings.hostname.hostname_backchannel_dynamic);
}

#[test]
fn options_stand_before_or_behind_the_command() {
    assert_eq!(settings("--http-port=1 start-dev", &[]).http, settings("start-dev --http-port=1", &[]).http);
}

#[test]
fn what_means_nothing_here_is_told_once_and_without_its_value() {
    let plan =
        planned("start-dev --https-key-store-password=hunter2 --cache ispn", &[("KC_HTTPS_KEY_STORE_PASSWORD", "hunter2")])
            .unwrap();
    assert_eq!(plan.warnings.len(), 3);
    assert!(plan.warnings.iter().all(|line| !line.contains("hunter2")), "{:?}", plan.warnings);
}

#[test]
fn an_unknown_variable_is_told_with_the_nearest_name() {
    let plan = planned("", &[("KC_HOSTNAM", "x"), ("KC_DEBUG", "true"), ("JAVA_OPTS", "-Xmx1g")]).unwrap();
    assert_eq!(plan.warnings, ["KC_HOSTNAM is not an option, it has no effect; did you mean KC_HOSTNAME?"]);
}

#[test]
fn every_wrong_value_is_told_in_one_run() {
    let told = told("start-dev --http-port=abc --shutdown-timeout=soon", &[("KC_HTTP_ENABLED", "yes")]);
    assert!(told.contains("--http-port: http-port must be a port from 0 to 65535, not `abc`"), "{told}");
    assert!(told.contains("KC_HTTP_ENABLED: http-enabled must be true or false, not `yes`"), "{told}");
    assert!(told.contains("shutdown-timeout"), "{told}");
}

#[test]
fn production_names_what_is_missing() {
    let told = told("start", &[]);
    assert!(told.contains("--hostname="), "{told}");
    assert!(told.contains("--https-certificate-file"), "{told}");
    settings("start --hostname=https://id.example.com --http-enabled=true", &[]);
    settings("start --hostname-strict=false --https-certificate-file=a --https-certificate-key-file=b", &[]);
}

#[test]
fn production_refuses_an_admin_password_from_the_examples() {
    let admin = [("KC_BOOTSTRAP_ADMIN_USERNAME", "admin"), ("KC_BOOTSTRAP_ADMIN_PASSWORD", "admin")];
    assert!(told("start --hostname=https://a.example --http-enabled=true", &admin).contains("KC_BOOTSTRAP_ADMIN_PASSWORD"));
    settings("start-dev", &admin);
}

#[test]
fn https_alone_closes_plain_http_in_production() {
    let settings = settings("start --hostname=https://a.example --https-certificate-file=a --https-certificate-key-file=b", &[]);
    assert_eq!(settings.http, None);
    assert_eq!(settings.https.unwrap().address, "0.0.0.0:8443");
    assert!(settings.management.unwrap().tls);
}

#[test]
fn lists_are_repeated_or_comma_separated() {
    let settings = settings("--realms a --realms b,c", &[("LATCHKEY_HOSTNAME_ALIAS", "http://a:1, http://b/x http://c")]);
    assert_eq!(settings.realms.len(), 3);
    assert_eq!(settings.hostname.hostname_alias.len(), 3);
}

#[test]
fn an_address_of_a_proxy_is_an_address_or_a_range() {
    let both = settings("--proxy-headers=xforwarded --proxy-trusted-addresses=10.0.0.0/8,::1", &[]);
    assert_eq!(both.hostname.proxy_trusted_addresses.len(), 2);
    assert!(told("--proxy-headers=xforwarded --proxy-trusted-addresses=proxy.local", &[]).contains("proxy.local"));
    assert!(told("--proxy-trusted-addresses=::1", &[]).contains("proxy-headers"));
}

#[test]
fn categories_of_the_log_stand_behind_the_level() {
    let settings = settings("--log-level=warn --log-level-org.keycloak=debug", &[("KC_SHUTDOWN_TIMEOUT", "1m")]);
    assert_eq!(settings.log_level.as_deref(), Some("warn,org.keycloak:debug"));
    assert_eq!(settings.shutdown_timeout, Duration::from_secs(60));
}

#[test]
fn keys_rotate_takes_a_realm_and_a_drill() {
    let plan = planned("keys rotate acme --drill", &[]).unwrap();
    assert_eq!(plan.command, Command::KeysRotate { realm: "acme".to_owned(), mode: Rotation::Drill });
    assert_eq!(planned("keys list", &[]).unwrap().command, Command::KeysList);
}

#[test]
fn every_option_stands_in_the_documentation() {
    let page = include_str!("../../../../docs/configuration.md");
    for option in table::OPTIONS {
        assert!(page.contains(&format!("`--{}", option.name)), "docs/configuration.md does not tell of --{}", option.name);
    }
}
