//! The suite as processes of its own, as a city runs it: each service on its database, tokens of an issuer of the city.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use minqing_platform::clock::{Clock as _, System};
use minqing_platform::identity::issuer::BuiltIn;
use minqing_testkit::{Authority, Database};
use serde_json::{Value, json};

use crate::http::client;
use crate::program::{Running, minqing, text};

/// The city's issuer.
pub const ISSUER: &str = "https://id.example";

/// Its key, and what stands before it in the form in which it is read (RFC 8410).
const SEED: [u8; 32] = [9; 32];
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The keys that seal: any 32 bytes will do in a test.
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A token of the city's issuer, good for an hour.
pub fn token(subject: &str) -> String {
    let claims = json!({
        "iss": ISSUER, "sub": subject, "aud": "minqing", "exp": System.now().timestamp() + 3_600,
    });
    let key = EncodingKey::from_ed_der(&[PKCS8.as_slice(), &SEED].concat());
    jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &key).unwrap()
}

/// Certificates of all processes.
struct Certificates {
    authority: Authority,
    certificate: PathBuf,
    key: PathBuf,
}

/// The folder of a cluster, with what its processes are told.
pub struct Cluster {
    folder: tempfile::TempDir,
    certificates: Option<Certificates>,
}

impl Cluster {
    /// A cluster without TLS.
    pub fn plain() -> Self {
        Self { folder: folder(), certificates: None }
    }

    /// A cluster in which every connection between processes is by TLS, and both ends show certificates.
    pub fn with_tls() -> Self {
        let folder = folder();
        let authority = Authority::new(folder.path(), "city");
        let (certificate, key) = authority.issue(folder.path(), "localhost");
        Self { certificates: Some(Certificates { authority, certificate, key }), folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The lines of TLS for a client (`server` is false) or a listener; none without TLS.
    fn tls(&self, section: &str, server: bool) -> String {
        let Some(Certificates { authority, certificate, key }) = &self.certificates else {
            return String::new();
        };
        let authority_key = if server { "client_ca_file" } else { "ca_file" };
        format!(
            "[{section}]\ncertificate_file = \"{}\"\nkey_file = \"{}\"\n{authority_key} = \"{}\"\n",
            certificate.display(),
            key.display(),
            authority.file.display(),
        )
    }

    /// Where a process is reached by the others.
    fn endpoint(&self, service: &Running) -> String {
        let (scheme, grpc) = if self.certificates.is_some() { ("https", "grpcs") } else { ("http", "grpc") };
        let (_, port) = service.address(grpc).rsplit_once(':').unwrap();
        format!("{scheme}://localhost:{port}")
    }

    /// Writes what a service is told; its own part comes last.
    fn tell(&self, name: &str, database: &Database, own: &str) -> String {
        let file = self.path().join(format!("{name}.toml"));
        let jwks = self.path().join("jwks.json");
        let settings = format!(
            "data = \"{}\"\ngrpc_address = \"127.0.0.1:0\"\nprobe_address = \"127.0.0.1:0\"\n\
             [server]\ndrain_ms = 100\n{}\
             [{name}.database]\nurl = \"{}\"\nconnections_max = 4\n\
             [seal]\nindex = \"{KEY}\"\nkeys = [{{ id = 1, secret = \"{KEY}\" }}]\n\
             [[identity.issuers]]\nissuer = \"{ISSUER}\"\naudience = \"minqing\"\nalgorithms = [\"EdDSA\"]\n\
             jwks_file = \"{}\"\n{own}",
            self.path().join("data").display(),
            self.tls("server.tls", true),
            database.url(),
            jwks.display(),
        );
        fs::write(&file, settings).unwrap();
        file.to_str().unwrap().to_owned()
    }

    /// Starts the registry, with a city, an administrator and the accounts of the others, as its operator makes them first.
    pub fn registry(&self, database: &Database) -> Running {
        let file = self.tell("registry", database, "");
        let towns = self.path().join("towns.csv");
        fs::write(&towns, "code,name,areaCode\n321181100,\"司徒镇\",321181\n").unwrap();
        let mut import =
            minqing(&["import", "divisions", "--config", &file, "--effective-from", "2026-01-01"]);
        assert!(import.arg(&towns).output().unwrap().status.success());
        for (subject, role) in
            [("admin", "administrator"), ("cases", "system_account"), ("volunteers", "system_account")]
        {
            let mut appoint = minqing(&["appoint", "--config", &file, "--issuer", ISSUER]);
            appoint.args(["--subject", subject, "--role", role, "--division", "321181"]);
            let output = appoint.output().unwrap();
            assert!(output.status.success(), "{}", text(&output.stderr));
        }
        Running::start(minqing(&["serve", "registry", "--config", &file]))
    }

    /// Starts cases, which asks a registry.
    pub fn cases(&self, database: &Database, registry: &Running) -> Running {
        let folder = self.path().join("attachments");
        let own = format!("[cases.attachments]\nfolder = \"{}\"\n", folder.display())
            + &self.way("cases", "registry", registry);
        let file = self.tell("cases", database, &own);
        Running::start(minqing(&["serve", "cases", "--config", &file]))
    }

    /// Starts volunteers, who ask a registry and cases.
    pub fn volunteers(&self, database: &Database, registry: &Running, cases: &Running) -> Running {
        let own = self.way("volunteers", "registry", registry) + &self.way("volunteers", "cases", cases);
        let file = self.tell("volunteers", database, &own);
        Running::start(minqing(&["serve", "volunteers", "--config", &file]))
    }

    /// What a service is told of the way to another, which it asks with a token of its own.
    fn way(&self, from: &str, to: &str, service: &Running) -> String {
        let token_file = self.path().join(format!("{from}.token"));
        fs::write(&token_file, token(from)).unwrap();
        format!(
            "[{from}.{to}]\nendpoint = \"{}\"\ntoken_file = \"{}\"\n{}",
            self.endpoint(service),
            token_file.display(),
            self.tls(&format!("{from}.{to}.tls"), false),
        )
    }

    /// Starts the gateway in front of all.
    pub fn gateway(&self, registry: &Running, cases: &Running, volunteers: &Running) -> Running {
        let file = self.path().join("gateway.toml");
        let mut settings = "http_address = \"127.0.0.1:0\"\n[server]\ndrain_ms = 1500\n".to_owned();
        for (name, service) in [("registry", registry), ("cases", cases), ("volunteers", volunteers)] {
            settings += &format!("[upstream.{name}]\nendpoint = \"{}\"\n", self.endpoint(service));
            settings += &self.tls(&format!("upstream.{name}.tls"), false);
        }
        fs::write(&file, settings).unwrap();
        Running::start(minqing(&["serve", "gateway", "--config", file.to_str().unwrap()]))
    }
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("jwks.json"), BuiltIn::from_seed(&SEED).jwks()).unwrap();
    folder
}

/// The status of a GET by a subject.
pub fn status(http: &str, path: &str, subject: &str) -> u16 {
    let request = client().get(format!("http://{http}{path}")).bearer_auth(token(subject));
    request.send().unwrap().status().as_u16()
}

/// A POST by the administrator, which must succeed.
pub fn post(http: &str, path: &str, body: &Value) -> Value {
    let request = client().post(format!("http://{http}{path}")).bearer_auth(token("admin"));
    let response = request.json(body).send().unwrap();
    let (status, answer) = (response.status().as_u16(), response.text().unwrap());
    assert_eq!(status, 200, "{path}: {answer}");
    serde_json::from_str(&answer).unwrap()
}

/// Waits until something holds, and says how long that took.
pub fn soon(bound: Duration, mut holds: impl FnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < bound, "it does not hold after {bound:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    began.elapsed()
}
