//! Where params stand in the text of a strategy.

use serde_json::Value;

/// A setting that holds the value of a param.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// Its place in the spec, as a JSON pointer.
    pub pointer: String,
    pub param: usize,
}

impl Slot {
    /// Writes the value there: as a whole number where one stands, else as text.
    pub fn fill(&self, document: &mut Value, text: &str) {
        if let Some(place) = document.pointer_mut(&self.pointer) {
            let whole = text.replace('_', "").parse::<i64>().ok().filter(|_| place.is_i64());
            *place = whole.map_or_else(|| Value::from(text), Value::from);
        }
    }
}

/// The words of an expression: everything that may be a name.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
