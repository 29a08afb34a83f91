//! What is said at the end.

use std::error::Error;
use std::fmt;

use crate::arguments::{Framework, Options};
use crate::outside::Seen;
use crate::workers::Figures;

/// Spans of an annotated call.
const SPANS: u64 = 3;
/// From half-way to the end resident memory may grow by as much as spans take that wait, on a machine that is busy.
const GROWTH_BYTES: u64 = 32 << 20;

/// Spans that were dropped, and why.
#[derive(Debug)]
pub(crate) struct Loss {
    pub(crate) cause: String,
    pub(crate) spans: u64,
}

pub(crate) struct Report<'a> {
    pub(crate) options: &'a Options,
    pub(crate) figures: Figures,
    /// Of the whole process, from the first call to the end of the shutdown.
    pub(crate) processor_nanos: u64,
    /// When all was warm, half-way, and at the end.
    pub(crate) resident: [Option<u64>; 3],
    /// None if the framework does not say.
    pub(crate) losses: Option<Vec<Loss>>,
    pub(crate) outside: Seen,
}

impl Report<'_> {
    /// # Errors
    ///
    /// Spans that are neither delivered nor said to be dropped, and memory that grows.
    pub(crate) fn check(&self) -> Result<(), Box<dyn Error>> {
        if self.options.framework != Framework::Tachograph {
            return Ok(());
        }
        let (made, delivered) = (SPANS * self.figures.annotated.count, self.outside.spans);
        let dropped = self.dropped();
        if made != delivered + dropped {
            return Err(format!(
                "{made} spans were made, but {delivered} delivered and {dropped} dropped"
            )
            .into());
        }
        let [_, middle, end] = self.resident;
        let grew = middle.zip(end);
        let grew = grew.is_some_and(|(middle, end)| end > middle + GROWTH_BYTES);
        if grew {
            Err("memory grows".into())
        } else {
            Ok(())
        }
    }

    fn dropped(&self) -> u64 {
        self.losses.iter().flatten().map(|loss| loss.spans).sum()
    }

    /// The part of all processor time that bare calls would not have taken.
    #[expect(clippy::cast_precision_loss, reason = "minutes in nanoseconds")]
    fn share(&self) -> f64 {
        let Figures { annotated, bare } = &self.figures;
        let each = bare.processor_nanos as f64 / bare.count.max(1) as f64;
        let work = each * (bare.count + annotated.count) as f64;
        100.0 * (1.0 - work / self.processor_nanos as f64)
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            options, figures, ..
        } = self;
        let seconds = options.time.as_secs().max(1);
        let Figures { annotated, bare } = figures;
        writeln!(
            f,
            "{:?}, {} threads for {seconds} s, {:?} of work in each of three nested calls\n",
            options.framework, options.threads, options.work
        )?;
        writeln!(
            f,
            "calls a second            {}",
            SPANS * annotated.count / seconds
        )?;
        writeln!(
            f,
            "share of telemetry        {:.1} % of processor time",
            self.share()
        )?;
        for (name, per_mille) in [("median", 500), ("p99", 990), ("p99.9", 999)] {
            let quantiles = [annotated, bare].map(|calls| calls.durations.quantile(per_mille));
            if let [Some(annotated), Some(bare)] = quantiles {
                writeln!(
                    f,
                    "added to three calls, {name:<6} {:>7} ns ({annotated} over {bare})",
                    i128::from(annotated) - i128::from(bare)
                )?;
            }
        }
        let [start, middle, end] = self
            .resident
            .map(|bytes| bytes.map_or("?".to_owned(), |bytes| format!("{:.1}", mebibytes(bytes))));
        writeln!(
            f,
            "resident memory           {start} MiB when warm, {middle} half-way, {end} at the end"
        )?;
        let (made, delivered) = (SPANS * annotated.count, self.outside.spans);
        if options.framework != Framework::None {
            writeln!(
                f,
                "spans                     {made} made, {delivered} delivered in {} requests",
                self.outside.requests
            )?;
        }
        match &self.losses {
            Some(losses) => {
                for Loss { cause, spans } in losses {
                    writeln!(f, "  dropped                 {spans} ({cause})")?;
                }
            }
            None => writeln!(
                f,
                "  not delivered           {}",
                made.saturating_sub(delivered)
            )?,
        }
        if self.outside.scrapes > 0 {
            writeln!(
                f,
                "scrapes                   {}, the slowest in {:.1} ms",
                self.outside.scrapes,
                self.outside.slowest_scrape.as_secs_f64() * 1e3
            )?;
        }
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "to be read by people")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
