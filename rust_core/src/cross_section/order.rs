//! Order of a population: floats as integers that sort the same way, with the member's position breaking ties.

/// Memory kept from session to session.
#[derive(Debug, Default, Clone)]
pub struct Scratch {
    pub(super) keys: Vec<(u64, u32)>,
    pub(super) values: Vec<f64>,
}

/// An integer that sorts as the value does; 0 and -0 are one value, NaN does not occur.
#[inline]
pub(super) fn ascending(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

#[inline]
pub(super) fn descending(value: f64) -> u64 {
    !ascending(value)
}

impl Scratch {
    /// Positions of the members, first key first, earlier member first among equals.
    pub(super) fn sorted(&mut self, values: &[f64], key: impl Fn(f64) -> u64) -> &[(u64, u32)] {
        self.keys.clear();
        self.keys.extend(values.iter().enumerate().map(|(member, &value)| (key(value), member as u32)));
        self.keys.sort_unstable();
        &self.keys
    }

    /// The values, smallest first.
    pub(super) fn sorted_values(&mut self, values: &[f64]) -> &[f64] {
        self.values.clear();
        self.values.extend_from_slice(values);
        self.values.sort_unstable_by(f64::total_cmp);
        &self.values
    }
}
