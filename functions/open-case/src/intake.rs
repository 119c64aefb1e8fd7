//! One finding: decided by the domain, carried out by the table, then its case's execution is made sure of.

use gumshoe_aws::StepError;
use gumshoe_aws::case_table::{CaseTable, TableError};
use gumshoe_aws::executions::{Executions, Standing};
use gumshoe_domain::case::{self, EndedExecution, Known, Succession, subject_of};
use gumshoe_domain::{CaseKey, CaseRecord, CaseStatus, Finding};
use jiff::{SignedDuration, Timestamp};

/// How often a decision is taken anew when somebody else was faster. Each time, somebody else's write went through: not
/// more than the ten invocations that the queue's trigger allows can meet on one finding or case. (That a finding joins
/// does not change what another's joining asks for; only a case that closes, or opens, does.)
const DECISIONS: usize = 12;

/// How many executions of one case may be found dead in a row.
const ATTEMPTS: usize = 3;

/// What became of a finding.
pub(crate) struct Received {
    /// The case that it is part of, where there is one.
    pub(crate) case_id: Option<String>,
    /// Whether it told anything that the case did not know.
    pub(crate) is_news: bool,
    /// Whether nothing newer is known of it.
    pub(crate) is_latest: bool,
}

/// The way of a finding into its case.
pub(crate) struct Intake {
    pub(crate) table: CaseTable,
    pub(crate) executions: Executions,
    pub(crate) realert_after: SignedDuration,
}

impl Intake {
    /// Takes the finding in, and gives what became of it. Doing it again changes nothing.
    pub(crate) async fn receive(&self, finding: &Finding, now: Timestamp) -> Result<Received, StepError> {
        let subject = subject_of(finding);
        let mut decisions = 1;
        let (intake, its_case, is_latest) = loop {
            match self.decide_and_write(&subject, finding, now).await {
                Err(TableError::Changed(_)) if decisions < DECISIONS => decisions += 1,
                other => break other?,
            }
        };
        if let case::Intake::Suppress(reason) = intake {
            tracing::info!(finding.id = %finding.id, %reason, "the finding is suppressed");
        }
        let (sequence, unfinished) = match (intake, &its_case) {
            (case::Intake::Suppress(_), None) => return Ok(Received { case_id: None, is_news: false, is_latest }),
            (case::Intake::Suppress(_), Some(case)) => (case.key.sequence, case.status != CaseStatus::Closed),
            (
                case::Intake::Open { sequence }
                | case::Intake::Join { sequence }
                | case::Intake::Refresh { sequence }
                | case::Intake::Present { sequence },
                _,
            ) => (sequence, true),
        };
        let case_id = if unfinished {
            self.ensure_execution(&subject, sequence, finding, word_for(intake)).await?
        } else {
            its_case.map(|case| case.key.case_id)
        };
        let is_news = !matches!(intake, case::Intake::Suppress(_) | case::Intake::Present { .. });
        Ok(Received { case_id, is_news, is_latest })
    }

    /// Starts the next execution of a case whose execution failed before the case had ended, a few times. Doing it again
    /// changes nothing.
    pub(crate) async fn succeed(&self, ended: &EndedExecution) -> Result<(), StepError> {
        let case = match self.table.case(&ended.key).await {
            Err(TableError::NoSuchCase { .. }) => return Ok(()),
            other => other?,
        };
        match ended.succession(&case) {
            Succession::None => Ok(()),
            Succession::GiveUp => {
                tracing::error!(case.id = %case.key.case_id, execution = %ended.name,
                    "the case's executions go on failing; an operator has to run it again");
                Ok(())
            }
            Succession::Next { after } => {
                self.count_attempt(&case.key, after).await?;
                let case = self.table.case(&ended.key).await?;
                let standing = self.executions.ensure(&case).await?;
                tracing::warn!(case.id = %case.key.case_id, execution = %case.execution_name(),
                    started = standing == Standing::Started,
                    "the case's execution failed before the case had ended; the next takes it up");
                Ok(())
            }
        }
    }

    /// Counts an attempt as over, unless somebody has done so already.
    async fn count_attempt(&self, case: &CaseKey, attempt: u32) -> Result<(), TableError> {
        match self.table.next_attempt(case, attempt).await {
            Ok(()) | Err(TableError::Changed(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What becomes of the finding, the case that it was part of before, and whether nothing newer is known of it.
    async fn decide_and_write(
        &self,
        subject: &str,
        finding: &Finding,
        now: Timestamp,
    ) -> Result<(case::Intake, Option<CaseRecord>, bool), TableError> {
        let latest = self.table.latest_case(subject).await?;
        let record = self.table.finding(subject, &finding.id).await?;
        let its_case = match (&record, &latest) {
            (Some(record), Some(latest)) if latest.key.sequence == record.case_sequence => Some(latest.clone()),
            (Some(record), _) => self.table.case_of(subject, record.case_sequence).await?,
            (None, _) => None,
        };
        let known = record.as_ref().map(|record| Known { record, case: its_case.as_ref() });
        let intake = case::receive(finding, now, latest.as_ref(), known, self.realert_after);
        self.table.carry_out(intake, finding, record.as_ref(), now).await?;
        let is_latest = record.is_none_or(|record| !record.finding.is_newer_than(finding));
        Ok((intake, its_case, is_latest))
    }

    /// Makes sure that an execution will end the case: starts it, or starts the next where one died before its time. Gives
    /// the case's id.
    async fn ensure_execution(
        &self,
        subject: &str,
        sequence: u32,
        finding: &Finding,
        what: &str,
    ) -> Result<Option<String>, StepError> {
        for _ in 0..ATTEMPTS {
            let Some(case) = self.table.case_of(subject, sequence).await? else { return Ok(None) };
            if case.status == CaseStatus::Closed {
                return Ok(Some(case.key.case_id)); // closed since, with all that had joined
            }
            let standing = self.executions.ensure(&case).await?;
            if standing != Standing::Dead {
                tracing::info!(case.id = %case.key.case_id, finding.id = %finding.id,
                    started = standing == Standing::Started, "{what}");
                return Ok(Some(case.key.case_id));
            }
            tracing::warn!(case.id = %case.key.case_id, execution = %case.execution_name(),
                "the case's execution ended without ending the case; another is started");
            self.count_attempt(&case.key, case.execution_attempt).await?;
        }
        Err(StepError::OutOfTurn { case_id: format!("{subject} number {sequence}"), lacks: "an execution that lives" })
    }
}

fn word_for(intake: case::Intake) -> &'static str {
    match intake {
        case::Intake::Open { .. } => "the finding opens a case",
        case::Intake::Join { .. } => "the finding joins the case",
        case::Intake::Refresh { .. } => "the finding's state in the case is renewed",
        case::Intake::Present { .. } | case::Intake::Suppress(_) => "the finding is part of the case already",
    }
}
