//! HTTP for stories about processes.

use reqwest::blocking::Client;
use serde_json::Value;

/// A client of this machine: no certificates, no proxy.
pub fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

/// A GET: status and JSON.
pub fn get(address: &str, path: &str) -> (u16, Value) {
    let response = client().get(format!("http://{address}{path}")).send().unwrap();
    (response.status().as_u16(), response.json().unwrap_or_default())
}
