//! Membership among the n largest or smallest; of equal values the earlier symbol name goes first.

use super::order::{Scratch, ascending, descending};

/// Up to this many are found by insertion into a short sorted list, more by partial selection.
const SHORT: usize = 64;

/// 1 for the `count` largest, 0 for the others.
pub fn top(values: &[f64], count: f64, scratch: &mut Scratch, out: &mut [f64]) {
    choose(values, count, descending, scratch, out);
}

/// 1 for the `count` smallest, 0 for the others.
pub fn bottom(values: &[f64], count: f64, scratch: &mut Scratch, out: &mut [f64]) {
    choose(values, count, ascending, scratch, out);
}

fn choose(values: &[f64], count: f64, key: impl Fn(f64) -> u64, scratch: &mut Scratch, out: &mut [f64]) {
    let count = count as usize;
    if count >= values.len() {
        out.fill(1.0);
        return;
    }
    out.fill(0.0);
    if count == 0 {
        return;
    }
    let keyed = values.iter().enumerate().map(|(member, &value)| (key(value), member as u32));
    let best = &mut scratch.keys;
    best.clear();
    if count <= SHORT {
        for entry in keyed {
            if best.len() == count {
                if best.last().is_some_and(|worst| entry > *worst) {
                    continue;
                }
                best.pop();
            }
            let place = best.partition_point(|other| *other < entry);
            best.insert(place, entry);
        }
    } else {
        best.extend(keyed);
        best.select_nth_unstable(count);
        best.truncate(count);
    }
    for (_, member) in best {
        out[*member as usize] = 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_are_chosen_and_ties_go_by_name() {
        let values = [1.0, 5.0, 3.0, 5.0, 3.0, 3.0];
        let (mut out, mut scratch) = ([0.0; 6], Scratch::default());
        top(&values, 3.0, &mut scratch, &mut out);
        assert_eq!(out, [0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
        bottom(&values, 2.0, &mut scratch, &mut out);
        assert_eq!(out, [1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
        top(&values, 9.0, &mut scratch, &mut out);
        assert_eq!(out, [1.0; 6]);
    }

    #[test]
    fn both_ways_of_choosing_agree_with_a_full_sort() {
        // 331 is prime to 1009, so the values are a shuffled list with every value three times.
        let values: Vec<f64> = (0..1009).map(|i| f64::from(i * 331 % 1009 / 3)).collect();
        let (mut out, mut scratch) = (vec![0.0; values.len()], Scratch::default());
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
        for count in [1, 20, 63, 64, 65, 500, 1008] {
            top(&values, count as f64, &mut scratch, &mut out);
            let chosen: Vec<usize> = (0..values.len()).filter(|&i| out[i] == 1.0).collect();
            let mut expected = order[..count].to_vec();
            expected.sort_unstable();
            assert_eq!(chosen, expected, "top {count}");
        }
    }
}
