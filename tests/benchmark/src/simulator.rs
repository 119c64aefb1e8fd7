//! The simulator with 10,000 investigations: calls per second, and the duration of a page.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

use crate::Error;
use crate::client::Client;
use crate::figure::Figure;

const STORED_INVESTIGATIONS: usize = 10_000;
/// The number of concurrent clients.
const CLIENTS: usize = 8;
const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;

const START: &str = "/investigations/startInvestigation";
const GET: &str = "/investigations/getInvestigation";
const LIST: &str = "/investigations/listInvestigations";

/// Starts the simulator and measures it.
pub(crate) async fn measure(program: &Path, output: &Path) -> Result<Vec<Figure>, Error> {
    let (mut child, host) = start(program, output).await?;
    let measured = figures(&host).await;
    // Also after a failed measurement. It is no error if the process has ended already.
    let _ = child.kill().await;
    measured
}

async fn start(program: &Path, output: &Path) -> Result<(Child, String), Error> {
    let io = |what: String| move |source| Error::Io { what, source };
    let log =
        std::fs::File::create(output.join("simulator.log")).map_err(io("could not write simulator.log".into()))?;
    let mut command = Command::new(program);
    command.stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
    let mut child = command.spawn().map_err(io(format!("could not start {}", program.display())))?;
    let mut first = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout)
            .read_line(&mut first)
            .await
            .map_err(io("could not read the simulator's address".into()))?;
    }
    let host = first.trim_end().strip_prefix("listening on http://").ok_or(Error::NoAddress)?;
    Ok((child, host.to_owned()))
}

async fn figures(host: &str) -> Result<Vec<Figure>, Error> {
    let mut client = Client::connect(host).await?;
    let graphs = client.json("/graphs/list", &json!({})).await?;
    let graph = graphs["GraphList"][0]["Arn"].clone();
    let ids = store(&mut client, &graph).await?;

    let mut calls_per_second = Vec::new();
    for _ in 0..ROUNDS {
        calls_per_second.push(gets_per_second(host, &graph, &ids).await?);
    }
    let get = Figure::new("GetInvestigation, 10,000 stored, 8 clients", "calls/s", calls_per_second).at_least(5000.0);
    let by_time = json!({ "GraphArn": graph, "MaxResults": 100 });
    let by_severity = json!({
        "GraphArn": graph,
        "MaxResults": 100,
        "FilterCriteria": { "Status": { "Value": "SUCCESSFUL" }, "State": { "Value": "ACTIVE" } },
        "SortCriteria": { "Field": "SEVERITY", "SortOrder": "ASC" },
    });
    let mut figures = vec![get];
    for (name, request) in [
        ("ListInvestigations, 10,000 stored, a page of 100", by_time),
        ("ListInvestigations, filtered and sorted by severity", by_severity),
    ] {
        let measured = pages(&mut client, request).await?;
        figures.push(Figure::new(name, "ms", measured).at_most(5.0));
    }
    Ok(figures)
}

/// Starts the investigations and polls each until it has ended.
async fn store(client: &mut Client, graph: &Value) -> Result<Vec<Value>, Error> {
    let mut ids = Vec::with_capacity(STORED_INVESTIGATIONS);
    for number in 0..STORED_INVESTIGATIONS {
        let request = json!({
            "GraphArn": graph,
            "EntityArn": format!("arn:aws:iam::111122223333:role/web-{number}"),
            "ScopeStartTime": "2026-11-19T00:00:00Z",
            "ScopeEndTime": "2026-11-20T00:00:00Z",
        });
        let id = client.json(START, &request).await?["InvestigationId"].clone();
        for _ in 0..2 {
            client.json(GET, &json!({ "GraphArn": graph, "InvestigationId": id })).await?;
        }
        ids.push(id);
    }
    Ok(ids)
}

async fn gets_per_second(host: &str, graph: &Value, ids: &[Value]) -> Result<f64, Error> {
    let mut clients = JoinSet::new();
    for at in 0..CLIENTS {
        let bodies: Vec<Bytes> = ids
            .iter()
            .skip(at)
            .step_by(CLIENTS)
            .map(|id| json!({ "GraphArn": graph, "InvestigationId": id }).to_string().into())
            .collect();
        let mut client = Client::connect(host).await?;
        clients.spawn(async move {
            let end = Instant::now() + ROUND;
            let mut calls = 0_u32;
            for body in bodies.iter().cycle() {
                if Instant::now() >= end {
                    break;
                }
                client.post(GET, body.clone()).await?;
                calls += 1;
            }
            Ok::<u32, Error>(calls)
        });
    }
    let begun = Instant::now();
    let mut calls = 0;
    for client in clients.join_all().await {
        calls += client?;
    }
    Ok(f64::from(calls) / begun.elapsed().as_secs_f64())
}

/// The duration of each page of the whole listing, in milliseconds.
async fn pages(client: &mut Client, mut request: Value) -> Result<Vec<f64>, Error> {
    let (mut measured, mut listed) = (Vec::new(), 0);
    loop {
        let body = Bytes::from(request.to_string());
        let begun = Instant::now();
        let answer = client.post(LIST, body).await?;
        measured.push(begun.elapsed().as_secs_f64() * 1000.0);
        let page: Value = serde_json::from_slice(&answer)?;
        listed += page["InvestigationDetails"].as_array().map_or(0, Vec::len);
        match page.get("NextToken") {
            Some(token) => request["NextToken"] = token.clone(),
            None => break,
        }
    }
    if listed == STORED_INVESTIGATIONS {
        return Ok(measured);
    }
    Err(Error::Answer {
        request: LIST,
        status: 200,
        body: format!("listed {listed} of {STORED_INVESTIGATIONS} investigations"),
    })
}
