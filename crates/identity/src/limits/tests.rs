//! What every way of counting promises.

use super::*;
use crate::tests::schema;
use db::db_test;
use std::sync::Arc;

fn config() -> AttemptConfig {
    AttemptConfig::default()
}

fn password(address: &str, account: &[u8]) -> Attempt {
    Attempt::new(&config(), Factor::Password, Some(address.parse().unwrap()), account, None)
}

fn at_home(account: &[u8]) -> Attempt {
    let address = "192.0.2.1".parse().unwrap();
    Attempt::new(&config(), Factor::Password, Some(address), account, Some(&[7; 16]))
}

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_micros(minute * 60_000_000)
}

/// The ways of counting: in memory, in the database, and as two processes of one database.
fn all(db: &db::testing::TestDb) -> [[Arc<dyn Attempts>; 2]; 2] {
    let alone: Arc<dyn Attempts> = Arc::new(MemoryAttempts::default());
    let one = Arc::new(SharedAttempts::new(db.another()));
    [[alone.clone(), alone], [one, Arc::new(SharedAttempts::new(db.another()))]]
}

db_test!(the_sixth_attempt_waits_until_the_first_is_a_quarter_of_an_hour_old, schema(), |db| {
    for [one, other] in all(db) {
        let try_it = password("192.0.2.1", b"ana");
        for at in 0..5 {
            let process = if at % 2 == 0 { &one } else { &other };
            assert_eq!(process.begin(&try_it, minute(at)).await, Ok(Duration::ZERO));
        }
        for process in [&one, &other] {
            assert_eq!(process.begin(&try_it, minute(5)).await, Err(Duration::from_mins(10)));
        }
        assert_eq!(other.begin(&try_it, minute(15)).await, Ok(Duration::ZERO));
        assert!(one.begin(&try_it, minute(15)).await.is_err());
    }
});

db_test!(many_attempts_at_once_are_no_way_around_the_limit, schema(), |db| {
    for processes in all(db) {
        let mut tries = tokio::task::JoinSet::new();
        for n in 0..24 {
            let process = Arc::clone(&processes[n % 2]);
            tries.spawn(async move {
                process.begin(&password("192.0.2.1", b"ana"), minute(0)).await.is_ok()
            });
        }
        let through = tries.join_all().await.into_iter().filter(|through| *through).count();
        assert_eq!(through, 5);
    }
});

db_test!(a_right_password_forgives_the_wrong_ones_before_it, schema(), |db| {
    for [one, other] in all(db) {
        let try_it = password("192.0.2.1", b"ana");
        for _ in 0..8 {
            for _ in 0..3 {
                assert!(one.begin(&try_it, minute(0)).await.is_ok());
            }
            other.succeeded(&try_it, minute(0)).await;
        }
        // What failed still counts against the network: two in each round.
        let network = password("192.0.2.2", b"somebody else");
        let mut more = 0;
        while one.begin(&network, minute(0)).await.is_ok() {
            more += 1;
        }
        assert_eq!(more, 5, "the network has room for more than one account's share");
    }
});

db_test!(an_attempt_that_could_not_be_judged_does_not_count, schema(), |db| {
    for [one, other] in all(db) {
        let try_it = password("192.0.2.1", b"ana");
        for _ in 0..4 {
            assert!(one.begin(&try_it, minute(0)).await.is_ok());
        }
        for _ in 0..8 {
            assert!(one.begin(&try_it, minute(0)).await.is_ok());
            other.withdraw(&try_it, minute(0)).await;
        }
        assert!(one.begin(&try_it, minute(0)).await.is_ok());
        assert!(other.begin(&try_it, minute(0)).await.is_err());
    }
});

db_test!(a_network_that_goes_from_account_to_account_is_stopped_at_thirty, schema(), |db| {
    for [one, other] in all(db) {
        let mut through = 0;
        for n in 0..40_u8 {
            let process = if n % 2 == 0 { &one } else { &other };
            through +=
                usize::from(process.begin(&password("192.0.2.1", &[n]), minute(0)).await.is_ok());
        }
        assert_eq!(through, 30);
        assert!(one.begin(&password("198.51.100.1", b"x"), minute(0)).await.is_ok());
    }
});

#[tokio::test]
async fn a_thousand_failures_of_strangers_do_not_delay_the_owner_on_a_known_device() {
    let attempts = MemoryAttempts::default();
    let mut slowest = Duration::ZERO;
    for n in 0..1000_u32 {
        let address = std::net::Ipv4Addr::from_bits(0x0a00_0000 + ((n / 5) << 8)).to_string();
        slowest =
            slowest.max(attempts.begin(&password(&address, b"ana"), minute(0)).await.unwrap());
    }
    assert_eq!(slowest, Duration::from_secs(10));
    assert_eq!(attempts.begin(&at_home(b"ana"), minute(0)).await, Ok(Duration::ZERO));
    // On a new device they wait, but are not shut out; and others do not wait at all.
    let elsewhere = attempts.begin(&password("203.0.113.5", b"ana"), minute(0)).await;
    assert_eq!(elsewhere, Ok(Duration::from_secs(10)));
    assert_eq!(
        attempts.begin(&password("203.0.113.5", b"ben"), minute(0)).await,
        Ok(Duration::ZERO)
    );
}

#[tokio::test]
async fn a_stolen_device_cookie_has_five_tries_too() {
    let attempts = MemoryAttempts::default();
    for _ in 0..5 {
        assert!(attempts.begin(&at_home(b"ana"), minute(0)).await.is_ok());
    }
    assert!(attempts.begin(&at_home(b"ana"), minute(1)).await.is_err());
    assert!(attempts.begin(&password("192.0.2.1", b"ana"), minute(1)).await.is_ok());
}

#[tokio::test]
async fn failures_of_one_factor_never_close_another() {
    let factors = [
        Factor::Password,
        Factor::Confirmation,
        Factor::Totp,
        Factor::RecoveryCode,
        Factor::Mail,
        Factor::Label,
    ];
    let attempts = MemoryAttempts::default();
    let attempt = |factor| Attempt::new(&config(), factor, None, b"ana", None);
    for factor in factors {
        while attempts.begin(&attempt(factor), minute(0)).await.is_ok() {}
        let closed = async |other| attempts.begin(&attempt(other), minute(0)).await.is_err();
        assert!(closed(factor).await);
    }
    let attempts = MemoryAttempts::default();
    while attempts.begin(&attempt(Factor::Totp), minute(0)).await.is_ok() {}
    for factor in factors {
        let open = attempts.begin(&attempt(factor), minute(0)).await.is_ok();
        assert_eq!(open, factor != Factor::Totp, "{factor:?}");
    }
}

#[tokio::test]
async fn addresses_of_one_network_are_one() {
    let same = |one: &str, other: &str| {
        network(Some(one.parse().unwrap())) == network(Some(other.parse().unwrap()))
    };
    assert!(same("192.0.2.1", "192.0.2.254"));
    assert!(same("192.0.2.1", "::ffff:192.0.2.9"));
    assert!(same("2001:db8::1", "2001:db8::ffff:1"));
    assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
}

#[tokio::test]
async fn a_flood_of_accounts_takes_bounded_room() {
    let attempts = MemoryAttempts::default();
    for n in 0..u32::try_from(memory::CAPACITY).unwrap() {
        let try_it = Attempt::new(&config(), Factor::Totp, None, &n.to_be_bytes(), None);
        let _ = attempts.begin(&try_it, Timestamp::from_micros(n.into())).await;
    }
    let _ = attempts.begin(&password("192.0.2.1", b"one more"), minute(1)).await;
    assert!(attempts.remembered() <= memory::CAPACITY);
}

#[tokio::test]
async fn counters_that_cannot_be_reached_are_replaced_by_half_as_many_tries() {
    let db = db::testing::TestDb::sqlite(&schema()).await;
    let process = SharedAttempts::new(db.another());
    let try_it = password("192.0.2.1", b"ana");
    assert!(process.begin(&try_it, minute(0)).await.is_ok());
    db.tamper("DROP TABLE login_attempts").await.unwrap();
    assert!(process.begin(&try_it, minute(0)).await.is_ok(), "one was used before");
    assert!(process.begin(&try_it, minute(0)).await.is_err());
    db.discard().await;
}

db_test!(counters_that_no_longer_matter_are_removed, schema(), |db| {
    let process = SharedAttempts::new(db.another());
    process.begin(&at_home(b"ana"), minute(0)).await.unwrap();
    assert_eq!(shared::forget_attempts(db, minute(14)).await.unwrap(), 0);
    assert_eq!(shared::forget_attempts(db, minute(16)).await.unwrap(), 1);
});
