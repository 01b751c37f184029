//! A certificate authority of one test: made when the test runs, so that no certificate expires in the repository.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// An authority, and where its certificate is.
pub struct Authority {
    /// Its certificate in PEM.
    pub file: PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
    name: String,
}

impl Authority {
    /// An authority of a name, whose certificate is written into a folder as `NAME.pem`.
    ///
    /// # Panics
    /// The folder cannot be written to.
    pub fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("ring makes keys");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("the parameters are sound");
        let file = folder.join(format!("{name}.pem"));
        fs::write(&file, issuer.pem()).expect("the folder is the test's own");
        Self { file, issuer, name: name.to_owned() }
    }

    /// Issues a certificate for a host, good for servers and for clients, as `HOST.AUTHORITY.pem` and its key beside it.
    ///
    /// # Panics
    /// The folder cannot be written to.
    pub fn issue(&self, folder: &Path, host: &str) -> (PathBuf, PathBuf) {
        let params = CertificateParams::new(vec![host.to_owned()]).expect("a host is a name");
        let key = KeyPair::generate().expect("ring makes keys");
        let certificate = params.signed_by(&key, &self.issuer).expect("the parameters are sound");
        let file = |end: &str| folder.join(format!("{host}.{}.{end}", self.name));
        let (shown, kept) = (file("pem"), file("key"));
        fs::write(&shown, certificate.pem()).expect("the folder is the test's own");
        fs::write(&kept, key.serialize_pem()).expect("the folder is the test's own");
        (shown, kept)
    }
}
