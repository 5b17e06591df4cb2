//! Student's t distribution, as far as intervals and comparisons need it.

/// How likely a value at least this far from zero is by chance, on either side.
pub(super) fn two_sided(t: f64, freedom: f64) -> f64 {
    incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + t * t))
}

/// The value that lies further out than 95 of 100, counted from the middle to both sides.
pub(super) fn quantile_95(freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1000.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if two_sided(middle, freedom) > 0.05 { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The regularized incomplete beta function, by its continued fraction (Lentz).
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p();
    if x < (a + 1.0) / (a + b + 2.0) {
        front.exp() * fraction(a, b, x) / a
    } else {
        1.0 - front.exp() * fraction(b, a, 1.0 - x) / b
    }
}

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let safe = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut numerator = 1.0;
    let mut inverse = 1.0 / safe(1.0 - (a + b) * x / (a + 1.0));
    let mut value = inverse;
    for step in 1..300 {
        let step = f64::from(step);
        let twice = a + 2.0 * step;
        let even = step * (b - step) * x / ((twice - 1.0) * twice);
        let odd = -(a + step) * (a + b + step) * x / (twice * (twice + 1.0));
        let before = value;
        for term in [even, odd] {
            inverse = 1.0 / safe(1.0 + term * inverse);
            numerator = safe(1.0 + term / numerator);
            value *= numerator * inverse;
        }
        if (value - before).abs() < 1e-15 * value.abs() {
            break;
        }
    }
    value
}

/// Lanczos' approximation, good to 15 digits.
fn ln_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let (mut sum, mut n) = (0.999_999_999_999_809_9, 0.0);
    for coefficient in COEFFICIENTS {
        n += 1.0;
        sum += coefficient / (x + n);
    }
    let t = x + 7.5;
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_printed_tables() {
        for (freedom, wanted) in [
            (1.0, 12.7062),
            (2.0, 4.3027),
            (5.0, 2.5706),
            (10.0, 2.2281),
            (30.0, 2.0423),
            (1000.0, 1.9623),
        ] {
            assert!((quantile_95(freedom) - wanted).abs() < 5e-5, "{freedom}");
        }
    }

    #[test]
    fn chances_are_those_of_printed_tables() {
        for (t, freedom, wanted) in
            [(0.0, 3.0, 1.0), (1.0, 1.0, 0.5), (2.2281, 10.0, 0.05), (3.1693, 10.0, 0.01)]
        {
            assert!((two_sided(t, freedom) - wanted).abs() < 1e-5, "{t} {freedom}");
        }
    }

    #[test]
    fn gamma_is_the_factorial() {
        assert!((ln_gamma(6.0) - 120_f64.ln()).abs() < 1e-12);
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-12);
    }
}
