//! What the Lambda runtime is told of a failure.

use gumshoe_domain::error::{Named, with_causes};
use lambda_runtime::Diagnostic;

/// The failure under its name, with all causes in the message: what Step Functions matches and shows. A boxed error
/// would reach it under an unusable type name.
///
/// This is also the one place where a failed step is logged.
pub fn failure(error: impl Named) -> Diagnostic {
    let message = with_causes(&error);
    tracing::error!(error.name = error.name(), error.message = %message, "the step failed");
    Diagnostic { error_type: error.name().to_owned(), error_message: message }
}
