//! The standard normal law: density, distribution function, inverse.
//!
//! The inverse is Wichura's PPND16 (algorithm AS 241, *Applied Statistics* 37, 1988, 477-484): three
//! rational functions, good to about one part in 10^16. Four draws in five need the first one alone,
//! which takes neither a logarithm nor a root.

use std::f64::consts::FRAC_1_SQRT_2;

/// 1 / sqrt(2 pi).
const DENSITY_AT_0: f64 = 0.398_942_280_401_432_7;

/// The density at z.
pub(crate) fn density(z: f64) -> f64 {
    DENSITY_AT_0 * libm::exp(-0.5 * z * z)
}

/// P(Z <= z), without cancellation on either side.
pub(crate) fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// The integral of the distribution function up to z: z P(Z <= z) + density.
pub(crate) fn integrated_cdf(z: f64) -> f64 {
    z * cdf(z) + density(z)
}

/// The z with P(Z <= z) = p; infinite at 0 and 1.
#[inline]
pub(crate) fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        q * rational(0.180_625 - q * q, &CENTRE)
    } else {
        tail_quantile(p)
    }
}

/// For p up to 0.075 and from 0.925 on, in r = sqrt(-ln(share beyond)).
fn tail_quantile(p: f64) -> f64 {
    let (beyond, sign) = if p < 0.5 { (p, -1.0) } else { (1.0 - p, 1.0) };
    if beyond <= 0.0 {
        return sign * f64::INFINITY;
    }
    let r = libm::sqrt(-libm::log(beyond));
    let z = if r <= 5.0 {
        rational(r - 1.6, &TAIL)
    } else {
        rational(r - 5.0, &FAR_TAIL)
    };
    sign * z
}

/// Numerator and denominator, lowest power first.
type Rational = [[f64; 8]; 2];

#[inline]
fn rational(x: f64, [numerator, denominator]: &Rational) -> f64 {
    let at_x = |c: &[f64; 8]| {
        ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x
            + c[0]
    };
    at_x(numerator) / at_x(denominator)
}

/// Wichura's a and b.
const CENTRE: Rational = [
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
];

/// Wichura's c and d.
const TAIL: Rational = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        0.241_780_725_177_450_6,
        0.022_723_844_989_269_184,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        0.689_767_334_985_1,
        0.148_103_976_427_480_08,
        0.015_198_666_563_616_457,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];

/// Wichura's e and f.
const FAR_TAIL: Rational = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        0.296_560_571_828_504_87,
        0.026_532_189_526_576_124,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        0.599_832_206_555_888,
        0.136_929_880_922_735_8,
        0.014_875_361_290_850_615,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_445_8e-7,
        2.044_263_103_389_939_7e-15,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// From tables. Lower tails, because 0.99 as a float is not as close to 0.99 as 0.01 to 0.01.
    #[test]
    fn well_known_quantiles() {
        for (p, z) in [
            (0.5, 0.0),
            (0.75, 0.674_489_750_196_081_7),
            (0.025, -1.959_963_984_540_054),
            (0.01, -2.326_347_874_040_841),
            (1e-20, -9.262_340_089_798_408),
        ] {
            assert!(
                (quantile(p) - z).abs() <= 4e-16 * z.abs(),
                "{p}: {}",
                quantile(p)
            );
        }
    }

    /// Each of the three rational functions, on both sides, and across the seams between them.
    #[test]
    fn the_inverse_undoes_the_distribution_function() {
        for p in [
            1e-300, 1e-30, 1e-12, 1.38e-11, 1.39e-11, 1e-3, 0.0749, 0.0751, 0.3, 0.5, 0.9,
        ] {
            let back = cdf(quantile(p));
            // An error of z grows by its own size in the tail: d ln cdf = |z| dz there.
            let z = quantile(p).abs();
            assert!(
                (back / p - 1.0).abs() < 1e-15 * (4.0 + z * z),
                "{p}: {back}"
            );
        }
        for p in [0.5, 0.9, 0.93, 0.99, 1.0 - 1e-12] {
            assert!(
                (quantile(p) + quantile(1.0 - p)).abs() < 1e-3 * (1.0 - p),
                "{p}"
            );
        }
    }

    #[test]
    fn the_ends_are_infinite() {
        assert_eq!(
            (quantile(0.0), quantile(1.0)),
            (f64::NEG_INFINITY, f64::INFINITY)
        );
    }
}
