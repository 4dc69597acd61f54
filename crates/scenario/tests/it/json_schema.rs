//! The schema accepts what the reader accepts. Held with a validator of the keywords that the schema
//! uses, which fails on any other.

use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

use crate::bundled;
use crate::story::{POLICIES, STORY, with, with_latency, with_policies};

#[test]
fn bundled_scenarios_are_valid() {
    for path in bundled::scenarios() {
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(check(&text), Ok(()), "{path:?}");
    }
    assert_eq!(check(STORY), Ok(()));
}

#[test]
fn every_form_of_a_latency_is_valid() {
    for latency in [
        r#"{ kind = "log-normal", median = "80ms", p99 = "0.4s", offset = "1ms", cap = "1m30s" }"#,
        r#"{ kind = "log-normal", mean = "80ms", sigma = 1 }"#,
        r#"{ kind = "mixture", parts = [{ weight = 1, kind = "mixture", parts = [{ weight = 0.5, kind = "constant", value = "0s" }] }] }"#,
        r#"{ kind = "list", values = ["1s", ["2s", "9s"]] }"#,
        r#"{ kind = "quantiles", points = [{ p = 0.5, value = "20ms", shape = "linear" }] }"#,
    ] {
        assert_eq!(check(&with_latency(latency)), Ok(()), "{latency}");
    }
}

#[test]
fn every_form_of_a_world_is_valid() {
    for (piece, by) in [
        (
            "[downstream.api]",
            r#"[downstream.api]
            workers = 8
            queue = { limit = 0 }
            network = { kind = "constant", value = "1ms" }
            slowdown = { kind = "knee", at = 5, beyond = 1.5 }
            rate-limit = { rate = "0.5/ms", burst = 3, reject-latency = "0s" }
            in-flight-limit = 9
            replicas = 12
            replica.0 = { workers = 1 }
            replica.10 = { slowdown = { kind = "linear", at = 5, factor = 2 } }
            balance = "round-robin"
            sees = "service"
            on-cancel = "keep-working"
            item = "versioned""#,
        ),
        (
            "replications = 100",
            r#"client = { count = 3, connections = 5, acquire-timeout = "0s", event-loop = { per-call = "1us" }, unhandled-rejections = "throw", restart-after = "1s" }"#,
        ),
        (
            "replications = 100",
            r#"warm-up = "99.9%"
            analysis = "steady-state"
            workload = { kind = "open", arrivals = { kind = "poisson", rate = "0.01/s" }, duration = "1m" }"#,
        ),
        (
            "replications = 100",
            r#"workload = { kind = "open", arrivals = { kind = "constant" }, stages = [{ for = "1s", rate = "0/s" }, { for = "1s", to = "5/s" }] }"#,
        ),
        (
            "replications = 100",
            r#"workload = { kind = "closed", users = 3, think = { kind = "uniform", min = "0s", max = "1s" }, duration = "1m" }"#,
        ),
        (
            "name = \"one fails\"",
            "name = \"one fails\"\nclient = {}\nworkload = { kind = \"burst\", jobs = 3 }",
        ),
        ("calls = [1]", "retry-after = \"1s\"\nreplica = 0"),
        (
            "kind = \"error\"\ncalls = [1]",
            "kind = \"pause\"\nduring = { on = \"1s\", off = \"9s\" }",
        ),
        (
            "kind = \"error\"\ncalls = [1]",
            "kind = \"stall\"\nlatency = { kind = \"constant\", value = \"1s\" }",
        ),
    ] {
        let text = with(piece, by);
        if let Err(errors) = crate::story::parse(&text) {
            panic!("{errors}");
        }
        assert_eq!(check(&text), Ok(()), "{by}");
    }
}

#[test]
fn every_form_of_a_policy_is_valid() {
    for policies in POLICIES {
        let text = with_policies(policies);
        if let Err(errors) = crate::story::parse(&text) {
            panic!("{errors}");
        }
        assert_eq!(check(&text), Ok(()), "{policies}");
    }
}

#[test]
fn a_measure_is_valid_and_so_is_what_expects_it() {
    let measure = "[[measure]]\nname = \"over-2_s\"\nmetric = \"settle_ms.max\"\nduring = \"0s..1m\"\nabove = 2000\nbelow = 1e9\n";
    let expects = with("settle_ms.mean", "measures.over-2_s");
    let text = format!("{expects}{measure}");
    assert!(crate::story::parse(&text).is_ok());
    assert_eq!(check(&text), Ok(()));
    for (piece, by) in [
        ("over-2_s", "over 2 s"),
        ("settle_ms.max", "settle_ms.p99"),
        ("0s..1m", "1m"),
        ("above = 2000", "above = \"2s\""),
    ] {
        let wrong = format!("{STORY}{}", measure.replace(piece, by));
        assert!(crate::story::parse(&wrong).is_err(), "{by}");
        assert!(check(&wrong).is_err(), "{by}");
    }
}

#[test]
fn a_policy_that_the_reader_refuses_for_its_shape_the_schema_refuses_too() {
    for policy in [
        "after = \"1s\"",
        "kind = \"retri\"",
        "kind = \"timeout\", after = \"0s\"",
        "kind = \"timeout\", after = \"1s\", cancel = \"no\"",
        "kind = \"retry\", attempts = 0",
        "kind = \"retry\", attempts = \"many\"",
        "kind = \"retry\", attempts = 2, on = [\"error 99\"]",
        "kind = \"retry\", attempts = 2, on = [\"errors\"]",
        "kind = \"retry\", attempts = 2, backoff = { kind = \"linear\", base = \"1s\", factor = 2 }",
        "kind = \"retry\", attempts = 2, budget = { deposit = 1, max = 10, ratio = 0.1 }",
        "kind = \"circuit-breaker\", window = 10, consecutive = 5",
        "kind = \"circuit-breaker\", window = \"10\"",
        "kind = \"circuit-breaker\", failure-ratio = 0",
        "kind = \"rate-limit\"",
        "kind = \"rate-limit\", rate = \"1/s\", limit = 5, window = \"1s\"",
        "kind = \"rate-limit\", burst = 5",
        "kind = \"bulkhead\"",
        "kind = \"adaptive-limit\", algorithm = \"tcp\"",
        "kind = \"fallback\", scope = \"all\"",
    ] {
        let text = with_policies(&format!("[{{ {policy} }}]"));
        assert!(crate::story::parse(&text).is_err(), "{policy}");
        assert!(check(&text).is_err(), "{policy}");
    }
}

#[test]
fn what_the_reader_refuses_for_its_shape_the_schema_refuses_too() {
    for (piece, by) in [
        ("version = 1", "version = 2"),
        ("version = 1\n", ""),
        ("replications = 100", "replications = 0"),
        ("replications = 100", "replication = 100"),
        ("replications = 100", "workload = { kind = \"open\" }"),
        ("job = { calls = 3 }", "job = { calls = 3, call = [] }"),
        ("job = { calls = 3 }", "job = { }"),
        ("job = { calls = 3 }", "job = { calls = 1_000_001 }"),
        (
            "job = { calls = 3 }",
            "job = { calls = 3, deadline = \"500\" }",
        ),
        (
            "job = { calls = 3 }",
            "job = { calls = 3, deadline = \"0.0s\" }",
        ),
        ("\"500ms\"", "500"),
        ("kind = \"constant\"", "kind = \"exponential\""),
        (
            "kind = \"constant\", value = \"500ms\"",
            "kind = \"gamma\", mean = \"1s\", p99 = \"1s\"",
        ),
        ("limit = 2", "limit = 0"),
        ("limit = 2", "size = 2"),
        ("limit = 2", "limit = 2\non-error = \"isolate\""),
        ("calls = [1]", "calls = []"),
        ("calls = [1]", "probability = 1.5"),
        ("calls = [1]", "during = [\"10s\"]"),
        ("max = 1600", "max = \"1600\""),
        ("[downstream.api]", "[downstream.api]\nworkers = 0"),
        (
            "[downstream.api]",
            "[downstream.api]\nreplicas = 2\nreplica.01 = { workers = 1 }",
        ),
        (
            "[downstream.api]",
            "[downstream.api]\nreplicas = 2\nreplica.x = { workers = 1 }",
        ),
        (
            "[downstream.api]",
            "[downstream.api]\nrate-limit = { rate = \"0/s\" }",
        ),
        (
            "[downstream.api]",
            "[downstream.api]\nrate-limit = { rate = \"1/min\" }",
        ),
        (
            "[downstream.api]",
            "[downstream.api]\nslowdown = { kind = \"knee\", at = 1, beyond = 0.9 }",
        ),
        (
            "replications = 100",
            "warm-up = \"100%\"\nworkload = { kind = \"burst\", jobs = 1 }",
        ),
        ("replications = 100", "client = { event-loop = {} }"),
        (
            "replications = 100",
            "workload = { kind = \"open\", arrivals = { kind = \"poisson\", rate = \"1/s\" } }",
        ),
        ("kind = \"error\"\ncalls = [1]", "kind = \"pause\""),
        (
            "kind = \"error\"\ncalls = [1]",
            "kind = \"pause\"\nduring = [\"1s..2s\"]\ncalls = [1]",
        ),
        ("calls = [1]", "during = { on = \"1s\" }"),
        ("settle_ms.mean", "settle_ms.maen"),
    ] {
        let text = with(piece, by);
        assert!(crate::story::parse(&text).is_err(), "{by}");
        assert!(check(&text).is_err(), "{by}");
    }
}

#[test]
fn every_key_has_a_description() {
    fn walk(value: &Value, path: &str) {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            for (key, schema) in properties {
                let description = schema["description"].as_str().unwrap_or_default();
                assert!(!description.is_empty(), "{path}.{key}");
            }
        }
        match value {
            Value::Object(map) => map
                .iter()
                .for_each(|(k, v)| walk(v, &format!("{path}.{k}"))),
            Value::Array(items) => items.iter().for_each(|item| walk(item, path)),
            _ => {}
        }
    }
    walk(&awaitlab_scenario::schema(), "");
}

fn check(text: &str) -> Result<(), String> {
    let document = table(DeTable::parse(text).unwrap().into_inner());
    let schema = awaitlab_scenario::schema();
    valid(&document, &schema, &schema, "")
}

fn table(table: DeTable<'_>) -> Value {
    let json = |value: DeValue<'_>| json_of(value);
    Value::Object(
        table
            .into_iter()
            .map(|(k, v)| (k.into_inner().into_owned(), json(v.into_inner())))
            .collect(),
    )
}

fn json_of(value: DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(text),
        DeValue::Integer(integer) => json!(integer.as_str().parse::<i64>().unwrap()),
        DeValue::Float(number) => json!(number.as_str().parse::<f64>().unwrap()),
        DeValue::Boolean(flag) => json!(flag),
        DeValue::Datetime(date) => json!(date.to_string()),
        DeValue::Array(items) => items
            .into_iter()
            .map(|item| json_of(item.into_inner()))
            .collect(),
        DeValue::Table(inner) => table(inner),
    }
}

/// Whether `value` is valid under `schema`, a part of `root`.
fn valid(value: &Value, schema: &Value, root: &Value, at: &str) -> Result<(), String> {
    let Value::Object(keywords) = schema else {
        return Err(format!("{at}: no schema"));
    };
    for (keyword, says) in keywords {
        let holds = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let name = says.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                valid(value, &root["$defs"][name], root, at)?;
                true
            }
            "type" => is_a(value, says.as_str().unwrap()),
            "const" => value == says,
            "enum" => says.as_array().unwrap().contains(value),
            "oneOf" => count(value, says, root, at) == 1,
            "anyOf" => count(value, says, root, at) > 0,
            "not" => valid(value, says, root, at).is_err(),
            "properties"
            | "additionalProperties"
            | "required"
            | "propertyNames"
            | "minProperties" => match value {
                Value::Object(map) => {
                    of_object(map, keyword, says, keywords, root, at)?;
                    true
                }
                _ => true,
            },
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    valid(item, says, root, &format!("{at}.{index}"))?;
                }
                true
            }
            "minItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 >= says.as_u64().unwrap()),
            "maxItems" => value
                .as_array()
                .is_none_or(|items| items.len() as u64 <= says.as_u64().unwrap()),
            "minLength" => value
                .as_str()
                .is_none_or(|text| text.chars().count() as u64 >= says.as_u64().unwrap()),
            "maxLength" => value
                .as_str()
                .is_none_or(|text| text.chars().count() as u64 <= says.as_u64().unwrap()),
            "pattern" => {
                let pattern = regex_lite::Regex::new(says.as_str().unwrap()).unwrap();
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            "minimum" => value
                .as_f64()
                .is_none_or(|number| number >= says.as_f64().unwrap()),
            "maximum" => value
                .as_f64()
                .is_none_or(|number| number <= says.as_f64().unwrap()),
            "exclusiveMinimum" => value
                .as_f64()
                .is_none_or(|number| number > says.as_f64().unwrap()),
            "exclusiveMaximum" => value
                .as_f64()
                .is_none_or(|number| number < says.as_f64().unwrap()),
            unknown => return Err(format!("{at}: the keyword {unknown} is not known here")),
        };
        if !holds {
            return Err(format!("{at}: {value} breaks {keyword} {says}"));
        }
    }
    Ok(())
}

fn count(value: &Value, schemas: &Value, root: &Value, at: &str) -> usize {
    schemas
        .as_array()
        .unwrap()
        .iter()
        .filter(|schema| valid(value, schema, root, at).is_ok())
        .count()
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("the type {other}"),
    }
}

fn of_object(
    map: &Map<String, Value>,
    keyword: &str,
    says: &Value,
    keywords: &Map<String, Value>,
    root: &Value,
    at: &str,
) -> Result<(), String> {
    let known = keywords.get("properties").and_then(Value::as_object);
    for (key, value) in map {
        let path = format!("{at}.{key}");
        let own = known.and_then(|known| known.get(key));
        match (keyword, own, says) {
            ("properties", Some(schema), _) => valid(value, schema, root, &path)?,
            ("additionalProperties", None, Value::Bool(false)) => {
                return Err(format!("{path}: unknown"));
            }
            ("additionalProperties", None, schema) => valid(value, schema, root, &path)?,
            ("propertyNames", _, schema) => valid(&json!(key), schema, root, &path)?,
            _ => {}
        }
    }
    let missing = |key: &&Value| !map.contains_key(key.as_str().unwrap());
    match keyword {
        "required" => match says.as_array().unwrap().iter().find(missing) {
            Some(key) => Err(format!("{at}: {key} is missing")),
            None => Ok(()),
        },
        "minProperties" if (map.len() as u64) < says.as_u64().unwrap() => {
            Err(format!("{at}: too few"))
        }
        _ => Ok(()),
    }
}
