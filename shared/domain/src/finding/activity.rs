//! The activity that a finding reports, and its remote addresses.

use super::json_node::JsonNode;
use crate::text::one_line;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An ordinary finding has one activity, an attack sequence up to 100 signals.
const MAX_ACTIVITIES: usize = 20;
/// Maximum length of an activity's name.
const MAX_NAME_CHARS: usize = 160;
/// Maximum length of the name of a place, a network or an error.
const MAX_SHORT_TEXT_CHARS: usize = 80;
/// Maximum number of addresses after the first one of a Kubernetes call.
const MAX_PROXY_ADDRESSES: usize = 4;

/// An API call, a connection, a DNS lookup or a signal of an attack sequence. Texts are on one line and shortened, but not
/// escaped: attackers choose some of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// Such as `CreateAccessKey`, `list secrets`, `TCP connection inbound to port 22`.
    pub name: String,
    /// The service that was called, such as `iam.amazonaws.com`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Whether it succeeded.
    pub result: ActivityResult,
    /// How many times it was observed; `None` if only the finding as a whole has a count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// When it was first observed; `None` if only the finding as a whole has a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Timestamp>,
    /// When it was last observed; `None` if only the finding as a whole has a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// Whether the connection was outbound: then `remote` is its destination, otherwise its source.
    #[serde(rename = "outbound", default)]
    pub is_outbound: bool,
    /// The source of the activity, or the destination if `is_outbound`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<Remote>,
}

/// Whether an activity succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ActivityResult {
    /// No error was reported.
    Succeeded,
    /// It failed, with the error code, the HTTP status or `blocked`.
    Failed(String),
    /// The finding does not contain the result.
    Unknown,
}

/// The other side of an activity.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Remote {
    /// IPv4 or IPv6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<String>,
    /// The further addresses in the list of a Kubernetes audit log: proxies, and last the address of the connection. The caller
    /// can forge all but the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more_addresses: Vec<String>,
    /// City and country, if GuardDuty reports them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Latitude from -90 to 90 and longitude from -180 to 180, in degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<(f64, f64)>,
    /// The organization that owns the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
}

/// The activities of the finding in its order, at most [`MAX_ACTIVITIES`].
pub(super) fn activities(detail: JsonNode<'_>) -> Vec<Activity> {
    let action = detail.at("service.action");
    let single = [api_call(action), kubernetes_call(action), connection(action), dns_lookup(action), login(action)];
    let probes = action.at("portProbeAction.portProbeDetails").items().map(probe);
    let sequence = detail.at("service.detection.sequence");
    let signals = sequence.get("signals").items().map(|signal| signal_activity(signal, sequence));
    single.into_iter().flatten().chain(probes).chain(signals).take(MAX_ACTIVITIES).collect()
}

fn api_call(action: JsonNode<'_>) -> Option<Activity> {
    let call = action.get("awsApiCallAction");
    let error = call.get("errorCode").text();
    Some(Activity {
        service: call.get("serviceName").text().map(|name| one_line(name, MAX_SHORT_TEXT_CHARS)),
        // GuardDuty API Reference, AwsApiCallAction: only a failed call has an ErrorCode.
        result: error
            .map_or(ActivityResult::Succeeded, |code| ActivityResult::Failed(one_line(code, MAX_SHORT_TEXT_CHARS))),
        ..named(call.get("api").text()?, remote(call.get("remoteIpDetails")))
    })
}

fn kubernetes_call(action: JsonNode<'_>) -> Option<Activity> {
    let call = action.get("kubernetesApiCallAction");
    let what = call.get("resource").text().or_else(|| call.get("requestUri").text());
    let name = [call.get("verb").text(), what].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let result = match call.get("statusCode").whole_number() {
        Some(code) if code < 400 => ActivityResult::Succeeded,
        Some(code) => ActivityResult::Failed(format!("status {code}")),
        None => ActivityResult::Unknown,
    };
    (!name.is_empty()).then(|| Activity { result, ..named(&name, kubernetes_remote(call)) })
}

/// The remote details, or the addresses of the audit log if the details contain none.
fn kubernetes_remote(call: JsonNode<'_>) -> Option<Remote> {
    let details = remote(call.get("remoteIpDetails"));
    if details.as_ref().is_some_and(|it| it.ip_address.is_some()) {
        return details;
    }
    // GuardDuty API Reference: `sourceIPs`; the SDKs' name for it in PascalCase is `SourceIps`.
    let [documented, of_sdks] = ["sourceIPs", "sourceIps"].map(|name| call.get(name));
    let listed = if documented.exists() { documented } else { of_sdks };
    let mut addresses = listed.items().filter_map(JsonNode::text).map(short_text).filter(|address| !address.is_empty());
    match addresses.next() {
        None => details,
        Some(first) => Some(Remote {
            ip_address: Some(first),
            more_addresses: addresses.take(MAX_PROXY_ADDRESSES).collect(),
            ..details.unwrap_or_default()
        }),
    }
}

fn connection(action: JsonNode<'_>) -> Option<Activity> {
    let connection = action.get("networkConnectionAction");
    let text = |path: &str| connection.at(path).text();
    let protocol = text("protocol").unwrap_or("network");
    let (end, port) = match text("connectionDirection") {
        Some("INBOUND") => (" inbound", connection.at("localPortDetails.port").whole_number()),
        Some("OUTBOUND") => (" outbound", connection.at("remotePortDetails.port").whole_number()),
        _ => ("", None),
    };
    let port = port.map(|port| format!(" to port {port}")).unwrap_or_default();
    connection.exists().then(|| Activity {
        result: blocked(connection),
        is_outbound: end == " outbound",
        ..named(&format!("{protocol} connection{end}{port}"), remote(connection.get("remoteIpDetails")))
    })
}

fn dns_lookup(action: JsonNode<'_>) -> Option<Activity> {
    let request = action.get("dnsRequestAction");
    Some(Activity {
        result: blocked(request),
        ..named(&format!("DNS lookup of {}", request.get("domain").text()?), None)
    })
}

fn login(action: JsonNode<'_>) -> Option<Activity> {
    let login = action.get("rdsLoginAttemptAction");
    login.exists().then(|| named("database login", remote(login.get("remoteIpDetails"))))
}

fn probe(probe: JsonNode<'_>) -> Activity {
    let port = probe.at("localPortDetails.port").whole_number();
    let port = port.map(|port| format!(" {port}")).unwrap_or_default();
    named(&format!("probe of port{port}"), remote(probe.get("remoteIpDetails")))
}

/// A signal of an attack sequence; its remote is the first known endpoint that it names.
fn signal_activity(signal: JsonNode<'_>, sequence: JsonNode<'_>) -> Activity {
    let endpoint = signal.get("endpointIds").items().find_map(|id| {
        let id = id.text()?;
        sequence.get("endpoints").items().find(|endpoint| endpoint.get("id").text() == Some(id))
    });
    Activity {
        count: signal.get("count").whole_number(),
        first_seen: signal.get("firstSeenAt").timestamp(),
        last_seen: signal.get("lastSeenAt").timestamp(),
        ..named(signal.get("name").text().unwrap_or("signal without a name"), endpoint.and_then(endpoint_remote))
    }
}

pub(super) fn named(name: &str, remote: Option<Remote>) -> Activity {
    let result = ActivityResult::Unknown;
    let (service, count, first_seen, last_seen) = (None, None, None, None);
    Activity {
        name: one_line(name, MAX_NAME_CHARS),
        service,
        result,
        count,
        first_seen,
        last_seen,
        is_outbound: false,
        remote,
    }
}

fn blocked(action: JsonNode<'_>) -> ActivityResult {
    match action.get("blocked").boolean() {
        Some(true) => ActivityResult::Failed("blocked".to_owned()),
        _ => ActivityResult::Unknown,
    }
}

fn remote(details: JsonNode<'_>) -> Option<Remote> {
    let city = details.at("city.cityName").text();
    let country = details.at("country.countryName").text();
    let organization = details.get("organization");
    details.exists().then(|| Remote {
        ip_address: details.get("ipAddressV4").text().or_else(|| details.get("ipAddressV6").text()).map(short_text),
        more_addresses: Vec::new(),
        place: place(city, country),
        position: position(details.at("geoLocation.lat"), details.at("geoLocation.lon")),
        network: organization.get("asnOrg").text().or_else(|| organization.get("org").text()).map(short_text),
    })
}

fn endpoint_remote(endpoint: JsonNode<'_>) -> Option<Remote> {
    let location = endpoint.get("location");
    endpoint.exists().then(|| Remote {
        ip_address: endpoint.get("ip").text().or_else(|| endpoint.get("domain").text()).map(short_text),
        more_addresses: Vec::new(),
        place: place(location.get("city").text(), location.get("country").text()),
        position: position(location.get("lat"), location.get("lon")),
        network: endpoint.at("autonomousSystem.name").text().map(short_text),
    })
}

fn place(city: Option<&str>, country: Option<&str>) -> Option<String> {
    let parts: Vec<String> = [city, country].into_iter().flatten().map(short_text).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Latitude and longitude; `None` for 0, 0, which means "unknown" in published findings.
fn position(latitude: JsonNode<'_>, longitude: JsonNode<'_>) -> Option<(f64, f64)> {
    let (latitude, longitude) = (latitude.number()?, longitude.number()?);
    let on_the_globe = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
    (on_the_globe && (latitude.abs() > 1e-6 || longitude.abs() > 1e-6)).then_some((latitude, longitude))
}

fn short_text(text: &str) -> String {
    one_line(text, MAX_SHORT_TEXT_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(service: &serde_json::Value) -> Vec<Activity> {
        activities(JsonNode::new(&json!({ "service": service })))
    }

    #[test]
    fn an_api_call_has_name_remote_and_result() {
        let call = json!({"action": {"actionType": "AWS_API_CALL", "awsApiCallAction": {
            "api": "CreateAccessKey", "serviceName": "iam.amazonaws.com", "remoteIpDetails": {
                "ipAddressV4": "198.51.100.23", "organization": {"asnOrg": "EXAMPLE-HOSTING"},
                "country": {"countryName": "Netherlands"}, "city": {"cityName": "Amsterdam"},
                "geoLocation": {"lat": 52.37, "lon": 4.89}}}}});
        let activity = of(&call).remove(0);
        assert_eq!((activity.name.as_str(), activity.result), ("CreateAccessKey", ActivityResult::Succeeded));
        let remote = activity.remote.unwrap();
        assert_eq!(remote.place.as_deref(), Some("Amsterdam, Netherlands"));
        assert_eq!((remote.position, remote.network.as_deref()), (Some((52.37, 4.89)), Some("EXAMPLE-HOSTING")));
        let mut refused = call;
        refused["action"]["awsApiCallAction"]["errorCode"] = json!("AccessDenied");
        assert_eq!(of(&refused)[0].result, ActivityResult::Failed("AccessDenied".into()));
    }

    #[test]
    fn an_outbound_connection_has_its_destination() {
        let connection = json!({"action": {"networkConnectionAction": {"protocol": "TCP", "connectionDirection": "OUTBOUND",
            "remotePortDetails": {"port": 4444}, "remoteIpDetails": {"ipAddressV4": "198.51.100.23"}}}});
        let activity = of(&connection).remove(0);
        assert_eq!((activity.name.as_str(), activity.is_outbound), ("TCP connection outbound to port 4444", true));
        assert_eq!(activity.remote.unwrap().ip_address.as_deref(), Some("198.51.100.23"));
    }

    #[test]
    fn a_kubernetes_call_without_remote_details_has_the_audit_logs_addresses() {
        let call = |details: serde_json::Value| {
            let mut call = json!({"verb": "list", "resource": "secrets", "statusCode": 200});
            call.as_object_mut().unwrap().extend(details.as_object().unwrap().clone());
            of(&json!({"action": {"kubernetesApiCallAction": call}})).remove(0)
        };
        let addresses = json!(["2001:db8:77::10", "10.20.0.9"]);
        for (details, remote, place) in [
            (json!({"sourceIPs": addresses}), vec!["2001:db8:77::10", "10.20.0.9"], None),
            (json!({"SourceIps": addresses, "RemoteIpDetails": null}), vec!["2001:db8:77::10", "10.20.0.9"], None),
            (
                json!({"sourceIPs": addresses, "remoteIpDetails": {"ipAddressV4": "198.51.100.7"}}),
                vec!["198.51.100.7"],
                None,
            ),
            (
                json!({"sourceIPs": ["10.20.0.9"], "remoteIpDetails": {"country": {"countryName": "Chile"}}}),
                vec!["10.20.0.9"],
                Some("Chile"),
            ),
            (json!({"sourceIPs": null}), vec![], None),
            (json!({"sourceIPs": "10.20.0.9"}), vec![], None),
            (json!({"sourceIPs": [null, 7, ""]}), vec![], None),
        ] {
            let activity = call(details.clone());
            assert_eq!((activity.name.as_str(), activity.result), ("list secrets", ActivityResult::Succeeded));
            let known = activity.remote.unwrap_or_default();
            let listed: Vec<&str> = known.ip_address.iter().chain(&known.more_addresses).map(String::as_str).collect();
            assert_eq!((listed, known.place.as_deref()), (remote, place), "{details}");
        }
        let many =
            of(&json!({"action": {"kubernetesApiCallAction": {"verb": "get", "sourceIPs": vec!["10.0.0.1"; 40]}}}));
        assert_eq!(many[0].remote.as_ref().unwrap().more_addresses.len(), MAX_PROXY_ADDRESSES);
    }

    #[test]
    fn every_kind_of_action_has_a_name() {
        for (action, name) in [
            (
                json!({"kubernetesApiCallAction": {"verb": "list", "resource": "secrets", "statusCode": 403}}),
                "list secrets",
            ),
            (
                json!({"networkConnectionAction": {"protocol": "TCP", "connectionDirection": "INBOUND",
                    "localPortDetails": {"port": 22}}}),
                "TCP connection inbound to port 22",
            ),
            (json!({"dnsRequestAction": {"domain": "evil.example"}}), "DNS lookup of evil.example"),
            (
                json!({"portProbeAction": {"portProbeDetails": [{"localPortDetails": {"port": 22}}]}}),
                "probe of port 22",
            ),
            (json!({"rdsLoginAttemptAction": {"remoteIpDetails": null}}), "database login"),
        ] {
            assert_eq!(of(&json!({ "action": action }))[0].name, name);
        }
        assert!(of(&json!({"action": {"somethingNew": {"api": "x"}}})).is_empty());
    }

    #[test]
    fn a_sequence_has_at_most_twenty_signals_with_their_endpoints() {
        let signal = json!({"name": "iam:CreateRole", "count": 3, "firstSeenAt": "2026-01-15T12:00:00Z",
            "endpointIds": ["none", "e"]});
        let sequence = json!({"detection": {"sequence": {"signals": vec![signal; 60], "endpoints": [
            {"id": "e", "ip": "198.51.100.23", "location": {"city": "Amsterdam", "country": "NL", "lat": 0, "lon": 0}}]}}});
        let activities = of(&sequence);
        assert_eq!((activities.len(), activities[0].count), (MAX_ACTIVITIES, Some(3)));
        let remote = activities[0].remote.as_ref().unwrap();
        assert_eq!((remote.place.as_deref(), remote.position), (Some("Amsterdam, NL"), None));
    }
}
