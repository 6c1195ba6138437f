//! The known name nearest to a misspelt one.

/// The nearest of `names`, if one is near enough to be meant; of equals the first.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer words would cost a square of their length and resemble nothing.
    if word.chars().count() > 64 {
        return None;
    }
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    names
        .into_iter()
        .filter(|name| name.chars().count() <= 64)
        .map(|name| (distance(&word.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Insertions, deletions, substitutions and swaps of neighbours that lead from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = vec![0; to.len() + 1];
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, &a) in from.iter().enumerate() {
        let mut row = vec![i + 1; to.len() + 1];
        for (j, &b) in to.iter().enumerate() {
            let substituted = last[j] + usize::from(a != b);
            row[j + 1] = substituted.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a == to[j - 1] && from[i - 1] == b {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits_and_swaps() {
        assert_eq!(distance("sma", "sma"), 0);
        assert_eq!(distance("smma", "sma"), 1);
        assert_eq!(distance("clsoe", "close"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn only_a_near_name_is_offered() {
        let names = ["close", "open", "momentum"];
        assert_eq!(nearest("momentun", names), Some("momentum"));
        assert_eq!(nearest("CLOSE", names), Some("close"));
        assert_eq!(nearest("trend", names), None);
    }
}
