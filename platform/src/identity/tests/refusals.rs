//! Every token that must be refused, and the good ones beside it.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use proptest::prelude::*;
use tonic::Code;
use tonic_types::StatusExt;

use super::*;

/// What an authenticator that knows one Ed25519, one RSA and one P-256 key says to a token.
async fn verdict(token: &str) -> Result<Caller, Error> {
    let jwks = jwks(&[&Signer::ed(1, "ed"), &Signer::rsa("rsa"), &Signer::p256("p256")]);
    authenticator(issuer_options(Some(jwks))).0.authenticate(Some(token)).await
}

#[tokio::test]
async fn a_good_token_of_each_kind_of_key_names_its_subject() {
    for signer in [Signer::ed(1, "ed"), Signer::rsa("rsa"), Signer::p256("p256")] {
        let caller = verdict(&signer.token(|_| {})).await.unwrap();
        assert_eq!((caller.issuer.as_str(), caller.subject.as_str()), (ISSUER, "zhang"));
        assert_eq!(caller.roles(), [Appointment::everywhere(Role::Citizen)]);
    }
    // Ed25519 has a second name of late (RFC 9864), for tokens and for keys.
    let mut ed = Signer::ed(1, "ed");
    let token = ed.sign(&json!({ "alg": "Ed25519", "kid": "ed" }), &claims());
    assert!(verdict(&token).await.is_ok());
    for alg in ["Ed25519", "EdDSA"] {
        ed.jwk["alg"] = json!(alg);
        let (stated, _) = authenticator(issuer_options(Some(jwks(&[&ed]))));
        assert!(stated.authenticate(Some(&token)).await.is_ok(), "{alg}");
        assert!(stated.authenticate(Some(&ed.token(|_| {}))).await.is_ok(), "{alg}");
    }
    let pss = Signer { algorithm: jsonwebtoken::Algorithm::PS256, ..Signer::rsa("rsa") };
    assert!(verdict(&pss.token(|_| {})).await.is_ok());
}

#[tokio::test]
async fn a_token_is_good_until_its_time_and_the_leeway_have_passed_and_not_before_them() {
    let ed = Signer::ed(1, "ed");
    let now_s = now().timestamp();
    for (claim, seconds, expected) in [
        ("exp", -29, None),
        ("exp", -30, Some(Error::Expired)),
        ("nbf", 30, None),
        ("nbf", 31, Some(Error::NotYetValid)),
        ("iat", 31, Some(Error::NotYetValid)),
    ] {
        let token = ed.token(|claims| claims[claim] = json!(now_s + seconds));
        assert_eq!(verdict(&token).await.err(), expected, "{claim} {seconds}");
    }
    assert!(verdict(&ed.token(|claims| claims["exp"] = json!(1_800_000_000.5))).await.is_ok());
}

#[tokio::test]
async fn a_token_for_another_audience_or_of_another_issuer_is_refused() {
    let ed = Signer::ed(1, "ed");
    let token = |claim: &'static str, value: Value| ed.token(move |claims| claims[claim] = value);
    assert_eq!(verdict(&token("aud", json!("other"))).await, Err(Error::Audience));
    assert_eq!(verdict(&token("aud", json!(["other", "minqing.example"]))).await, Err(Error::Audience));
    assert_eq!(verdict(&token("aud", json!([]))).await, Err(Error::Audience));
    assert!(verdict(&token("aud", json!(["other", AUDIENCE]))).await.is_ok());
    assert_eq!(verdict(&token("iss", json!("https://id.example/"))).await, Err(Error::Issuer));
}

#[tokio::test]
async fn a_token_signed_by_another_key_of_the_same_name_is_refused() {
    assert_eq!(verdict(&Signer::ed(2, "ed").token(|_| {})).await, Err(Error::Signature));
    assert_eq!(verdict(&Signer::ed(2, "new").token(|_| {})).await, Err(Error::KeyUnknown));
}

#[tokio::test]
async fn a_token_whose_claims_were_changed_is_refused() {
    let token = Signer::ed(1, "ed").token(|_| {});
    let forged = Signer::ed(1, "ed").token(|claims| claims["sub"] = json!("wang"));
    let (message, _) = forged.rsplit_once('.').unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(verdict(&format!("{message}.{signature}")).await, Err(Error::Signature));
}

#[tokio::test]
async fn an_unsigned_token_is_refused() {
    for alg in ["none", "None", "NONE", ""] {
        let unsigned = message(&json!({ "alg": alg, "kid": "ed" }), &claims());
        assert_eq!(verdict(&format!("{unsigned}.")).await, Err(Error::Algorithm), "{alg}");
    }
    let stripped = message(&json!({ "alg": "EdDSA", "kid": "ed" }), &claims());
    assert_eq!(verdict(&format!("{stripped}.")).await, Err(Error::Signature));
    assert_eq!(verdict(&stripped).await, Err(Error::Malformed));
}

#[tokio::test]
async fn a_public_key_is_no_secret_to_sign_with() {
    let ed = Signer::ed(1, "ed");
    let x = URL_SAFE_NO_PAD.decode(ed.jwk["x"].as_str().unwrap()).unwrap();
    for (id, secret) in [("rsa", include_bytes!("keys/rsa.pub.pem").as_slice()), ("ed", &x)] {
        for algorithm in [jsonwebtoken::Algorithm::HS256, jsonwebtoken::Algorithm::HS512] {
            let key = EncodingKey::from_secret(secret);
            let confused = Signer { key, algorithm, jwk: json!({ "kid": id }) };
            assert_eq!(verdict(&confused.token(|_| {})).await, Err(Error::Algorithm));
        }
    }
    // Nor does a shared secret become a key by being published.
    let shared = json!({ "keys": [{ "kty": "oct", "kid": "k", "k": URL_SAFE_NO_PAD.encode([1; 32]) }] });
    let (published, _) = authenticator(issuer_options(Some(shared.to_string())));
    let key = EncodingKey::from_secret(&[1; 32]);
    let token = Signer { key, algorithm: jsonwebtoken::Algorithm::HS256, jwk: json!({ "kid": "k" }) };
    assert_eq!(published.authenticate(Some(&token.token(|_| {}))).await, Err(Error::Algorithm));
}

#[tokio::test]
async fn an_algorithm_that_the_key_or_the_issuer_does_not_permit_is_refused() {
    let ed = Signer::ed(1, "ed");
    let wrong = ed.sign(&json!({ "alg": "EdDSA", "kid": "rsa" }), &claims());
    assert_eq!(verdict(&wrong).await, Err(Error::Algorithm));
    let wrong = ed.sign(&json!({ "alg": "ES256", "kid": "ed" }), &claims());
    assert_eq!(verdict(&wrong).await, Err(Error::Algorithm));

    let mut rsa = Signer::rsa("rsa");
    let token = rsa.token(|_| {});
    let mut options = issuer_options(Some(jwks(&[&rsa])));
    options.algorithms = vec![Algorithm::PS256];
    let (strict, _) = authenticator(options);
    assert_eq!(strict.authenticate(Some(&token)).await, Err(Error::Algorithm));

    rsa.jwk["alg"] = json!("PS256");
    let (stated, _) = authenticator(issuer_options(Some(jwks(&[&rsa]))));
    assert_eq!(stated.authenticate(Some(&token)).await, Err(Error::Algorithm));
}

#[tokio::test]
async fn a_token_without_its_necessary_claims_or_for_another_end_is_refused() {
    let ed = Signer::ed(1, "ed");
    for claim in ["iss", "sub", "aud", "exp"] {
        let token = ed.token(|claims| {
            claims.as_object_mut().unwrap().remove(claim);
        });
        assert_eq!(verdict(&token).await, Err(Error::Malformed), "{claim}");
    }
    for subject in [json!(""), json!("a\nb"), json!("x".repeat(256)), json!(7)] {
        assert_eq!(verdict(&ed.token(|claims| claims["sub"] = subject)).await, Err(Error::Malformed));
    }
    for exp in [json!("1800000600"), json!(null), json!("NaN")] {
        assert_eq!(verdict(&ed.token(|claims| claims["exp"] = exp)).await, Err(Error::Malformed));
    }
    // Others may mean something else by the names of our own claims.
    for person in [json!({ "name": "Zhang" }), json!(7)] {
        assert!(verdict(&ed.token(|claims| claims["person"] = person)).await.is_ok());
    }
    let header = |typ: &str| json!({ "alg": "EdDSA", "kid": "ed", "typ": typ });
    assert!(verdict(&ed.sign(&header("at+jwt"), &claims())).await.is_ok());
    assert_eq!(verdict(&ed.sign(&header("logout+jwt"), &claims())).await, Err(Error::Malformed));
    let critical = json!({ "alg": "EdDSA", "kid": "ed", "crit": ["b64"], "b64": false });
    assert_eq!(verdict(&ed.sign(&critical, &claims())).await, Err(Error::Malformed));
}

#[tokio::test]
async fn a_key_inside_the_token_is_not_believed() {
    let thief = Signer::ed(9, "ed");
    let header = json!({ "alg": "EdDSA", "jwk": thief.jwk, "jku": "http://127.0.0.1:1/", "kid": "ed" });
    assert_eq!(verdict(&thief.sign(&header, &claims())).await, Err(Error::Signature));
}

#[tokio::test]
async fn garbage_is_refused() {
    for garbage in ["", ".", "..", "...", "a.b.c", "e30.e30.", "e30.e30.e30", "令牌", "Bearer x"] {
        assert_eq!(verdict(garbage).await, Err(Error::Malformed), "{garbage:?}");
    }
    // A name given twice could be read one way here and another way elsewhere.
    let doubled = format!("{{\"sub\":\"li\",{}", &claims().to_string()[1..]);
    let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "EdDSA", "kid": "ed" }).to_string());
    let token = format!("{header}.{}.AAAA", URL_SAFE_NO_PAD.encode(doubled));
    assert_eq!(verdict(&token).await, Err(Error::Malformed));
}

#[tokio::test]
async fn a_token_of_more_than_eight_kibibytes_is_refused_though_it_is_signed() {
    let ed = Signer::ed(1, "ed");
    let padded = |length| ed.token(|claims| claims["padding"] = json!("x".repeat(length)));
    assert!(padded(5_000).len() < 8_192 && padded(6_100).len() > 8_192);
    assert!(verdict(&padded(5_000)).await.is_ok());
    assert_eq!(verdict(&padded(6_100)).await, Err(Error::Malformed));
}

#[tokio::test]
async fn a_token_without_a_key_name_is_good_where_one_key_can_be_meant() {
    let (one, other) = (Signer::ed(1, "one"), Signer::ed(2, "other"));
    let nameless = one.sign(&json!({ "alg": "EdDSA" }), &claims());
    assert!(verdict(&nameless).await.is_ok(), "the other two keys are of other kinds");
    let (two, _) = authenticator(issuer_options(Some(jwks(&[&one, &other]))));
    assert_eq!(two.authenticate(Some(&nameless)).await, Err(Error::KeyUnknown));
}

#[tokio::test]
async fn unfit_keys_are_passed_over_and_the_fit_ones_serve() {
    let ed = Signer::ed(1, "ed");
    let mut encrypting = Signer::ed(3, "enc");
    encrypting.jwk["use"] = json!("enc");
    let set = json!({ "keys": [
        { "kty": "OKP", "crv": "Ed25519", "kid": "short", "x": "AAAA" },
        { "kty": "EC", "crv": "P-256", "kid": "short", "x": "AAAA", "y": "AAAA" },
        { "kty": "RSA", "kid": "weak", "n": URL_SAFE_NO_PAD.encode([0xff; 128]), "e": "AQAB" },
        { "kty": "AKP", "kid": "of the future" },
        encrypting.jwk,
        7,
        ed.jwk,
    ] });
    let (mixed, _) = authenticator(issuer_options(Some(set.to_string())));
    assert!(mixed.authenticate(Some(&ed.token(|_| {}))).await.is_ok());
    for id in ["short", "weak", "of the future", "enc"] {
        let token = encrypting.sign(&json!({ "alg": "EdDSA", "kid": id }), &claims());
        assert_eq!(mixed.authenticate(Some(&token)).await, Err(Error::KeyUnknown), "{id}");
    }
}

#[tokio::test]
async fn appointments_come_from_the_registry_on_every_call() {
    let ed = Signer::ed(1, "ed");
    let (authenticator, clock) = authenticator(issuer_options(Some(jwks(&[&ed]))));
    let token = ed.token(|claims| {
        claims["sub"] = json!("li");
        claims["person"] = json!("people/wang");
        claims["minqing"] = json!({ "roles": [{ "role": "administrator" }] });
    });
    let caller = authenticator.authenticate(Some(&token)).await.unwrap();
    assert_eq!(
        caller.person.as_deref(),
        Some("people/li"),
        "what the token says of itself counts for nothing"
    );
    assert_eq!(caller.roles(), [Appointment::everywhere(Role::Dispatcher)]);
    clock.advance(chrono::Duration::seconds(300));
    let dismissed = authenticator.authenticate(Some(&token)).await.unwrap();
    assert_eq!(dismissed.roles(), [Appointment::everywhere(Role::Citizen)]);

    let unlucky = ed.token(|claims| claims["sub"] = json!("unlucky"));
    assert_eq!(authenticator.authenticate(Some(&unlucky)).await, Err(Error::AppointmentsUnavailable));
}

#[tokio::test]
async fn a_token_seen_before_does_not_outlive_its_time() {
    let ed = Signer::ed(1, "ed");
    let (authenticator, clock) = authenticator(issuer_options(Some(jwks(&[&ed]))));
    let token = ed.token(|_| {});
    for (advance_s, good) in [(0, true), (0, true), (629, true), (1, false), (0, false)] {
        clock.advance(chrono::Duration::seconds(advance_s));
        let verdict = authenticator.authenticate(Some(&token)).await;
        assert_eq!(verdict.is_ok(), good, "{}", clock.now());
    }
}

#[tokio::test]
async fn the_header_is_bearer_once_or_not_at_all() {
    let ed = Signer::ed(1, "ed");
    let (authenticator, _) = authenticator(issuer_options(Some(jwks(&[&ed]))));
    let mut headers = HeaderMap::new();
    assert!(authenticator.caller(&headers).await.unwrap().is_anonymous());
    let good = format!("bearer {}", ed.token(|_| {}));
    headers.insert(AUTHORIZATION, good.parse().unwrap());
    assert_eq!(authenticator.caller(&headers).await.unwrap().subject, "zhang");
    headers.append(AUTHORIZATION, good.parse().unwrap());
    let mut refused = vec![authenticator.caller(&headers).await.unwrap_err()];
    for value in ["Basic YTpi", "Bearer", ""] {
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        refused.push(authenticator.caller(&headers).await.unwrap_err());
    }
    for status in refused {
        assert_eq!(status.code(), Code::Unauthenticated);
        let info = status.get_details_error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("TOKEN_SCHEME", "minqing"));
    }
}

#[test]
fn a_wrong_configuration_is_refused_with_the_name_of_its_field() {
    let good = issuer_options(Some("{\"keys\":[]}".to_owned()));
    let wrong = |change: fn(&mut IssuerOptions)| {
        let mut issuer = good.clone();
        change(&mut issuer);
        let options = Options { issuers: vec![issuer], leeway_s: 30 };
        let clock = Arc::new(Manual::at(now()));
        Authenticator::new(options, Arc::new(Nobody), clock).err().unwrap().field
    };
    assert_eq!(wrong(|issuer| issuer.issuer.clear()), "issuers[0].issuer");
    assert_eq!(wrong(|issuer| issuer.audience = " ".into()), "issuers[0].audience");
    assert_eq!(wrong(|issuer| issuer.algorithms.clear()), "issuers[0].algorithms");
    assert_eq!(wrong(|issuer| issuer.jwks = Some("{}".into())), "issuers[0].jwks");
    assert_eq!(wrong(|issuer| issuer.jwks_file = Some("x".into())), "issuers[0].jwks_url");
    assert_eq!(wrong(|issuer| issuer.appointments = AppointmentsFrom::FromToken), "issuers[0].appointments");
    for name in ["urn:id", "http://id.example", "https://id.example?tenant=1", "https://id.example/#a"] {
        let issuer = IssuerOptions { jwks: None, issuer: name.to_owned(), ..good.clone() };
        let options = Options { issuers: vec![issuer], leeway_s: 30 };
        assert_eq!(
            options.validate().unwrap_err().field,
            "issuers[0].issuer",
            "nothing to discover at {name}"
        );
    }
    for url in ["http://id.example/keys", "ftp://id.example", "keys", "http://localhost.example/"] {
        let issuer = IssuerOptions { jwks: None, jwks_url: Some(url.to_owned()), ..good.clone() };
        let options = Options { issuers: vec![issuer], leeway_s: 30 };
        assert_eq!(options.validate().unwrap_err().field, "issuers[0].jwks_url", "{url}");
    }
    let twice = Options { issuers: vec![good.clone(), good], leeway_s: 30 };
    assert_eq!(twice.validate().unwrap_err().field, "issuers[1].issuer");
    let lax = Options { leeway_s: 301, ..Options::default() };
    assert_eq!(lax.validate().unwrap_err().field, "leeway_s");
}

#[test]
fn a_configuration_cannot_name_an_algorithm_that_anybody_can_sign_with() {
    for name in ["none", "HS256", "RS512"] {
        let parsed: Result<Algorithm, _> = serde_json::from_value(json!(name));
        assert!(parsed.is_err(), "{name}");
    }
    let misspelt = json!({ "issuers": [], "leeway": 3 });
    assert!(serde_json::from_value::<Options>(misspelt).unwrap_err().to_string().contains("`leeway`"));
}

proptest! {
    #[test]
    fn no_text_and_no_damage_to_a_token_makes_it_pass(text: String, place: prop::sample::Index, by in 1..128u8) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let ed = Signer::ed(1, "ed");
        let (authenticator, _) = authenticator(issuer_options(Some(jwks(&[&ed]))));
        prop_assert!(runtime.block_on(authenticator.authenticate(Some(&text))).is_err());
        let mut token = ed.token(|_| {}).into_bytes();
        let place = place.index(token.len());
        token[place] = (token[place] + by) % 128;
        let damaged = String::from_utf8(token).unwrap();
        prop_assert!(runtime.block_on(authenticator.authenticate(Some(&damaged))).is_err(), "{}", damaged);
    }
}
