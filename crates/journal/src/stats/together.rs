//! What went together with a person's mood, and what cannot be told yet.
//!
//! Chance finds something in every diary: with twenty factors, looking at each by itself shows most
//! people something that is not there. So: nothing before 30 days and 10 days on each side; only
//! the same day and the next, decided beforehand; weekdays taken out; days that resemble the one
//! before count for less; and over everything that was looked at, at most one finding in ten is
//! expected to be chance (Benjamini and Hochberg). What is left went together. It is no cause.

use super::{LocalTime, count, discovery_limit, mean, student};
use crate::model::Scale;
use jiff::civil::Date;
use kernel::{Phi, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Nothing is said of fewer days with both a mood and what the day had.
pub const PAIRED_DAYS: usize = 30;
/// Nothing is said of a factor with fewer days on one side.
pub const DAYS_EACH_SIDE: usize = 10;
/// The most factors that are looked at: those on most days.
const FACTORS: usize = 40;
/// So many parameters go with the weekdays.
const WEEKDAYS: f64 = 7.0;

/// What a day's entry says: how the person felt, and what the day had.
pub struct Marked {
    /// When it was.
    pub at: Timestamp,
    /// How the person felt.
    pub valence: Option<Scale>,
    /// What the day had.
    pub factors: Phi<Vec<String>>,
}

/// A factor that went together with the mood.
#[derive(Clone)]
pub struct Together {
    /// What it was.
    pub factor: Phi<String>,
    /// Whether the mood is that of the day after.
    pub next_day: bool,
    /// How many days were compared.
    pub days: usize,
    /// How many of them had it.
    pub with: usize,
    /// The mood of days with it, less that of days without.
    pub difference: f64,
    /// The lower end of the interval that holds the true one in about 95 of 100 cases.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// What can be told.
pub struct Comparison {
    /// How many days have a mood.
    pub days: usize,
    /// How many comparisons were made.
    pub looked_at: usize,
    /// The most days of a factor on its rarer side, where none could be compared.
    pub nearest: usize,
    /// What went together, the largest difference first.
    pub found: Vec<Together>,
}

struct Day {
    date: Date,
    mood: f64,
    factors: BTreeSet<String>,
}

struct Tested {
    chance: f64,
    freedom: f64,
    error: f64,
    together: Together,
}

impl Tested {
    /// What was found, with its interval.
    fn found(self) -> Together {
        let reach = student::quantile_95(self.freedom) * self.error;
        let Together { difference, .. } = self.together;
        Together { low: difference - reach, high: difference + reach, ..self.together }
    }
}

impl Comparison {
    /// Out of these, in any order.
    #[must_use]
    pub fn of(marked: &[Marked], local: LocalTime) -> Self {
        let days = days(marked, local);
        let mut compared = Self { days: days.len(), looked_at: 0, nearest: 0, found: Vec::new() };
        if days.len() < PAIRED_DAYS {
            return compared;
        }
        let same: Vec<(&Day, &Day)> = days.iter().map(|day| (day, day)).collect();
        let next: Vec<(&Day, &Day)> = days
            .iter()
            .zip(days.iter().skip(1))
            .filter(|(day, after)| day.date.tomorrow().is_ok_and(|date| date == after.date))
            .collect();
        let mut tested = Vec::new();
        for factor in commonest(&days) {
            let with = days.iter().filter(|day| day.factors.contains(&factor)).count();
            compared.nearest = compared.nearest.max(with.min(days.len() - with));
            tested.extend(test(&factor, &same, false));
            tested.extend(test(&factor, &next, true));
        }
        compared.looked_at = tested.len();
        let chances: Vec<f64> = tested.iter().map(|one| one.chance).collect();
        let limit = discovery_limit(&chances);
        compared.found =
            tested.into_iter().filter(|one| one.chance <= limit).map(Tested::found).collect();
        compared.found.sort_by(|a, b| b.difference.abs().total_cmp(&a.difference.abs()));
        compared
    }
}

fn days(marked: &[Marked], local: LocalTime) -> Vec<Day> {
    let mut by_date = BTreeMap::<Date, (Vec<f64>, BTreeSet<String>)>::new();
    for one in marked {
        let (moods, factors) = by_date.entry(local.date(one.at)).or_default();
        moods.extend(one.valence.map(|scale| f64::from(scale.get())));
        // EXPOSE: counted; a name is guarded again in what is found.
        factors.extend(one.factors.expose().iter().map(|factor| factor.to_lowercase()));
    }
    let rated = by_date.into_iter().filter(|(_, (moods, _))| !moods.is_empty());
    rated.map(|(date, (moods, factors))| Day { date, mood: mean(&moods), factors }).collect()
}

fn commonest(days: &[Day]) -> Vec<String> {
    let mut counts = BTreeMap::<&String, usize>::new();
    for factor in days.iter().flat_map(|day| &day.factors) {
        *counts.entry(factor).or_default() += 1;
    }
    let mut all: Vec<(&String, usize)> = counts.into_iter().collect();
    all.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    all.into_iter().take(FACTORS).map(|(name, _)| name.clone()).collect()
}

/// The comparison of days with a factor to those without, if there are enough of both.
fn test(factor: &str, pairs: &[(&Day, &Day)], next_day: bool) -> Option<Tested> {
    let had: Vec<bool> = pairs.iter().map(|(day, _)| day.factors.contains(factor)).collect();
    let with = had.iter().filter(|had| **had).count();
    let enough = with >= DAYS_EACH_SIDE && pairs.len() - with >= DAYS_EACH_SIDE;
    if pairs.len() < PAIRED_DAYS || !enough {
        return None;
    }
    let dates: Vec<Date> = pairs.iter().map(|(_, after)| after.date).collect();
    let moods: Vec<f64> = pairs.iter().map(|(_, after)| after.mood).collect();
    let factors: Vec<f64> = had.iter().map(|had| f64::from(u8::from(*had))).collect();
    let (mood, own) = (without_weekdays(&dates, &moods), without_weekdays(&dates, &factors));
    let days = count(pairs.len());
    let product = resemblance(&own) * resemblance(&mood);
    let worth = days * (1.0 - product) / (1.0 + product);
    let freedom = worth * (1.0 - (WEEKDAYS + 1.0) / days);
    let (xx, yy, xy) = (dot(&own, &own), dot(&mood, &mood), dot(&own, &mood));
    if xx <= f64::EPSILON || yy <= f64::EPSILON || freedom < 3.0 {
        return None;
    }
    let (slope, r) = (xy / xx, xy / (xx * yy).sqrt());
    let t = r * (freedom / (1.0 - r * r).max(1e-9)).sqrt();
    let together = Together {
        factor: Phi::new(factor.to_owned()),
        next_day,
        days: pairs.len(),
        with,
        difference: slope,
        low: slope,
        high: slope,
    };
    let chance = student::two_sided(t, freedom);
    Some(Tested { chance, freedom, error: (slope / t).abs(), together })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The values less the mean of their weekday.
fn without_weekdays(dates: &[Date], values: &[f64]) -> Vec<f64> {
    let mut sums = BTreeMap::<i8, (f64, f64)>::new();
    for (date, value) in dates.iter().zip(values) {
        let (sum, days) = sums.entry(date.weekday().to_monday_one_offset()).or_default();
        *sum += value;
        *days += 1.0;
    }
    let usual = |date: &Date| {
        sums.get(&date.weekday().to_monday_one_offset()).map_or(0.0, |(sum, days)| sum / days)
    };
    dates.iter().zip(values).map(|(date, value)| value - usual(date)).collect()
}

/// How much each value resembles the one before. What is estimated from few values is too low by
/// about a known amount, which is added again.
fn resemblance(values: &[f64]) -> f64 {
    let all = dot(values, values);
    if all <= f64::EPSILON {
        return 0.0;
    }
    let pairs: f64 = values.iter().zip(values.iter().skip(1)).map(|(a, b)| a * b).sum();
    let seen = pairs / all;
    (seen + (WEEKDAYS / 2.0 + 3.0 * seen) / count(values.len())).clamp(0.0, 0.95)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Numbers that look like chance and are the same in every run.
    struct Dice(u64);

    impl Dice {
        fn uniform(&mut self) -> f64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            #[expect(clippy::cast_precision_loss, reason = "31 bits")]
            let value = (self.0 >> 33) as f64 / (1_u64 << 31) as f64;
            value
        }

        fn normal(&mut self) -> f64 {
            (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
        }

        /// A series in which each value resembles the one before so much.
        fn series(&mut self, days: usize, phi: f64) -> Vec<f64> {
            let mut value = self.normal();
            let step = (1.0 - phi * phi).sqrt();
            (0..days)
                .map(|_| {
                    value = phi * value + step * self.normal();
                    value
                })
                .collect()
        }
    }

    /// A diary with twenty factors, of which the first goes together with the mood by so much.
    fn diary(dice: &mut Dice, days: usize, phi: f64, r: f64) -> Vec<Marked> {
        let factors: Vec<Vec<f64>> = (0..20).map(|_| dice.series(days, phi)).collect();
        let own = dice.series(days, phi);
        let day = |n: usize| {
            // A factor is there on half of the days, which takes a fifth of the correlation.
            let shared = (r / 0.798).min(0.999);
            let mood = shared * factors[0][n] + (1.0 - shared * shared).sqrt() * own[n];
            #[expect(clippy::cast_possible_truncation, reason = "brought within the scale")]
            let scale = (mood * 1.8).round().clamp(-5.0, 5.0) as i64;
            let here = |f: usize| factors[f][n] > 0.0;
            Marked {
                at: Timestamp::MIN.plus(Duration::from_hours(24 * n as u64)),
                valence: Some(scale.try_into().unwrap()),
                factors: Phi::new((0..20).filter(|f| here(*f)).map(|f| format!("f{f}")).collect()),
            }
        };
        (0..days).map(day).collect()
    }

    fn compared(marked: &[Marked]) -> Comparison {
        Comparison::of(marked, LocalTime::from_minutes(0).unwrap())
    }

    #[test]
    fn people_without_any_connection_are_shown_none_in_nine_of_ten_cases() {
        for (days, phi) in [(30, 0.3), (30, 0.6), (60, 0.3), (60, 0.6), (90, 0.3), (90, 0.6)] {
            let mut dice = Dice(days as u64 * 7 + 1);
            let runs = 200;
            let fooled = (0..runs)
                .filter(|_| !compared(&diary(&mut dice, days, phi, 0.0)).found.is_empty())
                .count();
            assert!(fooled * 10 <= runs, "{days} days, {phi}: {fooled} of {runs}");
        }
    }

    #[test]
    fn a_strong_connection_is_found_in_three_months() {
        let mut dice = Dice(5);
        let runs = 100;
        let found = (0..runs)
            .filter(|_| {
                let found = compared(&diary(&mut dice, 90, 0.4, 0.5)).found;
                found
                    .iter()
                    .any(|one| one.factor.expose() == "f0" && !one.next_day && one.low > 0.0)
            })
            .count();
        assert!(found * 100 >= 85 * runs, "{found} of {runs}");
    }

    #[test]
    fn nothing_is_said_too_early() {
        let mut dice = Dice(3);
        let early = compared(&diary(&mut dice, 29, 0.0, 0.9));
        assert_eq!((early.days, early.looked_at, early.found.len()), (29, 0, 0));
        let mut rare = diary(&mut dice, 60, 0.0, 0.9);
        for (n, day) in rare.iter_mut().enumerate() {
            day.factors = Phi::new(if n < 9 { vec!["rare".to_owned()] } else { Vec::new() });
        }
        let rare = compared(&rare);
        assert_eq!((rare.days, rare.looked_at, rare.nearest), (60, 0, 9));
    }
}
