//! Statistics of moods that say no more than the entries allow.
//!
//! The unit is the day: several entries of a day count as their mean, so that a day on which much
//! was written does not weigh more. Days that follow each other resemble each other, so intervals
//! are made for the number of independent days that they are worth. What rests on too few days is
//! not shown at all; nothing here counts streaks, and nothing says "because".

mod student;
pub mod together;

use crate::model::{Mood, Scale};
use jiff::{
    civil::{Date, Weekday},
    tz::Offset,
};
use kernel::Timestamp;
use std::collections::BTreeMap;

/// A mean needs so many days.
pub const MEAN_DAYS: usize = 7;
/// A trend needs so many days.
pub const TREND_DAYS: usize = 21;
/// A pattern of weekdays needs so many of each.
pub const EACH_WEEKDAY: usize = 6;
/// Of the weekdays that are said to stand out, at most this share does so by chance.
const FALSE_DISCOVERIES: f64 = 0.1;
/// The normal distribution's value for 95 of 100.
const Z_95: f64 = 1.959_964;

/// What one entry says about a mood.
#[derive(Clone, Copy)]
pub struct Observation {
    /// When it was.
    pub at: Timestamp,
    /// The mood that was chosen.
    pub mood: Option<Mood>,
    /// Where it lies on the scale.
    pub valence: Option<Scale>,
}

/// Where the person's days begin, as an offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime(Offset);

impl LocalTime {
    /// So many minutes ahead of UTC; there is no place beyond 14 hours.
    pub fn from_minutes(minutes: i32) -> Option<Self> {
        let seconds = minutes.checked_mul(60).filter(|_| (-840..=840).contains(&minutes))?;
        Offset::from_seconds(seconds).ok().map(Self)
    }

    fn date(self, at: Timestamp) -> Date {
        let at = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or_default();
        self.0.to_datetime(at).date()
    }
}

/// Something that can be said, or how far the entries are from it.
#[derive(Clone, Copy, PartialEq)]
pub enum Finding<T> {
    /// It can be said.
    Enough(T),
    /// There are too few days for it.
    NotEnough {
        /// How many there are.
        have: usize,
        /// How many it takes.
        need: usize,
    },
}

/// A value, and the interval that holds the true one in about 95 of 100 cases.
#[derive(Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// How many independent days the entries are worth.
    pub effective_days: f64,
}

/// Where a mood goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The whole interval is above zero.
    Rising,
    /// The whole interval is below zero.
    Falling,
    /// The interval holds zero.
    NoClearChange,
}

impl Estimate {
    /// What a slope allows to be said.
    #[must_use]
    pub fn direction(&self) -> Direction {
        match () {
            () if self.low > 0.0 => Direction::Rising,
            () if self.high < 0.0 => Direction::Falling,
            () => Direction::NoClearChange,
        }
    }
}

/// One day of the calendar.
#[derive(Clone, Copy, PartialEq)]
pub struct Day {
    /// Which one.
    pub date: Date,
    /// How many entries it has.
    pub entries: u32,
    /// Their mean, if any says how the person felt.
    pub mean: Option<f64>,
}

/// One day of the week.
#[derive(Clone, Copy, PartialEq)]
pub struct WeekdayMean {
    /// Which one.
    pub weekday: Weekday,
    /// How many of them there are.
    pub days: usize,
    /// Their mean.
    pub mean: f64,
    /// Whether it differs from the other days by more than chance explains.
    pub stands_out: bool,
}

/// All that is said about the moods of a time.
pub struct MoodStats {
    /// How many entries there are.
    pub entries: usize,
    /// How often each mood was chosen.
    pub moods: BTreeMap<Mood, u32>,
    /// Days with entries.
    pub days: Vec<Day>,
    /// The mean on the scale.
    pub mean: Finding<Estimate>,
    /// The change on the scale within a week.
    pub trend: Finding<Estimate>,
    /// The days of the week.
    pub weekdays: Finding<Vec<WeekdayMean>>,
}

impl MoodStats {
    /// Out of these observations, in any order.
    #[must_use]
    pub fn of(observations: &[Observation], local: LocalTime) -> Self {
        let mut moods = BTreeMap::new();
        let mut by_date = BTreeMap::<Date, (u32, Vec<f64>)>::new();
        for observation in observations {
            if let Some(mood) = observation.mood {
                *moods.entry(mood).or_default() += 1;
            }
            let (entries, values) = by_date.entry(local.date(observation.at)).or_default();
            *entries += 1;
            values.extend(observation.valence.map(|scale| f64::from(scale.get())));
        }
        let day = |(date, (entries, values)): (Date, (u32, Vec<f64>))| Day {
            date,
            entries,
            mean: (!values.is_empty()).then(|| mean(&values)),
        };
        let days: Vec<Day> = by_date.into_iter().map(day).collect();
        let rated: Vec<(Date, f64)> =
            days.iter().filter_map(|day| Some((day.date, day.mean?))).collect();
        Self {
            entries: observations.len(),
            moods,
            mean: mean_with_interval(&rated),
            trend: trend(&rated),
            weekdays: weekdays(&rated),
            days,
        }
    }
}

fn count(items: usize) -> f64 {
    f64::from(u32::try_from(items).unwrap_or(u32::MAX))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

/// The variance that these values are taken to come from.
fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count(values.len()) - 1.0)
}

/// How many independent values these are worth, by how much each resembles the one before. What
/// is estimated from few values is too low by a known amount, which is added again; `fitted` says
/// how many parameters were taken out before.
fn effective(residuals: &[f64], fitted: f64) -> f64 {
    let n = count(residuals.len());
    let all: f64 = residuals.iter().map(|residual| residual * residual).sum();
    if all <= f64::EPSILON {
        return n;
    }
    let pairs: f64 = residuals.iter().zip(residuals.iter().skip(1)).map(|(a, b)| a * b).sum();
    let seen = pairs / all;
    let true_one = (seen + (fitted + (fitted + 2.0) * seen) / n).clamp(0.0, 0.95);
    n * (1.0 - true_one) / (1.0 + true_one)
}

fn mean_with_interval(rated: &[(Date, f64)]) -> Finding<Estimate> {
    if rated.len() < MEAN_DAYS {
        return Finding::NotEnough { have: rated.len(), need: MEAN_DAYS };
    }
    let values: Vec<f64> = rated.iter().map(|(_, value)| *value).collect();
    let value = mean(&values);
    let residuals: Vec<f64> = values.iter().map(|one| one - value).collect();
    let effective_days = effective(&residuals, 1.0).max(2.0);
    let error = (variance(&values) / effective_days).sqrt();
    let reach = student::quantile_95(effective_days - 1.0) * error;
    let (worst, best) = (f64::from(Scale::WORST), f64::from(Scale::BEST));
    Finding::Enough(Estimate {
        value,
        low: (value - reach).max(worst),
        high: (value + reach).min(best),
        effective_days,
    })
}

/// Theil and Sen's slope: the median of the slopes between all pairs of days, which single bad
/// days cannot move, with the interval that follows from Kendall's test.
fn trend(rated: &[(Date, f64)]) -> Finding<Estimate> {
    let Some((first, _)) = rated.first().filter(|_| rated.len() >= TREND_DAYS) else {
        return Finding::NotEnough { have: rated.len(), need: TREND_DAYS };
    };
    let points: Vec<(f64, f64)> =
        rated.iter().map(|(date, value)| (days_between(*first, *date), *value)).collect();
    let mut slopes = Vec::with_capacity(points.len() * (points.len() - 1) / 2);
    for (at, (x1, y1)) in points.iter().enumerate() {
        slopes.extend(points.iter().skip(at + 1).map(|(x2, y2)| (y2 - y1) / (x2 - x1)));
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let slope = median(&slopes);
    let residuals = around_zero(points.iter().map(|(x, y)| y - slope * x).collect());
    let effective_days = effective(&residuals, 2.0);
    let spread = Z_95 * (kendall_variance(rated) * count(rated.len()) / effective_days).sqrt();
    let pairs = count(slopes.len());
    let (low, high) =
        (at(&slopes, (pairs - spread) / 2.0 - 1.0), at(&slopes, f64::midpoint(pairs, spread)));
    let week = 7.0;
    Finding::Enough(Estimate {
        value: slope * week,
        low: low * week,
        high: high * week,
        effective_days,
    })
}

fn days_between(first: Date, date: Date) -> f64 {
    first.duration_until(date).as_secs_f64() / 86_400.0
}

fn median(sorted: &[f64]) -> f64 {
    let middle = (count(sorted.len()) - 1.0) / 2.0;
    f64::midpoint(at(sorted, middle.floor()), at(sorted, middle.ceil()))
}

/// The values without their middle.
fn around_zero(values: Vec<f64>) -> Vec<f64> {
    let mut sorted = values.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = median(&sorted);
    values.into_iter().map(|value| value - middle).collect()
}

/// The variance of Kendall's score, with values that occur several times.
fn kendall_variance(rated: &[(Date, f64)]) -> f64 {
    let term = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let mut values: Vec<f64> = rated.iter().map(|(_, value)| *value).collect();
    values.sort_unstable_by(f64::total_cmp);
    let ties: f64 =
        values.chunk_by(|a, b| a.total_cmp(b).is_eq()).map(|tied| term(count(tied.len()))).sum();
    (term(count(values.len())) - ties) / 18.0
}

/// The value at this place, or the last one on that side.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the place is brought within the list"
)]
fn at(sorted: &[f64], place: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let place = (place.round().max(0.0) as usize).min(last);
    sorted.get(place).copied().unwrap_or_default()
}

fn weekdays(rated: &[(Date, f64)]) -> Finding<Vec<WeekdayMean>> {
    let of = |wanted: bool, weekday: Weekday| -> Vec<f64> {
        let belongs = |(date, _): &&(Date, f64)| (date.weekday() == weekday) == wanted;
        rated.iter().filter(belongs).map(|(_, value)| *value).collect()
    };
    let all = Weekday::Monday.cycle_forward().take(7);
    let groups: Vec<(Weekday, Vec<f64>)> =
        all.map(|weekday| (weekday, of(true, weekday))).collect();
    let fewest = groups.iter().map(|(_, days)| days.len()).min().unwrap_or_default();
    if fewest < EACH_WEEKDAY {
        return Finding::NotEnough { have: fewest, need: EACH_WEEKDAY };
    }
    let chances: Vec<f64> =
        groups.iter().map(|(weekday, days)| difference(days, &of(false, *weekday))).collect();
    let limit = discovery_limit(&chances);
    let made = groups.iter().zip(chances).map(|((weekday, days), chance)| WeekdayMean {
        weekday: *weekday,
        days: days.len(),
        mean: mean(days),
        stands_out: chance <= limit,
    });
    Finding::Enough(made.collect())
}

/// How likely a difference like that between the two groups is by chance (Welch).
fn difference(some: &[f64], others: &[f64]) -> f64 {
    let part = |values: &[f64]| variance(values) / count(values.len());
    let (a, b) = (part(some), part(others));
    if a + b <= f64::EPSILON {
        return 1.0;
    }
    let freedom =
        (a + b).powi(2) / (a * a / (count(some.len()) - 1.0) + b * b / (count(others.len()) - 1.0));
    student::two_sided((mean(some) - mean(others)) / (a + b).sqrt(), freedom)
}

/// Benjamini and Hochberg: the largest chance that still counts as a discovery; below zero if
/// none does.
fn discovery_limit(chances: &[f64]) -> f64 {
    let mut sorted = chances.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let tests = count(sorted.len());
    let found = sorted
        .iter()
        .enumerate()
        .rev()
        .find(|(place, chance)| **chance <= FALSE_DISCOVERIES * count(place + 1) / tests);
    found.map_or(-1.0, |(_, chance)| *chance)
}

#[cfg(test)]
mod tests;
