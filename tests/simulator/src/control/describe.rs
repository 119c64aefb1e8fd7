//! What is simulated, told by the simulator itself: every operation with its constraints, to be held against the API
//! models.

use axum::extract::State;
use axum::http::Uri;
use axum::response::Json;
use serde_json::{Map, Value, json};

use super::Reply;
use super::query::Query;
use crate::protocol::operations as all;
use crate::protocol::server::Server;
use crate::protocol::shape::{Location, Member, Range, Shape};

/// `GET operations` answers a list of service, name, method, path, status, errors and input.
pub(super) async fn operations(State(_): State<Server>, uri: Uri) -> Reply {
    Query::read(&uri, &[])?;
    let told: Vec<Value> = all()
        .map(|operation| {
            let model = operation.model;
            let errors: Map<String, Value> =
                model.errors.iter().map(|error| (error.name().to_owned(), error.status().as_u16().into())).collect();
            json!({
                "service": operation.service.name(),
                "operation": model.name,
                "method": model.method.as_str(),
                "path": model.path,
                "status": model.status,
                "errors": errors,
                "input": members(model.input),
            })
        })
        .collect();
    Ok(Json(told.into()))
}

fn members(members: &[Member]) -> Value {
    let told = members.iter().map(|member| {
        let mut told = shape(member.shape);
        told["required"] = member.required.into();
        match member.location {
            Location::Body => {}
            Location::Uri => told["location"] = "uri".into(),
            Location::Query => told["location"] = "querystring".into(),
        }
        (member.name.to_owned(), told)
    });
    told.collect::<Map<_, _>>().into()
}

fn shape(of: &Shape) -> Value {
    match of {
        Shape::Text(text) => {
            let mut told = bounded("string", text.length);
            if let Some(pattern) = text.pattern {
                told["pattern"] = pattern.into();
            }
            told
        }
        Shape::Enum(words) => json!({ "type": "string", "enum": words }),
        Shape::Integer(range) => bounded("integer", *range),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Time => json!({ "type": "timestamp" }),
        Shape::List(length, item) => with(bounded("list", *length), "member", shape(item)),
        Shape::Map(length, key, value) => with(with(bounded("map", *length), "key", shape(key)), "value", shape(value)),
        Shape::Structure(shapes) => with(json!({ "type": "structure" }), "members", members(shapes)),
    }
}

fn bounded(kind: &str, range: Range) -> Value {
    let mut told = json!({ "type": kind });
    if range.min != i64::MIN {
        told["min"] = range.min.into();
    }
    if range.max != i64::MAX {
        told["max"] = range.max.into();
    }
    told
}

fn with(mut told: Value, name: &str, value: Value) -> Value {
    told[name] = value;
    told
}
