//! Each test has a database of its own, on both kinds, and none is left behind.
#![cfg(test)]

use minqing_testkit::{Backend, Database, on_both_databases, postgres, sqlite};
use sqlx::{Connection as _, PgConnection, PgPool, SqlitePool};

on_both_databases! {
    a_table_can_be_made_and_read;
    tests_do_not_see_each_other;
}

async fn a_table_can_be_made_and_read(database: Database) {
    assert_eq!(count_after_insert(&database).await, 1);
}

async fn tests_do_not_see_each_other(database: Database) {
    let other = match database.backend() {
        Backend::Sqlite => sqlite::database(),
        Backend::Postgres => postgres::database().unwrap(),
    };
    assert_eq!(count_after_insert(&database).await, 1);
    assert_eq!(count_after_insert(&other).await, 1);
}

/// Makes a table, which fails where it exists, and inserts a row.
async fn count_after_insert(database: &Database) -> i64 {
    const MAKE: &str = "CREATE TABLE village (code TEXT PRIMARY KEY)";
    const INSERT: &str = "INSERT INTO village VALUES ('321181001001')";
    const COUNT: &str = "SELECT count(*) FROM village";
    match database.backend() {
        Backend::Sqlite => {
            let pool = SqlitePool::connect(database.url()).await.unwrap();
            sqlx::raw_sql(MAKE).execute(&pool).await.unwrap();
            sqlx::raw_sql(INSERT).execute(&pool).await.unwrap();
            sqlx::query_scalar(COUNT).fetch_one(&pool).await.unwrap()
        }
        Backend::Postgres => {
            let pool = PgPool::connect(database.url()).await.unwrap();
            sqlx::raw_sql(MAKE).execute(&pool).await.unwrap();
            sqlx::raw_sql(INSERT).execute(&pool).await.unwrap();
            sqlx::query_scalar(COUNT).fetch_one(&pool).await.unwrap()
        }
    }
}

#[tokio::test]
async fn a_database_goes_even_while_somebody_is_connected() {
    let Some(database) = postgres::database() else { return };
    let name = database.url().rsplit_once('/').unwrap().1.to_owned();
    let pool = PgPool::connect(database.url()).await.unwrap();

    drop(database);

    assert!(sqlx::raw_sql("SELECT 1").execute(&pool).await.is_err());
    let mut admin = PgConnection::connect(postgres::cluster().unwrap().url()).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn many_databases_can_be_made_at_once() {
    let makers: Vec<_> = (0..16).map(|_| std::thread::spawn(postgres::database)).collect();
    let databases: Vec<_> = makers.into_iter().filter_map(|maker| maker.join().unwrap()).collect();
    let urls: std::collections::HashSet<_> = databases.iter().map(Database::url).collect();
    assert!(urls.len() == 16 || postgres::cluster().is_none());
}
