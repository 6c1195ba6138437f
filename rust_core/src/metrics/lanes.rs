//! Sums in eight lanes: value i goes to lane i modulo eight, and the lanes are added up in one fixed order. Every
//! processor comes to the same bits, several values at a time.

/// Lanes of every sum.
const LANES: usize = 8;

/// A fold in the making; several can be made in one walk.
pub struct Lanes([f64; LANES]);

impl Lanes {
    /// Every lane begins with what changes nothing.
    pub fn new(start: f64) -> Self {
        Self([start; LANES])
    }

    /// Takes up to eight values, one to each lane.
    #[inline(always)]
    pub fn take(&mut self, group: &[f64], add: impl Fn(f64, f64) -> f64) {
        for (lane, &value) in self.0.iter_mut().zip(group) {
            *lane = add(*lane, value);
        }
    }

    /// The lanes combined in pairs.
    pub fn combined(self, with: impl Fn(f64, f64) -> f64) -> f64 {
        let [a, b, c, d, e, f, g, h] = self.0;
        with(with(with(a, e), with(c, g)), with(with(b, f), with(d, h)))
    }

    pub fn sum(self) -> f64 {
        self.combined(|a, b| a + b)
    }
}

/// Visits values eight at a time, and then the rest.
#[inline(always)]
pub fn walk(values: &[f64], mut visit: impl FnMut(&[f64])) {
    let (groups, rest) = values.as_chunks::<LANES>();
    for group in groups {
        visit(group);
    }
    visit(rest);
}

/// The sum of a function of each value.
#[inline(always)]
pub fn sum(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    fold(values, 0.0, |sum, value| sum + of(value), |a, b| a + b)
}

/// Folds every lane from a start that changes nothing, then the lanes.
#[inline(always)]
pub fn fold(values: &[f64], start: f64, add: impl Fn(f64, f64) -> f64, with: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = Lanes::new(start);
    walk(values, |group| lanes.take(group, &add));
    lanes.combined(with)
}

/// The smaller and the larger of two numbers; a missing second one is taken for neither.
#[inline(always)]
pub fn smaller(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

#[inline(always)]
pub fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_add_up_to_the_whole() {
        for count in 0..40 {
            let values: Vec<f64> = (0..count).map(f64::from).collect();
            assert_eq!(sum(&values, |x| x * 2.0), f64::from(count * (count - 1)));
            let last = if count == 0 { f64::NEG_INFINITY } else { f64::from(count - 1) };
            assert_eq!(fold(&values, f64::NEG_INFINITY, larger, larger), last);
        }
        // Lane 0 holds the first and the ninth value, lane 1 the others.
        assert_eq!(sum(&[1e16, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1e16, 1.0], |x| x), 2.0);
    }
}
