//! Units of results from units of operands, and whether operands go together.
//!
//! `None` means that they do not. A bare number takes the unit of what it stands beside; a percentage that of a ratio
//! or of percent-points. A level may be added to a level, because midpoints are written so.

use crate::units::{PriceKind, Unit};

/// How a unit is called in an error.
pub fn describe(unit: Unit) -> String {
    match unit {
        Unit::Number => "a bare number".into(),
        Unit::Percent => "a percentage".into(),
        Unit::Ratio => "a ratio".into(),
        Unit::PercentPoints => "percent-points (0 to 100)".into(),
        Unit::Count => "a count".into(),
        Unit::Boolean => "a condition".into(),
        Unit::Group => "a label".into(),
        Unit::Duration => "a duration".into(),
        Unit::Scaled { price: 1, volume: 0, kind: PriceKind::Level } => "a price level".into(),
        Unit::Scaled { price: 1, volume: 0, kind: PriceKind::Distance } => "a price difference".into(),
        Unit::Scaled { price: 1, volume: 0, kind: PriceKind::Either } => "a price".into(),
        Unit::Scaled { price: 0, volume: 1, .. } => "a volume".into(),
        Unit::Scaled { price: 1, volume: 1, .. } => "a traded value (price x volume)".into(),
        Unit::Scaled { price, volume: 0, .. } => format!("a price to the power {price}"),
        Unit::Scaled { price: 0, volume, .. } => format!("a volume to the power {volume}"),
        Unit::Scaled { price, volume, .. } => format!("price^{price} x volume^{volume}"),
    }
}

/// One word for plans and tables.
pub fn short(unit: Unit) -> String {
    match unit {
        Unit::Number => "number".into(),
        Unit::Percent => "percent".into(),
        Unit::Ratio => "ratio".into(),
        Unit::PercentPoints => "percent-points".into(),
        Unit::Count => "count".into(),
        Unit::Boolean => "boolean".into(),
        Unit::Group => "group".into(),
        Unit::Duration => "duration".into(),
        Unit::Scaled { price: 1, volume: 0, kind } => match kind {
            PriceKind::Level => "level".into(),
            PriceKind::Distance => "distance".into(),
            PriceKind::Either => "price".into(),
        },
        Unit::Scaled { price: 0, volume: 1, .. } => "volume".into(),
        Unit::Scaled { price, volume, .. } => format!("price^{price}*volume^{volume}"),
    }
}

/// Whether values of this unit can be calculated with.
pub const fn is_numeric(unit: Unit) -> bool {
    !matches!(unit, Unit::Boolean | Unit::Group | Unit::Duration)
}

/// Whether the unit has neither price nor volume in it.
pub fn is_plain(unit: Unit) -> bool {
    is_numeric(unit) && !matches!(unit, Unit::Scaled { .. })
}

/// The unit of degrees, a ratio when both are zero.
pub fn scaled(price: i32, volume: i32, kind: PriceKind) -> Option<Unit> {
    let (price, volume) = (i8::try_from(price).ok()?, i8::try_from(volume).ok()?);
    if price.abs() > 8 || volume.abs() > 8 {
        return None;
    }
    Some(if (price, volume) == (0, 0) { Unit::Ratio } else { Unit::Scaled { price, volume, kind } })
}

/// The common unit of values that are compared, chosen between or clipped.
pub fn unify(a: Unit, b: Unit) -> Option<Unit> {
    use Unit::{Boolean, Count, Duration, Group, Number, Percent, PercentPoints, Ratio, Scaled};
    Some(match (a, b) {
        (Boolean, Boolean) | (Group, Group) | (Duration, Duration) => a,
        (Boolean | Group | Duration, _) | (_, Boolean | Group | Duration) => return None,
        (Percent, Percent) => Percent,
        (Percent, Number) | (Number, Percent) => Ratio,
        (Number, other) | (other, Number) => other,
        (Percent, Ratio) | (Ratio, Percent) => Ratio,
        (Percent, PercentPoints) | (PercentPoints, Percent) => PercentPoints,
        (Count, Ratio) | (Ratio, Count) => Ratio,
        (Scaled { price, volume, kind }, Scaled { price: p, volume: v, kind: k }) if (price, volume) == (p, v) => {
            Scaled { price, volume, kind: unify_kinds(kind, k)? }
        }
        (a, b) if a == b => a,
        _ => return None,
    })
}

fn unify_kinds(a: PriceKind, b: PriceKind) -> Option<PriceKind> {
    match (a, b) {
        (PriceKind::Either, kind) | (kind, PriceKind::Either) => Some(kind),
        (a, b) => (a == b).then_some(a),
    }
}

/// The unit of a sum.
pub fn add(a: Unit, b: Unit) -> Option<Unit> {
    match (a, b) {
        (Unit::Scaled { price, volume, kind }, Unit::Scaled { price: p, volume: v, kind: k })
            if (price, volume) == (p, v) =>
        {
            let kind = match (kind, k) {
                (PriceKind::Level, _) | (_, PriceKind::Level) => PriceKind::Level,
                (PriceKind::Distance, _) | (_, PriceKind::Distance) => PriceKind::Distance,
                _ => PriceKind::Either,
            };
            Some(Unit::Scaled { price, volume, kind })
        }
        _ => numeric(unify(a, b)?),
    }
}

/// The unit of a difference: of levels a distance, of a level and a distance a level.
pub fn subtract(a: Unit, b: Unit) -> Option<Unit> {
    use PriceKind::{Distance, Either, Level};
    match (a, b) {
        (Unit::Scaled { price, volume, kind }, Unit::Scaled { price: p, volume: v, kind: k })
            if (price, volume) == (p, v) =>
        {
            let kind = match (kind, k) {
                (Level, Level) | (Distance, Distance | Either) => Distance,
                (Level, Distance) => Level,
                (Distance, Level) => return None,
                (Level, Either) | (Either, _) => Either,
            };
            Some(Unit::Scaled { price, volume, kind })
        }
        // A number from which a level is taken is a level itself.
        (Unit::Number, Unit::Scaled { price, volume, .. }) => Some(Unit::Scaled { price, volume, kind: Either }),
        _ => numeric(unify(a, b)?),
    }
}

fn numeric(unit: Unit) -> Option<Unit> {
    is_numeric(unit).then_some(unit)
}

/// The unit of a product. A price scaled by a plain number fits levels and distances alike.
pub fn multiply(a: Unit, b: Unit) -> Option<Unit> {
    use Unit::{Count, Number, Percent, PercentPoints, Ratio, Scaled};
    if !is_numeric(a) || !is_numeric(b) {
        return None;
    }
    match (a, b) {
        (Scaled { price, volume, .. }, Scaled { price: p, volume: v, .. }) => {
            scaled(i32::from(price) + i32::from(p), i32::from(volume) + i32::from(v), PriceKind::Either)
        }
        (Scaled { price, volume, kind }, _) | (_, Scaled { price, volume, kind }) => {
            Some(Scaled { price, volume, kind: loosened(kind) })
        }
        (Number, other) | (other, Number) => Some(other),
        (PercentPoints, _) | (_, PercentPoints) => Some(PercentPoints),
        (Count, Count) => Some(Count),
        (Percent | Ratio | Count, Percent | Ratio | Count) => Some(Ratio),
        _ => None,
    }
}

/// The unit of a quotient.
pub fn divide(a: Unit, b: Unit) -> Option<Unit> {
    use Unit::{Number, Percent, PercentPoints, Ratio, Scaled};
    if !is_numeric(a) || !is_numeric(b) {
        return None;
    }
    match (a, b) {
        (Scaled { price, volume, .. }, Scaled { price: p, volume: v, .. }) => {
            scaled(i32::from(price) - i32::from(p), i32::from(volume) - i32::from(v), PriceKind::Either)
        }
        (Scaled { price, volume, kind }, _) => Some(Scaled { price, volume, kind: loosened(kind) }),
        (_, Scaled { price, volume, .. }) => scaled(-i32::from(price), -i32::from(volume), PriceKind::Either),
        (Number, Number) => Some(Number),
        (Percent, Number) => Some(Percent),
        (PercentPoints, PercentPoints) => Some(Ratio),
        (PercentPoints, _) => Some(PercentPoints),
        _ => Some(Ratio),
    }
}

/// The unit of a value raised to a number known at compile time.
pub fn power(base: Unit, exponent: f64) -> Option<Unit> {
    match base {
        Unit::Scaled { price, volume, .. } => {
            let degree = |d: i8| {
                let product = f64::from(d) * exponent;
                (product.fract() == 0.0 && product.abs() <= 8.0).then_some(product as i32)
            };
            let (price, volume) = (degree(price)?, degree(volume)?);
            scaled(price, volume, PriceKind::Either)
        }
        unit if is_plain(unit) => Some(if unit == Unit::Number { Unit::Number } else { Unit::Ratio }),
        _ => None,
    }
}

/// The unit of a difference between two values of one series.
pub fn difference(unit: Unit) -> Unit {
    match unit {
        Unit::Scaled { price, volume, .. } => Unit::Scaled { price, volume, kind: PriceKind::Distance },
        other => other,
    }
}

/// The unit of a value with its sign or size changed: no longer surely a level.
pub fn loosen(unit: Unit) -> Unit {
    match unit {
        Unit::Scaled { price, volume, kind } => Unit::Scaled { price, volume, kind: loosened(kind) },
        other => other,
    }
}

const fn loosened(kind: PriceKind) -> PriceKind {
    match kind {
        PriceKind::Level => PriceKind::Either,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: Unit = Unit::Scaled { price: 1, volume: 0, kind: PriceKind::Either };

    #[test]
    fn levels_and_distances_add_as_points_and_vectors() {
        assert_eq!(subtract(Unit::LEVEL, Unit::LEVEL), Some(Unit::DISTANCE));
        assert_eq!(subtract(Unit::LEVEL, Unit::DISTANCE), Some(Unit::LEVEL));
        assert_eq!(subtract(Unit::DISTANCE, Unit::LEVEL), None);
        assert_eq!(add(Unit::LEVEL, Unit::DISTANCE), Some(Unit::LEVEL));
        assert_eq!(add(Unit::LEVEL, Unit::LEVEL), Some(Unit::LEVEL));
        assert_eq!(unify(Unit::LEVEL, Unit::DISTANCE), None);
        assert_eq!(unify(Unit::LEVEL, PRICE), Some(Unit::LEVEL));
    }

    #[test]
    fn percentages_take_the_scale_of_their_neighbour() {
        assert_eq!(unify(Unit::Percent, Unit::PercentPoints), Some(Unit::PercentPoints));
        assert_eq!(unify(Unit::Percent, Unit::Ratio), Some(Unit::Ratio));
        assert_eq!(unify(Unit::Percent, Unit::LEVEL), None);
        assert_eq!(unify(Unit::Percent, Unit::Count), None);
        assert_eq!(unify(Unit::Ratio, Unit::PercentPoints), None);
        assert_eq!(multiply(Unit::LEVEL, add(Unit::Number, Unit::Percent).unwrap_or(Unit::Group)), Some(PRICE));
    }

    #[test]
    fn degrees_add_in_products_and_cancel_in_quotients() {
        let value = Unit::Scaled { price: 1, volume: 1, kind: PriceKind::Either };
        assert_eq!(multiply(Unit::LEVEL, Unit::VOLUME), Some(value));
        assert_eq!(divide(value, Unit::VOLUME), Some(PRICE));
        assert_eq!(divide(Unit::LEVEL, Unit::DISTANCE), Some(Unit::Ratio));
        assert_eq!(power(Unit::LEVEL, 0.5), None);
        assert_eq!(power(Unit::Scaled { price: 2, volume: 0, kind: PriceKind::Either }, 0.5), Some(PRICE));
    }
}
