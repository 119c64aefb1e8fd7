//! Executes the domain's flows that start executions: admission of a finding to a case, restart of a failed execution, and start of a
//! follow-up investigation. Each flow decides the next step; this module performs it and returns the result to the flow.

use crate::error::OpenCaseError;
use gumshoe_aws::case_table::{CaseTable, DueFollowUp, TableError};
use gumshoe_aws::executions::Executions;
use gumshoe_domain::case::flows::{
    ExecutionState, FollowUpFlow, FollowUpStep, IntakeFlow, IntakeResult, IntakeStep, RestartExecutionFlow,
    RestartExecutionStep,
};
use gumshoe_domain::case::{CaseProgress, CaseWrite, FailedExecution, IntakeDecision, IntakeRules, case_subject};
use gumshoe_domain::{CaseKey, Finding};
use jiff::Timestamp;

/// The adapters that these flows need.
pub(crate) struct Intake {
    pub(crate) table: CaseTable,
    pub(crate) executions: Executions,
    pub(crate) rules: IntakeRules,
}

impl Intake {
    /// Adds the finding to its case, which is opened if necessary, and returns the decision. Idempotent.
    pub(crate) async fn admit(&self, finding: &Finding, now: Timestamp) -> Result<IntakeResult, OpenCaseError> {
        let subject = case_subject(finding);
        let mut flow = IntakeFlow::begin(finding.state(), now, self.rules);
        let received = loop {
            flow = match flow.step() {
                IntakeStep::ReadLatest => {
                    let latest = self.table.latest_case(&subject).await?;
                    flow.read_case(latest.map(|case| case.progress))
                }
                IntakeStep::ReadFinding => {
                    let record = self.table.finding(&subject, &finding.id).await?;
                    flow.read_finding(record.map(|record| record.progress()))
                }
                IntakeStep::ReadCase(sequence) => {
                    let case = self.table.case_by_sequence(&subject, sequence).await?;
                    flow.read_case(case.map(|case| case.progress))
                }
                IntakeStep::Write(write) => match self.table.write_finding(finding, &write, now).await {
                    Ok(()) => flow.wrote(true),
                    Err(TableError::ConditionFailed(_)) => flow.wrote(false),
                    Err(error) => return Err(error.into()),
                },
                IntakeStep::WriteCase(number, write) => {
                    let key = CaseKey::new(&subject, number);
                    flow.wrote(self.write_case(&key, &write).await?)
                }
                IntakeStep::Start(case) => {
                    flow.started(self.start_execution(&CaseKey::new(&subject, case.number), case).await?)
                }
                IntakeStep::Done(received) => break received,
                IntakeStep::ContentionExhausted => return Err(OpenCaseError::ContentionExhausted { subject }),
                IntakeStep::ExecutionsKeepFailing(number) => {
                    return Err(OpenCaseError::ExecutionsKeepFailing {
                        case_id: CaseKey::new(&subject, number).case_id,
                    });
                }
            };
        };
        self.log_intake(&subject, finding, &received);
        Ok(received)
    }

    /// Starts the next execution of a case whose execution failed before the case had ended, up to the domain's limit. Idempotent.
    pub(crate) async fn restart_execution(&self, ended: &FailedExecution) -> Result<(), OpenCaseError> {
        let case_id = &ended.key.case_id;
        let mut flow = RestartExecutionFlow::begin(ended.attempt);
        loop {
            flow = match flow.step() {
                RestartExecutionStep::Read => match self.table.case(&ended.key).await {
                    Ok(case) => flow.read(Some(case.progress)),
                    Err(TableError::NoSuchCase { .. }) => flow.read(None),
                    Err(error) => return Err(error.into()),
                },
                RestartExecutionStep::Write(write) => flow.wrote(self.write_case(&ended.key, &write).await?),
                RestartExecutionStep::Start(case) => flow.started(self.start_execution(&ended.key, case).await?),
                RestartExecutionStep::Done(Some(ExecutionState::Started)) => {
                    tracing::warn!(case.id = %case_id, execution.attempt = ended.attempt,
                        "restarted the case: its execution failed before the case had ended");
                    return Ok(());
                }
                RestartExecutionStep::Done(_) => return Ok(()),
                RestartExecutionStep::RestartLimitReached => {
                    tracing::error!(case.id = %case_id, execution.attempt = ended.attempt,
                        "the executions of the case keep failing, and the restart limit is reached; \
                         redrive the last one or start a new one, see docs/OPERATIONS.md");
                    return Ok(());
                }
            };
        }
    }

    /// Starts the follow-up investigation of a case, if it is due. Idempotent. Returns whether this call started its execution.
    pub(crate) async fn start_follow_up(&self, due: &DueFollowUp, now: Timestamp) -> Result<bool, OpenCaseError> {
        let mut flow = FollowUpFlow::begin(now);
        let mut key = None;
        loop {
            flow = match flow.step() {
                FollowUpStep::Read => {
                    let case = self.table.case_by_sequence(&due.subject, due.sequence).await?;
                    key = case.as_ref().map(|case| case.key.clone());
                    flow.read(case.map(|case| case.progress))
                }
                FollowUpStep::Write(write) => {
                    let Some(key) = &key else { return Ok(false) };
                    flow.wrote(self.table.write(key, &write, None).await?)
                }
                FollowUpStep::Start(case) => {
                    let Some(key) = &key else { return Ok(false) };
                    let state = self.start_execution(key, case).await?;
                    if state == ExecutionState::Started {
                        tracing::info!(case.id = %key.case_id, "started the follow-up investigation of the case");
                    }
                    flow.started(state)
                }
                FollowUpStep::Done(state) => return Ok(state == Some(ExecutionState::Started)),
            };
        }
    }

    async fn write_case(&self, key: &CaseKey, write: &CaseWrite) -> Result<bool, OpenCaseError> {
        Ok(self.table.write(key, write, None).await?)
    }

    async fn start_execution(&self, key: &CaseKey, case: CaseProgress) -> Result<ExecutionState, OpenCaseError> {
        let state = self.executions.ensure_started(key, case.execution_attempt).await?;
        if state == ExecutionState::Failed {
            tracing::warn!(case.id = %key.case_id, execution.attempt = case.execution_attempt,
                "an execution of the case failed before the case had ended");
        }
        Ok(state)
    }

    fn log_intake(&self, subject: &str, finding: &Finding, received: &IntakeResult) {
        let (outcome, text) = match received.intake {
            IntakeDecision::Open(_) => ("opened", "opened a case for the finding"),
            IntakeDecision::Reinvestigate(..) => {
                ("reinvestigated", "opened another case for the finding, to investigate again")
            }
            IntakeDecision::Join(_) => ("joined", "added the finding to its case"),
            IntakeDecision::Reopen(..) => {
                ("reopened", "added the finding to its case, which was waiting for its follow-up")
            }
            IntakeDecision::Renew(_) => ("updated", "updated the finding in its case"),
            IntakeDecision::Postpone { .. } => {
                ("postponed", "updated the finding in its case, and postponed the case's follow-up investigation")
            }
            IntakeDecision::Unchanged(_) => ("present", "the finding is already in its case"),
            IntakeDecision::Suppress(reason) => {
                return tracing::info!(finding.id = %finding.id, outcome = "suppressed", %reason,
                    "suppressed the finding: it changes nothing");
            }
        };
        if let Some(number) = received.case {
            let case_id = CaseKey::new(subject, number).case_id;
            let execution_started = received.execution == Some(ExecutionState::Started);
            tracing::info!(case.id = %case_id, finding.id = %finding.id, outcome, execution_started, "{text}");
        }
    }
}
