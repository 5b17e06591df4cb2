//! Mood statistics over both databases.

use super::world::*;
use crate::*;
use db::db_test;
use kernel::{Phi, Timestamp};
use std::time::Duration;

db_test!(moods_of_a_period_are_counted_and_the_reading_is_recorded, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let now = world.env.now();
    for day in 0..40 {
        let occurred_at = Some(now.minus(Duration::from_hours(24 * day + 1)));
        let mood = Some(Phi::new(if day % 2 == 0 { "calm" } else { "sad" }.to_owned()));
        let entry = Draft { occurred_at, mood, ..Draft::default() };
        world.journal.create_entry(&anna, entry).await.unwrap();
    }
    let utc = LocalTime::from_minutes(0).unwrap();
    let month = Duration::from_hours(24 * 30);
    let moods = async |number: u128, from: Option<Timestamp>| {
        let period = Period::new(from, now, month, utc);
        world.journal.moods(&world.by(number), period).await.unwrap()
    };
    let month = moods(1, None).await;
    assert_eq!((month.stats.entries, month.truncated), (30, false));
    assert_eq!(month.stats.moods[&Mood::Calm], 15);
    assert!(matches!(month.stats.mean, Finding::Enough(mean) if (mean.value + 0.5).abs() < 1e-9));
    assert!(matches!(month.stats.trend, Finding::Enough(_)));
    let all = moods(1, Some(Timestamp::MIN)).await;
    assert_eq!(all.stats.entries, 40);
    assert_eq!(moods(2, None).await.stats.entries, 0);
    assert_eq!(world.recorded_actions().await.last().unwrap(), "journal.moods.read");
});
