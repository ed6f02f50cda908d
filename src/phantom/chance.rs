//! Numbers that look random and follow from a seed and a place only: no state, so no dependence on order or threads.

/// A well mixed number of a seed and a count (SplitMix64's finalizer, Steele et al., OOPSLA 2014).
pub(super) fn mixed(seed: u64, n: u64) -> u64 {
    let mut x = seed ^ n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// Even in 0..1.
pub(super) fn unit(seed: u64, n: u64) -> f64 {
    (mixed(seed, n) >> 11) as f64 / (1u64 << 53) as f64
}

/// About normal with mean 0 and SD 1: the sum of four even ones (Irwin-Hall; its tails end at 3.5 SD).
pub(super) fn normal(seed: u64, n: u64) -> f32 {
    let bits = mixed(seed, n);
    let sum = (0..4).map(|part| (bits >> (16 * part) & 0xffff) as f32).sum::<f32>();
    // Variance of one even 16-bit number: (2^32 − 1) / 12.
    (sum - 2.0 * 65535.0) / (2.0 * 65536.0 * 0.288_675_14)
}

/// A value in 0..1 that changes slowly with the place, once per unit of x, y, z: trilinear between even numbers at whole
/// places, with smooth steps. Places must be positive.
pub(super) fn slow(seed: u64, x: f64, y: f64, z: f64) -> f64 {
    let (i, j, k) = (x as u64, y as u64, z as u64);
    let ease = |t: f64| t * t * (3.0 - 2.0 * t);
    let (u, v, w) = (ease(x - i as f64), ease(y - j as f64), ease(z - k as f64));
    let at = |a: u64, b: u64, c: u64| unit(seed, (i + a) | (j + b) << 20 | (k + c) << 40);
    let row = |b: u64, c: u64| at(0, b, c) * (1.0 - u) + at(1, b, c) * u;
    let plane = |c: u64| row(0, c) * (1.0 - v) + row(1, c) * v;
    plane(0) * (1.0 - w) + plane(1) * w
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_mean_zero_and_sd_one() {
        let n = 100_000;
        let values: Vec<f64> = (0..n).map(|i| f64::from(normal(7, i))).collect();
        let mean = values.iter().sum::<f64>() / n as f64;
        let sd = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n as f64).sqrt();
        assert!(mean.abs() < 0.01 && (sd - 1.0).abs() < 0.01, "{mean} {sd}");
    }
}
