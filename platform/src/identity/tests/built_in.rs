//! The built-in issuer.

use super::issuer::BuiltIn;
use super::*;

fn appointments() -> Vec<Appointment> {
    let organization = Some("organizations/hotline".to_owned());
    vec![
        Appointment { role: Role::Dispatcher, organization, division: String::new() },
        Appointment { division: "321181100".to_owned(), ..Appointment::everywhere(Role::Cadre) },
    ]
}

fn hour() -> chrono::Duration {
    chrono::Duration::hours(1)
}

#[tokio::test]
async fn a_minted_token_carries_its_appointments_and_its_person() {
    let built_in = BuiltIn::from_seed(&[7; 32]);
    let (authenticator, clock) = authenticator(built_in.options());
    let token = built_in.mint("demo", &appointments(), hour(), now(), issuer::AUDIENCE);
    let caller = authenticator.authenticate(Some(&token)).await.unwrap();
    assert_eq!(caller.appointments, appointments());
    assert_eq!(caller.name_for_audit(), "urn:minqing:built-in#demo");
    let token = built_in.mint_for(Some("people/li"), "li", &[], hour(), now(), issuer::AUDIENCE);
    let caller = authenticator.authenticate(Some(&token)).await.unwrap();
    assert_eq!(caller.person.as_deref(), Some("people/li"));
    assert_eq!(caller.roles(), [Appointment::everywhere(Role::Citizen)]);
    clock.advance(hour() + chrono::Duration::seconds(30));
    assert_eq!(authenticator.authenticate(Some(&token)).await, Err(Error::Expired));
}

#[tokio::test]
async fn nobody_is_appointed_a_citizen_of_one_place() {
    let built_in = BuiltIn::from_seed(&[7; 32]);
    let (authenticator, _) = authenticator(built_in.options());
    for role in [Role::Citizen, Role::Anonymous] {
        let somewhere = Appointment { division: "321181".to_owned(), ..Appointment::everywhere(role) };
        let token = built_in.mint("demo", &[somewhere], hour(), now(), issuer::AUDIENCE);
        let caller = authenticator.authenticate(Some(&token)).await.unwrap();
        assert_eq!(caller.roles(), [Appointment::everywhere(Role::Citizen)]);
    }
}

#[tokio::test]
async fn every_opening_of_a_folder_gives_the_same_issuer_and_publishes_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let issuers: Vec<_> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8).map(|_| scope.spawn(|| BuiltIn::open(folder.path()).unwrap())).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    let published = std::fs::read_to_string(folder.path().join("issuer.jwks.json")).unwrap();
    assert!(issuers.iter().all(|built_in| built_in.jwks() == published));
    assert!(!published.contains("\"d\""), "no secret part is published");

    let by_file = IssuerOptions {
        jwks: None,
        jwks_file: Some(folder.path().join("issuer.jwks.json")),
        ..issuers[0].options()
    };
    let (authenticator, _) = authenticator(by_file);
    let token = issuers[1].mint("demo", &appointments(), hour(), now(), issuer::AUDIENCE);
    assert_eq!(authenticator.authenticate(Some(&token)).await.unwrap().appointments, appointments());
    let stranger = BuiltIn::from_seed(&[8; 32]).mint("demo", &[], hour(), now(), issuer::AUDIENCE);
    assert_eq!(authenticator.authenticate(Some(&stranger)).await, Err(Error::KeyUnknown));
    let elsewhere = issuers[1].mint("demo", &[], hour(), now(), "elsewhere");
    assert_eq!(authenticator.authenticate(Some(&elsewhere)).await, Err(Error::Audience));
}

#[tokio::test]
async fn a_role_that_does_not_exist_makes_the_whole_token_void() {
    let built_in = BuiltIn::from_seed(&[7; 32]);
    let mut signer = Signer::ed(7, "");
    signer.jwk["kid"] = serde_json::from_str::<Value>(built_in.jwks()).unwrap()["keys"][0]["kid"].clone();
    let (authenticator, _) = authenticator(built_in.options());
    for (role, good) in [("mediator", true), ("mayor", false)] {
        let token = signer.token(|claims| {
            claims["iss"] = json!(issuer::ISSUER);
            claims["minqing"] = json!({ "roles": [{ "role": role }] });
        });
        assert_eq!(authenticator.authenticate(Some(&token)).await.is_ok(), good, "{role}");
    }
}
