//! The deployed functions: start-up, time of an invocation, memory and size. At the same time two others are measured for
//! comparison: a function that does nothing, built the same way, which shows what the runtime takes; and functions in Python
//! that make the same calls of AWS.
//!
//! ```text
//! events ─▶ Runtime API ─▶ a function's process ─▶ AWS, as recorded on the local cloud
//! (setup)   (runtime_api)  (program)               (aws, recording)
//! ```

mod aws;
mod events;
mod function;
mod memory;
mod program;
mod recording;
mod runtime_api;
mod server;
mod setup;
mod size;
mod startup;
mod trace_recorder;
mod usage;
mod work;

use std::path::Path;

use tokio::sync::OnceCell;

use self::setup::Setup;
use crate::Error;
use crate::figure::Figure;

/// The setup that all parts share, created when the first part is measured.
#[derive(Default)]
pub(crate) struct Functions(OnceCell<Setup>);

impl Functions {
    async fn setup(&self, output: &Path) -> Result<&Setup, Error> {
        self.0.get_or_try_init(|| Setup::create(output)).await
    }

    /// The time from the start of a process to its first poll and to its first answer.
    pub(crate) async fn startup(&self, output: &Path) -> Result<Vec<Figure>, Error> {
        startup::measure(self.setup(output).await?).await
    }

    /// Time and CPU time of a warm invocation.
    pub(crate) async fn work(&self, output: &Path) -> Result<Vec<Figure>, Error> {
        work::measure(self.setup(output).await?).await
    }

    /// Peak resident memory and its growth.
    pub(crate) async fn memory(&self, output: &Path) -> Result<Vec<Figure>, Error> {
        memory::measure(self.setup(output).await?).await
    }

    /// The size of each package.
    pub(crate) async fn size(&self, output: &Path) -> Result<Vec<Figure>, Error> {
        Ok(size::measure(self.setup(output).await?))
    }
}
