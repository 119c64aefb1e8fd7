//! One finding on its way into its case, the execution after one that failed, and a watched case on its way to its second look:
//! decided by the domain, step by step; carried out here.

use crate::error::StepError;
use gumshoe_aws::case_table::{CaseTable, DueFollowUp, TableError};
use gumshoe_aws::executions::Executions;
use gumshoe_domain::case::flows::{
    Received, Receiving, ReceivingStep, Returning, ReturningStep, Standing, Succeeding, SucceedingStep,
};
use gumshoe_domain::case::{CaseProgress, CaseWrite, EndedExecution, Intake as Decided, IntakeRules, subject_of};
use gumshoe_domain::{CaseKey, Finding};
use jiff::Timestamp;

/// The way of a finding into its case.
pub(crate) struct Intake {
    pub(crate) table: CaseTable,
    pub(crate) executions: Executions,
    pub(crate) rules: IntakeRules,
}

impl Intake {
    /// Takes the finding in, and gives what became of it. Doing it again changes nothing.
    pub(crate) async fn receive(&self, finding: &Finding, now: Timestamp) -> Result<Received, StepError> {
        let subject = subject_of(finding);
        let mut receiving = Receiving::begin(finding.state(), now, self.rules);
        let received = loop {
            receiving = match receiving.step() {
                ReceivingStep::ReadLatest => {
                    let latest = self.table.latest_case(&subject).await?;
                    receiving.read_case(latest.map(|case| case.progress))
                }
                ReceivingStep::ReadFinding => {
                    let record = self.table.finding(&subject, &finding.id).await?;
                    receiving.read_finding(record.map(|record| record.progress()))
                }
                ReceivingStep::ReadCase(sequence) => {
                    let case = self.table.case_by_sequence(&subject, sequence).await?;
                    receiving.read_case(case.map(|case| case.progress))
                }
                ReceivingStep::Write(write) => match self.table.write_finding(finding, &write, now).await {
                    Ok(()) => receiving.wrote(true),
                    Err(TableError::ConditionFailed(_)) => receiving.wrote(false),
                    Err(error) => return Err(error.into()),
                },
                ReceivingStep::WriteCase(number, write) => {
                    let key = CaseKey::new(&subject, number);
                    receiving.wrote(self.next_attempt(&key, &write).await?)
                }
                ReceivingStep::Start(case) => {
                    receiving.started(self.start(&CaseKey::new(&subject, case.number), case).await?)
                }
                ReceivingStep::Done(received) => break received,
                ReceivingStep::Hurried => return Err(StepError::Hurried { subject }),
                ReceivingStep::Lifeless(number) => {
                    return Err(StepError::Lifeless { case_id: CaseKey::new(&subject, number).case_id });
                }
            };
        };
        self.tell(&subject, finding, &received);
        Ok(received)
    }

    /// Starts the next execution of a case whose execution failed before the case had ended, a few times. Doing it again
    /// changes nothing.
    pub(crate) async fn succeed(&self, ended: &EndedExecution) -> Result<(), StepError> {
        let case_id = &ended.key.case_id;
        let mut succeeding = Succeeding::begin(ended.attempt);
        loop {
            succeeding = match succeeding.step() {
                SucceedingStep::Read => match self.table.case(&ended.key).await {
                    Ok(case) => succeeding.read(Some(case.progress)),
                    Err(TableError::NoSuchCase { .. }) => succeeding.read(None),
                    Err(error) => return Err(error.into()),
                },
                SucceedingStep::Write(write) => succeeding.wrote(self.next_attempt(&ended.key, &write).await?),
                SucceedingStep::Start(case) => succeeding.started(self.start(&ended.key, case).await?),
                SucceedingStep::Done(Some(Standing::Started)) => {
                    tracing::warn!(case.id = %case_id, attempt = ended.attempt,
                        "the case's execution failed before the case had ended; the next takes it up");
                    return Ok(());
                }
                SucceedingStep::Done(_) => return Ok(()),
                SucceedingStep::GaveUp => {
                    tracing::error!(case.id = %case_id, attempt = ended.attempt,
                        "the case's executions go on failing; an operator has to run it again");
                    return Ok(());
                }
            };
        }
    }

    /// Brings a listed case to its second look, where that is due. Doing it again changes nothing. Gives whether its execution
    /// was started.
    pub(crate) async fn bring_back(&self, listed: &DueFollowUp, now: Timestamp) -> Result<bool, StepError> {
        let mut returning = Returning::begin(now);
        let mut key = None;
        loop {
            returning = match returning.step() {
                ReturningStep::Read => {
                    let case = self.table.case_by_sequence(&listed.subject, listed.sequence).await?;
                    key = case.as_ref().map(|case| case.key.clone());
                    returning.read(case.map(|case| case.progress))
                }
                ReturningStep::Write(write) => {
                    let Some(key) = &key else { return Ok(false) };
                    returning.wrote(self.table.write(key, &write, None).await?)
                }
                ReturningStep::Start(case) => {
                    let Some(key) = &key else { return Ok(false) };
                    let standing = self.start(key, case).await?;
                    tracing::info!(case.id = %key.case_id, ?standing, "the case's second look begins");
                    returning.started(standing)
                }
                ReturningStep::Done(standing) => return Ok(standing == Some(Standing::Started)),
            };
        }
    }

    async fn next_attempt(&self, key: &CaseKey, write: &CaseWrite) -> Result<bool, StepError> {
        Ok(self.table.write(key, write, None).await?)
    }

    async fn start(&self, key: &CaseKey, case: CaseProgress) -> Result<Standing, StepError> {
        let standing = self.executions.ensure_started(key, case.execution_attempt).await?;
        if standing == Standing::Dead {
            tracing::warn!(case.id = %key.case_id, attempt = case.execution_attempt,
                "the case's execution ended without ending the case");
        }
        Ok(standing)
    }

    fn tell(&self, subject: &str, finding: &Finding, received: &Received) {
        let what = match received.intake {
            Decided::Open(_) => "the finding opens a case",
            Decided::OpenAgain(..) => "the finding opens a case, to be investigated again",
            Decided::Join(_) => "the finding joins the case",
            Decided::Wake(..) => "the finding joins the case that was watched",
            Decided::Refresh(_) => "the finding's state in the case is renewed",
            Decided::Postpone { .. } => "the finding's state in the case is renewed, and its second look postponed",
            Decided::Present(_) => "the finding is part of the case already",
            Decided::Suppress(reason) => {
                return tracing::info!(finding.id = %finding.id, %reason, "the finding is suppressed");
            }
        };
        if let Some(number) = received.case {
            let started = received.standing == Some(Standing::Started);
            tracing::info!(case.id = %CaseKey::new(subject, number).case_id, finding.id = %finding.id, started, "{what}");
        }
    }
}
