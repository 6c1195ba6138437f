//! The chunked window itself: what is accumulated is a `Tally`, where it is accumulated is decided here.

// Several columns are read and written at one bar: the bar's number says it best.
#![allow(clippy::needless_range_loop)]

/// What a window accumulates of `IN` columns, the `PARTS` numbers kept of it per value of the older chunk, and the
/// `OUT` numbers made of both ends.
pub trait Tally<const IN: usize, const PARTS: usize, const OUT: usize>: Send {
    /// Whether values are taken about the anchor rather than about zero.
    const ANCHORED: bool;

    /// Whether a join takes so long that it is worth a pass of its own, in which bars do not wait for each other.
    const JOINS_APART: bool = false;

    type Sums: Copy + Send;

    /// Nothing accumulated yet.
    const EMPTY: Self::Sums;

    /// Takes the next value in time (from a chunk's first value forwards).
    fn newer(&self, sums: Self::Sums, values: [f64; IN]) -> Self::Sums;

    /// Takes the value before (from a chunk's last value backwards).
    fn older(&self, sums: Self::Sums, values: [f64; IN]) -> Self::Sums;

    /// What to keep of an older end.
    fn keep(&self, older: Self::Sums, anchor: [f64; IN]) -> [f64; PARTS];

    /// The result over a window made of both ends.
    fn join(&self, older: [f64; PARTS], newer: Self::Sums, anchor: [f64; IN]) -> [f64; OUT];
}

/// A window of `length` values over `IN` columns in step.
pub struct Chunks<const IN: usize, const PARTS: usize, const OUT: usize, T: Tally<IN, PARTS, OUT>> {
    tally: T,
    length: usize,
    /// Values of the present chunk so far, and the values themselves.
    filled: usize,
    present: [Vec<f64>; IN],
    /// The present chunk, accumulated forwards.
    newer: T::Sums,
    /// What was kept of the chunk before, accumulated backwards: at `i` of its values from `i` on.
    older: [Vec<f64>; PARTS],
    /// Where the present chunk is accumulated backwards while `older` is still read.
    spare: [Vec<f64>; PARTS],
    /// What a whole chunk is accumulated to at each of its bars.
    fresh: Vec<T::Sums>,
    /// What values are taken about: the older chunk's last present value.
    anchor: [f64; IN],
    /// No chunk is complete yet.
    cold: bool,
}

impl<const IN: usize, const PARTS: usize, const OUT: usize, T: Tally<IN, PARTS, OUT>> Chunks<IN, PARTS, OUT, T> {
    pub fn new(length: usize, tally: T) -> Self {
        let length = length.max(1);
        Self {
            tally,
            length,
            filled: 0,
            present: std::array::from_fn(|_| vec![f64::NAN; length]),
            newer: T::EMPTY,
            older: std::array::from_fn(|_| vec![f64::NAN; length]),
            spare: std::array::from_fn(|_| Vec::new()),
            fresh: Vec::new(),
            anchor: [0.0; IN],
            cold: true,
        }
    }

    /// Takes the next values; writes one result per bar, NaN until the window is full.
    #[inline]
    pub fn block(&mut self, inputs: [&[f64]; IN], mut outputs: [&mut [f64]; OUT]) {
        let bars = inputs.first().map_or(0, |column| column.len());
        let mut from = 0;
        while from < bars {
            let to = bars.min(from + self.length - self.filled);
            self.segment(inputs.map(|column| &column[from..to]), outputs.each_mut().map(|out| &mut out[from..to]));
            from = to;
        }
    }

    /// Takes values of one chunk.
    #[inline]
    fn segment(&mut self, inputs: [&[f64]; IN], mut outputs: [&mut [f64]; OUT]) {
        let bars = inputs.first().map_or(0, |column| column.len());
        if bars == self.length && !self.cold {
            return self.whole(inputs, outputs);
        }
        let closes = self.filled + bars == self.length;
        let open = bars - usize::from(closes);
        if self.cold {
            outputs.iter_mut().for_each(|out| out.fill(f64::NAN));
        } else {
            let (open_inputs, open_outputs) =
                (inputs.map(|column| &column[..open]), outputs.each_mut().map(|out| &mut out[..open]));
            // A chunk begun here need not wait for what the last one left in memory.
            if self.filled == 0 {
                self.forwards(T::EMPTY, open_inputs, open_outputs);
            } else {
                self.forwards(self.newer, open_inputs, open_outputs);
            }
        }
        if bars < self.length {
            for (present, column) in self.present.iter_mut().zip(inputs) {
                present[self.filled..self.filled + bars].copy_from_slice(column);
            }
        }
        self.filled += bars;
        if closes {
            if bars < self.length {
                let present = self.present.each_ref().map(Vec::as_slice);
                Self::backwards(&self.tally, &mut self.older, &mut self.anchor, present);
            } else {
                Self::backwards(&self.tally, &mut self.older, &mut self.anchor, inputs);
            }
            let result = self.tally.join(self.older.each_ref().map(|part| part[0]), T::EMPTY, self.anchor);
            for (out, value) in outputs.iter_mut().zip(result) {
                out[bars - 1] = value;
            }
            (self.filled, self.cold) = (0, false);
        }
    }

    /// Takes a whole chunk at once: forwards and backwards side by side, as neither waits for the other.
    #[inline(always)]
    fn whole(&mut self, inputs: [&[f64]; IN], outputs: [&mut [f64]; OUT]) {
        let last = self.length - 1;
        let inputs = inputs.map(|column| &column[..=last]);
        let outputs = outputs.map(|out| &mut out[..=last]);
        self.spare.iter_mut().for_each(|part| part.resize(last + 1, f64::NAN));
        let apart = if T::JOINS_APART { last } else { 0 };
        self.fresh.resize(apart, T::EMPTY);
        let (about, next) = (self.anchor, Self::anchor(inputs));
        let older = self.older.each_ref().map(|part| &part[..=last]);
        let spare = self.spare.each_mut().map(|part| &mut part[..=last]);
        let fresh = &mut self.fresh[..apart];
        let (mut newer, mut sums) = (T::EMPTY, T::EMPTY);
        for bar in 0..last {
            newer = self.tally.newer(newer, Self::about(row(&inputs, bar), about));
            if T::JOINS_APART {
                fresh[bar] = newer;
            } else {
                let result = self.tally.join(row(&older, bar + 1), newer, about);
                for out in 0..OUT {
                    outputs[out][bar] = result[out];
                }
            }
            sums = self.tally.older(sums, Self::about(row(&inputs, last - bar), next));
            let kept = self.tally.keep(sums, next);
            for part in 0..PARTS {
                spare[part][last - bar] = kept[part];
            }
        }
        for (bar, newer) in fresh.iter().enumerate() {
            let result = self.tally.join(row(&older, bar + 1), *newer, about);
            for out in 0..OUT {
                outputs[out][bar] = result[out];
            }
        }
        sums = self.tally.older(sums, Self::about(row(&inputs, 0), next));
        let kept = self.tally.keep(sums, next);
        let result = self.tally.join(kept, T::EMPTY, next);
        for part in 0..PARTS {
            spare[part][0] = kept[part];
        }
        for out in 0..OUT {
            outputs[out][last] = result[out];
        }
        self.anchor = next;
        std::mem::swap(&mut self.older, &mut self.spare);
    }

    /// What the values after a complete chunk are taken about: its last present value.
    #[inline(always)]
    fn anchor(inputs: [&[f64]; IN]) -> [f64; IN] {
        if T::ANCHORED {
            inputs.map(|column| column.iter().copied().rfind(|value| !value.is_nan()).unwrap_or(0.0))
        } else {
            [0.0; IN]
        }
    }

    /// Joins each value with the older chunk's end.
    #[inline(always)]
    fn forwards(&mut self, mut newer: T::Sums, inputs: [&[f64]; IN], outputs: [&mut [f64]; OUT]) {
        let bars = inputs.first().map_or(0, |column| column.len());
        let inputs = inputs.map(|column| &column[..bars]);
        let mut outputs = outputs.map(|out| &mut out[..bars]);
        let older = self.older.each_ref().map(|part| &part[self.filled + 1..][..bars]);
        let anchor = self.anchor;
        for bar in 0..bars {
            newer = self.tally.newer(newer, Self::about(row(&inputs, bar), anchor));
            let result = self.tally.join(row(&older, bar), newer, anchor);
            for (out, value) in outputs.iter_mut().zip(result) {
                out[bar] = value;
            }
        }
        if self.filled + bars + 1 < self.length {
            self.newer = newer;
        }
    }

    /// Accumulates a complete chunk from its end, about its own last present value.
    #[inline]
    fn backwards(tally: &T, older: &mut [Vec<f64>; PARTS], anchor: &mut [f64; IN], inputs: [&[f64]; IN]) {
        *anchor = Self::anchor(inputs);
        let bars = inputs.first().map_or(0, |column| column.len());
        let inputs = inputs.map(|column| &column[..bars]);
        let mut older = older.each_mut().map(|part| &mut part[..bars]);
        let mut sums = T::EMPTY;
        for bar in (0..bars).rev() {
            sums = tally.older(sums, Self::about(row(&inputs, bar), *anchor));
            let kept = tally.keep(sums, *anchor);
            for (part, value) in older.iter_mut().zip(kept) {
                part[bar] = value;
            }
        }
    }

    #[inline(always)]
    fn about(values: [f64; IN], anchor: [f64; IN]) -> [f64; IN] {
        if T::ANCHORED { std::array::from_fn(|i| values[i] - anchor[i]) } else { values }
    }
}

/// One bar's values. Written as a loop, since mapping an array is not always unfolded, which costs tens of cycles.
#[inline(always)]
fn row<const N: usize>(columns: &[&[f64]; N], bar: usize) -> [f64; N] {
    let mut values = [0.0; N];
    for (value, column) in values.iter_mut().zip(columns) {
        *value = column[bar];
    }
    values
}
