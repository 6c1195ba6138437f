//! A fixed part of equity is lost when the stop is hit.

use super::{MethodDoc, SizingInputs, positive};

pub const DOC: MethodDoc = MethodDoc {
    name: "risk_per_trade",
    summary: "The loss at the stop is `fraction` of equity, however far the stop is.",
    formula: "weight = fraction / d, where d = |entry - stop| / entry at the decision",
    inputs: "fraction; the distance of the exit's stop_loss, trailing_stop or stop_price, the nearest of them",
    edge_cases: "Without a stop, or with the stop at or beyond the entry, the weight is 0. A near stop gives a weight \
                 above 1, which the caps cut. A gap through the stop loses more.",
    source: "V. Tharp, Trade Your Way to Financial Freedom (1998), percent risk model",
};

pub fn weight(fraction: f64, inputs: &SizingInputs) -> Option<f64> {
    positive(inputs.stop_distance_frac).map(|distance| fraction / distance)
}
