//! Indicators of an attack sequence.

use gumshoe_domain::finding::details::SequenceIndicator;

pub(super) fn indicator(indicator: &SequenceIndicator) -> String {
    let title = indicator.title.as_ref().map(|title| format!(" ({title})")).unwrap_or_default();
    let values = &indicator.values;
    let values = if values.is_empty() { String::new() } else { format!(": {}", values.join(", ")) };
    let left_out = indicator.omitted_values;
    let more = if left_out > 0 { format!(" and {left_out} more") } else { String::new() };
    format!("sequence indicator {}{title}{values}{more}", kind(&indicator.kind))
}

/// The label of a kind; GuardDuty's name if this version does not know the kind.
fn kind(code: &str) -> &str {
    match code {
        "MALICIOUS_FILE" => "malicious file",
        "MALICIOUS_PROCESS" => "malicious process",
        "MALICIOUS_PACKAGE" => "malicious package",
        "CRYPTOMINING_PROCESS" => "cryptomining process",
        "SUSPICIOUS_PROCESS" => "suspicious process",
        "MALICIOUS_IP" => "malicious address",
        "MALICIOUS_DOMAIN" => "malicious domain",
        "CRYPTOMINING_IP" => "cryptomining address",
        "CRYPTOMINING_DOMAIN" => "cryptomining domain",
        "TOR_IP" => "Tor address",
        "VULNERABILITY" => "vulnerability",
        "REACHABILITY" => "reachability",
        "MISCONFIGURATION" => "misconfiguration",
        "SENSITIVE_DATA" => "sensitive data",
        "HIGH_RISK_API" => "high-risk API",
        "SUSPICIOUS_NETWORK" => "suspicious network",
        "SUSPICIOUS_USER_AGENT" => "suspicious user agent",
        "UNUSUAL_API_FOR_ACCOUNT" => "API unusual for the account",
        "UNUSUAL_ASN_FOR_ACCOUNT" => "network unusual for the account",
        "UNUSUAL_ASN_FOR_USER" => "network unusual for the user",
        "ATTACK_TECHNIQUE" => "attack technique",
        "ATTACK_TACTIC" => "attack tactic",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gumshoe_domain::finding::details::SEQUENCE_INDICATORS;

    #[test]
    fn every_known_kind_has_a_label() {
        for code in SEQUENCE_INDICATORS {
            assert_ne!(kind(code), code);
        }
        assert_eq!(kind("QUANTUM_LEAP"), "QUANTUM_LEAP");
    }
}
