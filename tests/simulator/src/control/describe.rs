//! The description of every simulated operation with its constraints, to be compared with the API models.

use axum::extract::State;
use axum::http::Uri;
use axum::response::Json;
use serde_json::{Map, Value, json};

use super::ControlResult;
use super::query::Query;
use crate::protocol::operations as all;
use crate::protocol::server::Server;
use crate::protocol::shape::{Location, Member, Range, Shape};

/// `GET operations` answers a list of service, name, method, path, status, errors and input.
pub(super) async fn operations(State(_): State<Server>, uri: Uri) -> ControlResult {
    Query::read(&uri, &[])?;
    let description: Vec<Value> = all()
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
    Ok(Json(description.into()))
}

fn members(members: &[Member]) -> Value {
    let description = members.iter().map(|member| {
        let mut description = shape(member.shape);
        description["required"] = member.required.into();
        match member.location {
            Location::Body => {}
            Location::Uri => description["location"] = "uri".into(),
            Location::Query => description["location"] = "querystring".into(),
        }
        (member.name.to_owned(), description)
    });
    description.collect::<Map<_, _>>().into()
}

fn shape(of: &Shape) -> Value {
    match of {
        Shape::Text(text) => {
            let mut description = bounded("string", text.length);
            if let Some(pattern) = text.pattern {
                description["pattern"] = pattern.into();
            }
            description
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
    let mut description = json!({ "type": kind });
    if range.min != i64::MIN {
        description["min"] = range.min.into();
    }
    if range.max != i64::MAX {
        description["max"] = range.max.into();
    }
    description
}

fn with(mut description: Value, name: &str, value: Value) -> Value {
    description[name] = value;
    description
}
