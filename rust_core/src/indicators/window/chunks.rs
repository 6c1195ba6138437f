//! The chunked window itself: what is accumulated is a `Tally`, where it is accumulated is decided here.

/// What a window accumulates of `IN` columns, and the `OUT` numbers it makes of that.
pub trait Tally<const IN: usize, const OUT: usize>: Copy + Send {
    /// Whether values are taken about the anchor rather than about zero.
    const ANCHORED: bool;

    /// Nothing accumulated yet.
    const EMPTY: Self;

    /// Takes the next value in time (from a chunk's first value forwards).
    fn newer(&mut self, values: [f64; IN]);

    /// Takes the value before (from a chunk's last value backwards).
    fn older(&mut self, values: [f64; IN]);

    /// The result over a window made of both ends.
    fn join(older: &Self, newer: &Self, place: &Place<IN>) -> [f64; OUT];

    /// The result over one whole chunk, accumulated backwards.
    fn whole(older: &Self, place: &Place<IN>) -> [f64; OUT];
}

/// Where a window stands.
#[derive(Debug, Clone, Copy)]
pub struct Place<const IN: usize> {
    /// Values in the window, and its reciprocal.
    pub length: f64,
    pub per_length: f64,
    /// Values of the window that lie in the older chunk.
    pub behind: f64,
    /// What values were taken about.
    pub anchor: [f64; IN],
}

/// A window of `length` values over `IN` columns in step.
pub struct Chunks<const IN: usize, const OUT: usize, T> {
    length: usize,
    /// Values of the present chunk so far, and the values themselves.
    filled: usize,
    present: [Vec<f64>; IN],
    /// The present chunk, accumulated forwards.
    newer: T,
    /// The chunk before, accumulated backwards from its end: `older[i]` covers its values from `i` on.
    older: Vec<T>,
    place: Place<IN>,
    /// No chunk is complete yet.
    cold: bool,
}

impl<const IN: usize, const OUT: usize, T: Tally<IN, OUT>> Chunks<IN, OUT, T> {
    pub fn new(length: usize) -> Self {
        let length = length.max(1);
        let values = length as f64;
        Self {
            length,
            filled: 0,
            present: std::array::from_fn(|_| vec![f64::NAN; length]),
            newer: T::EMPTY,
            older: vec![T::EMPTY; length],
            place: Place { length: values, per_length: 1.0 / values, behind: values, anchor: [0.0; IN] },
            cold: true,
        }
    }

    /// Takes the next values; writes one result per bar, NaN until the window is full.
    #[inline]
    pub fn block(&mut self, inputs: [&[f64]; IN], outputs: [&mut [f64]; OUT]) {
        let bars = inputs.first().map_or(0, |column| column.len());
        let mut outputs = outputs;
        let mut from = 0;
        while from < bars {
            let to = bars.min(from + self.length - self.filled);
            self.segment(inputs.map(|column| &column[from..to]), outputs.each_mut().map(|out| &mut out[from..to]));
            from = to;
        }
    }

    /// Takes values of one chunk.
    #[inline]
    fn segment(&mut self, inputs: [&[f64]; IN], outputs: [&mut [f64]; OUT]) {
        let bars = inputs.first().map_or(0, |column| column.len());
        let closes = self.filled + bars == self.length;
        let open = bars - usize::from(closes);
        let whole_chunk = bars == self.length;
        let mut outputs = outputs;
        if self.cold {
            outputs.iter_mut().for_each(|out| out.fill(f64::NAN));
        } else {
            self.forwards(inputs.map(|column| &column[..open]), outputs.each_mut().map(|out| &mut out[..open]));
        }
        if !closes || !whole_chunk {
            for (present, column) in self.present.iter_mut().zip(inputs) {
                present[self.filled..self.filled + bars].copy_from_slice(column);
            }
        }
        self.filled += bars;
        if closes {
            if whole_chunk {
                Self::backwards(&mut self.older, inputs, &mut self.place);
            } else {
                let present = self.present.each_ref().map(|column| column.as_slice());
                Self::backwards(&mut self.older, present, &mut self.place);
            }
            let result = T::whole(&self.older[0], &self.place);
            for (out, value) in outputs.iter_mut().zip(result) {
                out[bars - 1] = value;
            }
            (self.filled, self.newer, self.cold) = (0, T::EMPTY, false);
        }
    }

    /// Joins each value with the older chunk's end.
    #[inline]
    fn forwards(&mut self, inputs: [&[f64]; IN], outputs: [&mut [f64]; OUT]) {
        let bars = inputs.first().map_or(0, |column| column.len());
        let inputs = inputs.map(|column| &column[..bars]);
        let outputs = outputs.map(|out| &mut out[..bars]);
        let older = &self.older[self.filled + 1..][..bars];
        let mut place = self.place;
        let (mut newer, first) = (self.newer, self.length - self.filled - 1);
        for bar in 0..bars {
            let values = inputs.map(|column| column[bar]);
            newer.newer(about::<IN, OUT, T>(values, place.anchor));
            place.behind = (first - bar) as f64;
            let result = T::join(&older[bar], &newer, &place);
            for out in 0..OUT {
                outputs[out][bar] = result[out];
            }
        }
        self.newer = newer;
    }

    /// Accumulates a complete chunk from its end, about its own last present value.
    #[inline]
    fn backwards(older: &mut [T], inputs: [&[f64]; IN], place: &mut Place<IN>) {
        if T::ANCHORED {
            place.anchor = inputs.map(|column| column.iter().copied().rfind(|value| !value.is_nan()).unwrap_or(0.0));
        }
        place.behind = place.length;
        let bars = older.len();
        let inputs = inputs.map(|column| &column[..bars]);
        let mut tally = T::EMPTY;
        for bar in (0..bars).rev() {
            tally.older(about::<IN, OUT, T>(inputs.map(|column| column[bar]), place.anchor));
            older[bar] = tally;
        }
    }
}

#[inline(always)]
fn about<const IN: usize, const OUT: usize, T: Tally<IN, OUT>>(values: [f64; IN], anchor: [f64; IN]) -> [f64; IN] {
    if T::ANCHORED { std::array::from_fn(|i| values[i] - anchor[i]) } else { values }
}
