//! One database on a server: made, named, and dropped again.

use std::thread;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::Cluster;

/// A database that goes when this is dropped.
#[derive(Debug)]
pub struct Created {
    cluster_url: String,
    name: String,
}

impl Created {
    /// Makes a database of a name that no other run has.
    pub fn on(cluster: &Cluster) -> Result<Self, sqlx::Error> {
        let created = Self {
            cluster_url: cluster.url().to_owned(),
            name: format!("minqing_test_{:032x}", rand::random::<u128>()),
        };
        // template0 is untouched by whoever uses the server.
        created.execute(format!("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'", created.name))?;
        Ok(created)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        with_database(&self.cluster_url, &self.name)
    }

    /// Runs one statement on the maintenance database. A thread of its own, because a runtime cannot be entered twice
    /// and this is called with and without one, from `drop` as well.
    fn execute(&self, statement: String) -> Result<(), sqlx::Error> {
        let url = self.cluster_url.clone();
        let work = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&url).await?;
                sqlx::raw_sql("SET statement_timeout = '60s'").execute(&mut connection).await?;
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
                connection.close().await
            })
        };
        thread::spawn(work).join().unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }
}

impl Drop for Created {
    fn drop(&mut self) {
        // Pools of the test may still be open. A failure is no matter: a private server is removed whole.
        let _ = self.execute(format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// A URL with another database; user, password, host and options stay.
fn with_database(url: &str, name: &str) -> String {
    let (place, options) = url.split_once('?').map_or((url, None), |(place, options)| (place, Some(options)));
    let authority = place.find("://").map_or(0, |scheme| scheme + 3);
    let end = place[authority..].find('/').map_or(place.len(), |path| authority + path);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{}/{name}{options}", &place[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_is_put_into_a_url_of_any_shape() {
        let cases = [
            ("postgres://u:p@h:1/db?sslmode=disable", "postgres://u:p@h:1/new?sslmode=disable"),
            ("postgres://u:p@h:1/db", "postgres://u:p@h:1/new"),
            ("postgres://h", "postgres://h/new"),
            ("postgresql://u@h/", "postgresql://u@h/new"),
            ("postgres:///db?host=/run/postgresql", "postgres:///new?host=/run/postgresql"),
        ];
        for (url, expected) in cases {
            assert_eq!(with_database(url, "new"), expected);
        }
    }
}
