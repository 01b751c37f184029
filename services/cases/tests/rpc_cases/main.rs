//! Cases over real gRPC, in process: from the first word to the last answer, and who may see and do what.
#![cfg(test)]

/// Tests of what happens before anything is stored, or by a few statements that the contract suite holds to both
/// databases: they run on one.
macro_rules! on_sqlite {
    ($($test:ident);+ $(;)?) => {
        $(
            mod $test {
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    super::$test(minqing_testkit::sqlite::database()).await;
                }
            }
        )+
    };
}

mod bad_input;
mod doors;
mod guard;
mod life;
mod lists;
mod retries;
#[path = "../room/mod.rs"]
mod room;
mod secrets;
mod town;
mod watch;
mod ways;
