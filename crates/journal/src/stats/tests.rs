use super::*;
use proptest::prelude::*;

fn utc() -> LocalTime {
    LocalTime::from_minutes(0).unwrap()
}

const DAY: i64 = 86_400_000_000;

/// An observation on the nth day after 1 January 2024, which was a Monday.
fn on_day(day: i64, scale: i64) -> Observation {
    let at = Timestamp::from_micros(1_704_067_200_000_000 + day * DAY + DAY / 2);
    Observation { at, mood: None, valence: Scale::try_from(scale).ok() }
}

fn stats(scales: impl IntoIterator<Item = i64>) -> MoodStats {
    let observations: Vec<_> = (0..).zip(scales).map(|(day, scale)| on_day(day, scale)).collect();
    MoodStats::of(&observations, utc())
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-3
}

fn enough<T>(finding: Finding<T>) -> T {
    match finding {
        Finding::Enough(found) => found,
        Finding::NotEnough { have, need } => panic!("{have} of {need}"),
    }
}

#[test]
fn below_the_smallest_number_nothing_is_said() {
    let stats = stats([1, 2, 3, 4, 5, 4]);
    assert!(matches!(stats.mean, Finding::NotEnough { have: 6, need: MEAN_DAYS }));
    assert!(matches!(stats.trend, Finding::NotEnough { have: 6, need: TREND_DAYS }));
    assert!(matches!(stats.weekdays, Finding::NotEnough { have: 0, need: EACH_WEEKDAY }));
    assert_eq!((stats.entries, stats.days.len()), (6, 6));
    assert!(matches!(MoodStats::of(&[], utc()).mean, Finding::NotEnough { have: 0, .. }));
}

#[test]
fn the_interval_of_a_mean_is_the_one_computed_by_hand() {
    // 2 and -2 in turn, then 0: mean 0, sum of squares 40 over 11 days, so s² = 4. Neighbours
    // differ as much as can be, so every day counts in full: 0 ± 2.2281 · 2 / √11 = ± 1.3436.
    let stats = stats([2, -2, 2, -2, 2, -2, 2, -2, 2, -2, 0]);
    let mean = enough(stats.mean);
    assert!(close(mean.value, 0.0) && close(mean.effective_days, 11.0));
    assert!(close(mean.low, -1.3436) && close(mean.high, 1.3436), "{} {}", mean.low, mean.high);
}

#[test]
fn days_that_resemble_each_other_are_worth_less() {
    // Seen correlation of neighbours: (9 · 9 + 1) - ... by hand for 1,1,1,1,1,-1,-1,-1,-1,-1:
    // nine pairs, eight alike and one not: 7/10; added again (1 + 3 · 0.7)/10 = 0.31: above 0.95.
    let stats = stats([1, 1, 1, 1, 1, -1, -1, -1, -1, -1]);
    let mean = enough(stats.mean);
    assert!(close(mean.effective_days, 2.0));
    assert!(close(mean.low, -5.0) && close(mean.high, 5.0), "nearly nothing is known");
}

#[test]
fn days_that_are_all_the_same_leave_no_doubt_and_no_trend() {
    let stats = stats([3; 30]);
    let mean = enough(stats.mean);
    assert!(close(mean.low, 3.0) && close(mean.high, 3.0));
    let trend = enough(stats.trend);
    assert_eq!(trend.direction(), Direction::NoClearChange);
    assert!(close(trend.low, 0.0) && close(trend.high, 0.0));
}

#[test]
fn the_slope_is_the_median_of_all_slopes() {
    let points: Vec<(Date, f64)> = [(0, 0.0), (1, 2.0), (3, 3.0), (4, 9.0)]
        .map(|(day, value)| (utc().date(on_day(day, 0).at), value))
        .into();
    // Slopes: 2, 1, 9/4, 1/2, 7/3, 6; in order 1/2, 1, 2, 9/4, 7/3, 6; the median is 17/8.
    let mut slopes = Vec::new();
    for (at, (x1, y1)) in points.iter().enumerate() {
        slopes.extend(points[at + 1..].iter().map(|(x2, y2)| (y2 - y1) / days_between(*x1, *x2)));
    }
    slopes.sort_unstable_by(f64::total_cmp);
    assert!(close(median(&slopes), 2.125));
}

#[test]
fn the_variance_of_kendalls_score_is_that_of_the_textbook() {
    let points = |values: &[f64]| -> Vec<(Date, f64)> {
        values.iter().map(|value| (Date::ZERO, *value)).collect()
    };
    // 10 · 9 · 25 / 18 = 125; with one pair tied, 2 · 1 · 9 / 18 = 1 less.
    let ten: Vec<f64> = (0..10).map(f64::from).collect();
    assert!(close(kendall_variance(&points(&ten)), 125.0));
    assert!(close(
        kendall_variance(&points(&[0.0, 1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])),
        124.0
    ));
}

#[test]
fn a_clear_change_is_seen_with_its_size() {
    // Half a step a week, with two days of noise that cancel out.
    let scales =
        (0..56).map(|day| -2 + day / 14 + [0, 1, 0, -1][usize::try_from(day % 4).unwrap()]);
    let trend = enough(stats(scales).trend);
    assert_eq!(trend.direction(), Direction::Rising);
    assert!((0.3..0.7).contains(&trend.value) && trend.low < 0.5 && trend.high > 0.5);
    let falling = (0..56).map(|day| 2 - day / 14);
    assert_eq!(enough(stats(falling).trend).direction(), Direction::Falling);
}

#[test]
fn a_weekday_stands_out_only_when_chance_does_not_explain_it() {
    let noise = |day: i64| [0, 1, -1, 1, 0, -1, 0, 0, 1, -1, 0][usize::try_from(day % 11).unwrap()];
    let week = enough(stats((0..70).map(|day| noise(day) - 3 * i64::from(day % 7 == 0))).weekdays);
    let out: Vec<_> = week.iter().filter(|day| day.stands_out).map(|day| day.weekday).collect();
    assert_eq!(out, [Weekday::Monday]);
    assert!(week.iter().all(|day| day.days == 10));
    let even = enough(stats((0..70).map(noise)).weekdays);
    assert!(even.iter().all(|day| !day.stands_out));
    assert!(enough(stats([1; 70]).weekdays).iter().all(|day| !day.stands_out));
}

#[test]
fn days_begin_where_the_person_is() {
    let late = Timestamp::from_micros(1_704_067_200_000_000 - DAY / 48); // 23:30 UTC
    let observation = Observation { at: late, mood: Some(Mood::Calm), valence: None };
    let date = |minutes| {
        let local = LocalTime::from_minutes(minutes).unwrap();
        MoodStats::of(&[observation], local).days[0].date.to_string()
    };
    assert_eq!([date(0), date(60), date(-720)], ["2023-12-31", "2024-01-01", "2023-12-31"]);
    assert!(LocalTime::from_minutes(841).is_none() && LocalTime::from_minutes(i32::MIN).is_none());
}

#[test]
fn a_day_is_the_mean_of_its_entries_and_moods_are_counted_one_by_one() {
    let mut day = [on_day(0, 4), on_day(0, 1), on_day(0, 0)];
    day[2] = Observation { mood: Some(Mood::Sad), valence: None, ..day[2] };
    let stats = MoodStats::of(&day, utc());
    assert_eq!(stats.days[0].entries, 3);
    assert!(close(stats.days[0].mean.unwrap(), 2.5));
    assert_eq!(stats.moods, BTreeMap::from([(Mood::Sad, 1)]));
}

/// Made-up days of people whose mood does not change, though each day resembles the one before.
fn unchanging(days: usize, resemblance: f64, seed: u64) -> Vec<(Date, f64)> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut uniform = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        f64::from(u32::try_from(state >> 32).unwrap()) / f64::from(u32::MAX)
    };
    let mut normal = move || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    let mut value = normal();
    let mut date = Date::constant(2024, 1, 1);
    (0..days)
        .map(|_| {
            value = resemblance * value + (1.0 - resemblance * resemblance).sqrt() * normal();
            date = date.tomorrow().unwrap();
            (date, value)
        })
        .collect()
}

#[test]
fn people_whose_mood_does_not_change_are_rarely_told_that_it_does() {
    for days in [30, 60, 90] {
        for resemblance in [0.0, 0.3, 0.6] {
            let people: Vec<_> =
                (1..=400).map(|seed| unchanging(days, resemblance, seed)).collect();
            let told = |rated: &&Vec<(Date, f64)>| {
                enough(trend(rated)).direction() != Direction::NoClearChange
            };
            let missed = |rated: &&Vec<(Date, f64)>| {
                let mean = enough(mean_with_interval(rated));
                mean.low > 0.0 || mean.high < 0.0
            };
            let (trends, means) =
                (people.iter().filter(told).count(), people.iter().filter(missed).count());
            assert!(trends <= 40, "{trends} of 400 at {days} days, {resemblance}");
            assert!(means <= 40, "{means} of 400 at {days} days, {resemblance}");
        }
    }
}

proptest! {
    #[test]
    fn whatever_was_written_the_numbers_stay_on_the_scale(
        days in prop::collection::vec((0_i64..400, -5_i64..=5), 0..120)
    ) {
        let observations: Vec<_> = days.iter().map(|(day, scale)| on_day(*day, *scale)).collect();
        let stats = MoodStats::of(&observations, utc());
        if let Finding::Enough(mean) = stats.mean {
            prop_assert!(-5.0 <= mean.low && mean.low <= mean.value);
            prop_assert!(mean.value <= mean.high && mean.high <= 5.0);
        }
        if let Finding::Enough(trend) = stats.trend {
            prop_assert!(trend.low <= trend.value && trend.value <= trend.high);
        }
        let counted: u32 = stats.days.iter().map(|day| day.entries).sum();
        prop_assert_eq!(usize::try_from(counted).unwrap(), days.len());
    }

    #[test]
    fn the_order_in_which_entries_come_does_not_matter(
        (days, shuffled) in prop::collection::vec((0_i64..60, -5_i64..=5), 0..60)
            .prop_flat_map(|days| (Just(days.clone()), Just(days).prop_shuffle()))
    ) {
        let of = |days: &[(i64, i64)]| {
            let all: Vec<_> = days.iter().map(|(day, scale)| on_day(*day, *scale)).collect();
            MoodStats::of(&all, utc())
        };
        let (one, other) = (of(&days), of(&shuffled));
        prop_assert!(one.trend == other.trend && one.mean == other.mean);
        prop_assert!(one.days == other.days);
    }

    #[test]
    fn turning_the_scale_over_turns_the_trend_over(
        scales in prop::collection::vec(-5_i64..=5, 21..60)
    ) {
        let up = enough(stats(scales.clone()).trend);
        let down = enough(stats(scales.into_iter().map(|scale| -scale)).trend);
        prop_assert!(close(up.value, -down.value));
    }
}
