//! In which order bindings run: those that read a column stand together.

use super::Bindings;
use crate::plan::family::Open;

/// Places of the bindings in the order in which they run: by tiles of about `group` bindings, which have few values of
/// each param between them. `alive` columns fit into memory at a time; where the values of all params are more than that,
/// tiles lie in larger ones, so that a column serves all of one before it is dropped.
pub fn order(bindings: &Bindings<'_>, alive: usize, group: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..bindings.len()).collect();
    let params = bindings.family.params();
    if params.len() < 2 {
        return places;
    }
    let values: usize = params.iter().map(|open| open.values.len()).sum();
    let large = (values > alive).then(|| (alive / params.len()).max(2) as u32);
    // The side of a small tile is a power of two; a param of one value takes no part of it.
    let open = params.iter().filter(|open| open.values.len() > 1).count().max(1);
    let bits = group.ilog2() / open as u32;
    let count = |open: &Open| open.values.len() as u32;
    // One number tells the order. What does not fit into it wraps around: then bindings of a tile stand apart, no more.
    let key = |&place: &usize| {
        let digits = || bindings.at(place).iter().zip(params);
        let add =
            |key: u64, digit: u32, digits: u32| key.wrapping_mul(u64::from(digits)).wrapping_add(u64::from(digit));
        let key = large
            .map_or(0, |side| digits().fold(0, |key, (code, open)| add(key, code / side, count(open).div_ceil(side))));
        let key = digits().fold(key, |key, (code, open)| add(key, code >> bits, (count(open) >> bits) + 1));
        digits().fold(key, |key, (code, _)| key << bits | u64::from(code & ((1 << bits) - 1)))
    };
    places.sort_by_cached_key(key);
    places
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::plan::family::Family;

    #[test]
    fn a_grid_goes_tile_by_tile() {
        let spec = r#"{"name": "x", "symbols": ["A"], "params": {"a": "1", "b": "1"}, "entry": {"long": "close > a"}}"#;
        let mut family = Family::new(spec, vec!["a".into(), "b".into()], &[]).unwrap();
        for value in 1..=4 {
            family.code(0, &value.to_string()).unwrap();
            family.code(1, &value.to_string()).unwrap();
        }
        let codes: Vec<u32> = (0..16).flat_map(|place| [place / 4, place % 4]).collect();
        let bindings = Bindings { family: &family, codes: &codes };
        let by_two = [0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15];
        assert_eq!(order(&bindings, 8, 16), (0..16).collect::<Vec<_>>());
        assert_eq!(order(&bindings, 8, 4), by_two);
        assert_eq!(order(&bindings, 4, 16), by_two);
        // Tiles of one in tiles of two by two.
        assert_eq!(order(&bindings, 4, 1), by_two);
        assert_eq!(order(&bindings, 8, 1), (0..16).collect::<Vec<_>>());
    }
}
