//! The doors through which a case comes in, and who owns it first.

use minqing_proto::cases::v1 as proto;
use minqing_proto::cases::v1::Door;
use minqing_proto::registry::v1 as registry;
use minqing_testkit::Database;
use tonic::Request;

use super::town::{CENTRE, GRID, PLACE, ROADS, Town, citizen, fields, lamp, of, submit, worker};

on_sqlite! {
    every_type_comes_in_through_every_door;
    whoever_is_asked_first_owns_it;
    a_proxy_speaks_for_somebody_who_is_named;
    a_place_says_which_grid_it_is_about;
    a_place_in_another_datum_is_read_in_it;
}

async fn every_type_comes_in_through_every_door(database: Database) {
    let town = Town::open(&database).await;
    for door in 1..=10 {
        for kind in (1..=6).filter(|kind| door == 1 || (kind + door) % 3 == 0) {
            let case = proto::Case { door, r#type: kind, ..lamp() };
            let raised = town.submit(worker(ROADS, submit(case))).await.unwrap();
            let read = town.get(&raised.name).await;
            assert_eq!((read.door, read.r#type, read.first_type), (door, kind, kind));
        }
    }
}

async fn whoever_is_asked_first_owns_it(database: Database) {
    let town = Town::open(&database).await;
    // Who comes alone stands at the centre's door.
    for raised in [town.raise(lamp()).await, town.submit(citizen(submit(lamp()))).await.unwrap()] {
        let case = town.get(&raised.name).await;
        assert_eq!((case.owner.as_str(), case.owner_organization.as_str()), (CENTRE, CENTRE));
    }
    let raised = town.submit(worker(ROADS, submit(lamp()))).await.unwrap();
    let case = town.get(&raised.name).await;
    assert_eq!((case.first_asked.as_str(), case.owner.as_str()), ("people/of-roads", "people/of-roads"));
    assert_eq!(town.accept(&raised.name).await.first_asked, "people/of-roads");
}

async fn a_proxy_speaks_for_somebody_who_is_named(database: Database) {
    let town = Town::open(&database).await;
    let proxy = proto::Case { door: Door::Proxy.into(), ..lamp() };
    let unnamed = proto::Case { reporter: None, ..proxy.clone() };
    let helper = |case| of("proxy", ROADS, "people/helper", submit(case));
    assert_eq!(fields(town.submit(helper(unnamed)).await), ["case.reporter.display_name"]);
    assert_eq!(fields(town.submit(Request::new(submit(proxy.clone()))).await), ["case.door"]);
    let raised = town.submit(helper(proxy.clone())).await.unwrap();
    let reporter = town.get(&raised.name).await.reporter.unwrap();
    assert_eq!((reporter.display_name.as_str(), reporter.proxy.as_str()), ("王*", "people/helper"));
    // A neighbour who is signed in is the proxy, and not whoever raised it.
    let raised = town.submit(citizen(submit(proxy))).await.unwrap();
    let stored =
        town.room.cases.store().case(raised.name.trim_start_matches("cases/")).await.unwrap().unwrap();
    assert_eq!((stored.identity.person, stored.identity.by_proxy), (None, true));
    assert_eq!(town.get(&raised.name).await.reporter.unwrap().proxy, "people/raiser");
}

fn there(latitude: f64, longitude: f64, datum: registry::Datum) -> proto::Case {
    proto::Case {
        area: String::new(),
        latitude: Some(latitude),
        longitude: Some(longitude),
        datum: datum.into(),
        ..lamp()
    }
}

async fn a_place_says_which_grid_it_is_about(database: Database) {
    let town = Town::open(&database).await;
    let raised = town.raise(there(PLACE.0, PLACE.1, registry::Datum::Wgs84)).await;
    let case = town.get(&raised.name).await;
    assert_eq!(
        (case.area.clone(), case.latitude, case.longitude),
        (format!("grids/{GRID}"), Some(PLACE.0), Some(PLACE.1))
    );
    assert_eq!(case.datum(), registry::Datum::Wgs84);
    let named = town.raise(proto::Case { area: format!("grids/{GRID}"), ..lamp() }).await;
    assert_eq!(town.get(&named.name).await.area, format!("grids/{GRID}"));
    let nowhere = town.raise(proto::Case { area: String::new(), ..lamp() }).await;
    assert_eq!(town.get(&nowhere.name).await.area, "divisions/321181");
}

async fn a_place_in_another_datum_is_read_in_it(database: Database) {
    let town = Town::open(&database).await;
    // What China's own datum puts here lies some hundred metres to the west.
    let (latitude, longitude) = (PLACE.0, PLACE.1 + 0.004);
    let raised = town.raise(there(latitude, longitude, registry::Datum::Gcj02)).await;
    let case = town.get(&raised.name).await;
    let moved = (case.latitude.unwrap() - latitude).abs() + (case.longitude.unwrap() - longitude).abs();
    assert!(moved > 0.001 && case.datum() == registry::Datum::Wgs84, "{case:?}");
}
