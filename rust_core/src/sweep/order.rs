//! In which order bindings run: those that read a column stand together.

use super::Bindings;

/// Places of the bindings in the order in which they run. `alive` columns fit into memory at a time; where the values
/// of all params are more than that, bindings go tile by tile, so that a column serves a whole tile before it is dropped.
pub fn order(bindings: &Bindings<'_>, alive: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..bindings.len()).collect();
    let params = bindings.family.params();
    let values: usize = params.iter().map(|open| open.values.len()).sum();
    if values <= alive || params.len() < 2 {
        return places;
    }
    let side = (alive / params.len()).max(2) as u32;
    places.sort_by_cached_key(|&place| {
        let codes = bindings.at(place);
        let tile: Vec<u32> = codes.iter().map(|code| code / side).collect();
        (tile, codes.to_vec())
    });
    places
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::plan::family::Family;

    #[test]
    fn a_grid_that_does_not_fit_goes_tile_by_tile() {
        let spec = r#"{"name": "x", "symbols": ["A"], "params": {"a": "1", "b": "1"}, "entry": {"long": "close > a"}}"#;
        let mut family = Family::new(spec, vec!["a".into(), "b".into()], &[]).unwrap();
        for value in 1..=4 {
            family.code(0, &value.to_string()).unwrap();
            family.code(1, &value.to_string()).unwrap();
        }
        let codes: Vec<u32> = (0..16).flat_map(|place| [place / 4, place % 4]).collect();
        let bindings = Bindings { family: &family, codes: &codes };
        assert_eq!(order(&bindings, 8), (0..16).collect::<Vec<_>>());
        assert_eq!(order(&bindings, 4), [0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]);
    }
}
