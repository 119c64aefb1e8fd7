//! The functions as they are deployed: how fast they start and work, what memory they take and how large they are. Beside
//! them, in the same minutes, what limits them and what people would write instead: a function that does nothing, built in
//! the same way, and functions in Python that make the same calls of AWS.
//!
//! ```text
//! events ─▶ Runtime API ─▶ a function's process ─▶ AWS, as recorded on the local cloud
//! (stage)   (runtime_api)  (program)               (aws, recording)
//! ```

mod aws;
mod events;
mod function;
mod memory;
mod program;
mod recording;
mod runtime_api;
mod server;
mod size;
mod stage;
mod startup;
mod usage;
mod walk;
mod work;

use std::path::Path;

use tokio::sync::OnceCell;

use self::stage::Stage;
use crate::Error;
use crate::figure::Figure;

/// The stage of all parts, set when the first of them is measured.
#[derive(Default)]
pub(crate) struct Functions(OnceCell<Stage>);

impl Functions {
    async fn stage(&self, into: &Path) -> Result<&Stage, Error> {
        self.0.get_or_try_init(|| Stage::set(into)).await
    }

    /// From the start of a process to its first poll and its first answer.
    pub(crate) async fn startup(&self, into: &Path) -> Result<Vec<Figure>, Error> {
        startup::measure(self.stage(into).await?).await
    }

    /// Time and CPU time of a warm invocation.
    pub(crate) async fn work(&self, into: &Path) -> Result<Vec<Figure>, Error> {
        work::measure(self.stage(into).await?).await
    }

    /// Resident memory at its peak, and its growth.
    pub(crate) async fn memory(&self, into: &Path) -> Result<Vec<Figure>, Error> {
        memory::measure(self.stage(into).await?).await
    }

    /// What is uploaded.
    pub(crate) async fn size(&self, into: &Path) -> Result<Vec<Figure>, Error> {
        Ok(size::measure(self.stage(into).await?))
    }
}
