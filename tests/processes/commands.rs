//! Commands that end by themselves.

use std::fs;

use crate::program::{Running, minqing, run, text};

const TOWNS: &str = "code,name,areaCode\n321181100,\"司徒镇\",321181\n321181101,\"延陵镇\",321181\n";

#[test]
fn every_command_has_help() {
    for command in [
        &["--help"][..],
        &["up", "--help"],
        &["serve", "--help"],
        &["appoint", "--help"],
        &["import", "divisions", "--help"],
    ] {
        let output = run(command);
        assert!(output.status.success() && text(&output.stdout).contains("Usage: minqing"), "{command:?}");
    }
}

#[test]
fn a_wrong_key_or_value_is_refused_with_its_name() {
    let wrong =
        [("MINQING_REGISTRY__DATABSE__URL", "x"), ("MINQING_SERVER__DRAIN_MS", "soon"), ("MINQING_NO", "1")];
    for (name, value) in wrong {
        let output = minqing(&["migrate"]).env(name, value).output().unwrap();
        let complaint = text(&output.stderr).to_lowercase();
        let key = name.trim_start_matches("MINQING_").to_lowercase();
        assert!(!output.status.success());
        assert!(complaint.contains(&key) || complaint.contains(&key.replace("__", ".")), "{complaint}");
    }
}

#[test]
fn an_import_is_reported_and_repeated_without_change() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("towns.csv"));
    fs::write(&file, TOWNS).unwrap();
    let (data, file) = (data.to_str().unwrap(), file.to_str().unwrap());
    let first = run(&["import", "divisions", "--data", data, file]);
    assert!(
        text(&first.stdout).contains("2 town rows: 2 created, 0 renamed, 0 unchanged, 0 ended, 3 implied")
    );
    let again = run(&["import", "divisions", "--data", data, file]);
    assert!(
        text(&again.stdout).contains("2 town rows: 0 created, 0 renamed, 2 unchanged, 0 ended, 0 implied")
    );
}

#[test]
fn a_fault_in_a_file_is_named_and_nothing_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.csv"), folder.path().join("bad.csv"));
    fs::write(&good, TOWNS).unwrap();
    fs::write(&bad, "code,name,streetCode\n321181100201,a,321181100\n321181100201,b,321181100\n").unwrap();
    let data = folder.path().join("data");
    let [data, good, bad] = [&data, &good, &bad].map(|path| path.to_str().unwrap());
    let refused = run(&["import", "divisions", "--data", data, good, bad]);
    assert!(!refused.status.success());
    let complaint = text(&refused.stderr);
    assert!(complaint.contains("bad.csv, line 3") && complaint.contains("[DUPLICATE_ROW]"), "{complaint}");
    let after = run(&["import", "divisions", "--data", data, "--validate-only", good]);
    assert!(text(&after.stdout).contains("2 created"), "the good file had not been imported");
}

#[test]
fn a_token_opens_what_its_role_may_do() {
    let data = tempfile::tempdir().unwrap();
    // Minted before the suite ever ran: both find the same key.
    let token = |role: &str| {
        let output = run(&["token", "--role", role, "--data", data.path().to_str().unwrap()]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout).trim().to_owned()
    };
    let (administrator, cadre) = (token("administrator"), token("cadre"));
    let running = Running::up(data.path(), &["--no-demo"]);
    let create = |token: &str| {
        let client = crate::http::client();
        let body = serde_json::json!({"code": "32", "displayName": "江苏省"});
        let url = format!("http://{}/v1/divisions", running.address("http"));
        client.post(url).bearer_auth(token).json(&body).send().unwrap().status().as_u16()
    };
    assert_eq!(create("nonsense"), 401);
    assert_eq!(create(&cadre), 403);
    assert_eq!(create(&administrator), 200);
    assert_eq!(create(&administrator), 409);
    assert!(!run(&["token", "--role", "king"]).status.success());
}

#[test]
fn a_gateway_without_a_way_to_every_service_names_what_is_missing_or_wrong() {
    let refused = |variables: &[(&str, &str)]| {
        let mut gateway = minqing(&["serve", "gateway"]);
        gateway.env("MINQING_HTTP_ADDRESS", "127.0.0.1:0").envs(variables.iter().copied());
        let output = gateway.output().unwrap();
        assert!(!output.status.success());
        text(&output.stderr)
    };
    let registry = ("MINQING_UPSTREAM__REGISTRY__ENDPOINT", "http://127.0.0.1:1");
    let cases = ("MINQING_UPSTREAM__CASES__ENDPOINT", "http://127.0.0.1:1");
    let volunteers = ("MINQING_UPSTREAM__VOLUNTEERS__ENDPOINT", "http://127.0.0.1:1");
    let none = refused(&[]);
    for name in ["registry", "cases", "volunteers"] {
        assert!(none.contains(&format!("upstream.{name}.endpoint")), "{none}");
    }
    let one = refused(&[registry, volunteers]);
    assert!(one.contains("upstream.cases.endpoint must be set") && !one.contains("registry"), "{one}");
    let unknown = ("MINQING_UPSTREAM__PARKS__ENDPOINT", "http://127.0.0.1:1");
    let unknown = refused(&[registry, cases, volunteers, unknown]);
    assert!(unknown.contains("upstream.parks: there is no such service"), "{unknown}");
    let wrong = refused(&[registry, volunteers, ("MINQING_UPSTREAM__CASES__ENDPOINT", "localhost:1")]);
    assert!(wrong.contains("upstream.cases") && wrong.contains("localhost:1"), "{wrong}");
    let half = refused(&[registry, volunteers, ("MINQING_UPSTREAM__CASES__ENDPOINT", "https://localhost:1")]);
    assert!(half.contains("upstream.cases") && half.contains("tls.ca_file"), "{half}");
    let lent = refused(&[registry, cases, volunteers, ("MINQING_UPSTREAM__CASES__TOKEN_FILE", "/token")]);
    assert!(lent.contains("upstream.cases") && lent.contains("takes no credentials"), "{lent}");
}

#[test]
fn cases_apart_names_what_it_lacks_of_the_registry() {
    let refused = |variables: &[(&str, &str)]| {
        let output = minqing(&["serve", "cases"]).envs(variables.iter().copied()).output().unwrap();
        assert!(!output.status.success());
        text(&output.stderr)
    };
    let endpoint = ("MINQING_CASES__REGISTRY__ENDPOINT", "http://127.0.0.1:1");
    let token = ("MINQING_CASES__REGISTRY__TOKEN_FILE", "/no/such/token");
    assert!(refused(&[]).contains("cases.registry.endpoint must be set"));
    assert!(refused(&[endpoint]).contains("cases.registry.token_file or"));
    let missing = refused(&[endpoint, token]);
    assert!(missing.contains("cases.registry.token_file: /no/such/token"), "{missing}");
}

#[test]
fn the_tables_of_one_service_alone_can_be_brought_up_to_date() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().to_str().unwrap();
    let output = run(&["migrate", "--service", "cases", "--data", folder]);
    assert_eq!(text(&output.stdout), "cases: the tables are up to date\n", "{}", text(&output.stderr));
    assert!(data.path().join("cases.db").exists() && !data.path().join("registry.db").exists());
    let output = run(&["migrate", "--data", folder]);
    assert!(text(&output.stdout).starts_with("registry: ") && text(&output.stdout).contains("cases: "));
}

#[test]
fn the_first_accounts_are_appointed_from_the_command_line_and_no_others() {
    let data = tempfile::tempdir().unwrap();
    let (folder, file) = (data.path().to_str().unwrap(), data.path().join("towns.csv"));
    fs::write(&file, TOWNS).unwrap();
    assert!(run(&["import", "divisions", "--data", folder, file.to_str().unwrap()]).status.success());
    let appoint = |role: &str| {
        let mut command = minqing(&["appoint", "--issuer", "https://id.example", "--subject", "x"]);
        command.args(["--division", "321181", "--role", role, "--data", folder]);
        command.output().unwrap()
    };
    let first = appoint("administrator");
    assert!(text(&first.stdout).contains("is appointed administrator"), "{}", text(&first.stderr));
    let second = appoint("auditor");
    assert_eq!(text(&first.stdout).split(' ').next(), text(&second.stdout).split(' ').next());
    assert!(!appoint("administrator").status.success(), "it is held already");
    assert!(text(&appoint("cadre").stderr).contains("cadre is appointed through the API"));
}
