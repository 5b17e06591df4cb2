//! Whether a schema is one that OpenAI enforces: every object names all its fields, wants them all
//! and allows no others. Any other schema is refused there if it is called strict.

use serde_json::{Map, Value};

/// Words that a strict schema may not have.
const UNKNOWN: [&str; 8] = [
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
];

/// Whether it can be sent as a strict one.
pub(super) fn qualifies(schema: &Value) -> bool {
    // At the top it has to be an object.
    schema.get("type").and_then(Value::as_str) == Some("object") && fits(schema)
}

fn fits(schema: &Value) -> bool {
    let Value::Object(fields) = schema else { return false };
    let inner = ["items", "anyOf", "$defs", "definitions"];
    !UNKNOWN.iter().any(|word| fields.contains_key(*word))
        && is_closed(fields)
        && fields.iter().filter(|(name, _)| inner.contains(&name.as_str())).all(|(name, value)| {
            match (name.as_str(), value) {
                ("items", one) => fits(one),
                (_, Value::Array(all)) => all.iter().all(fits),
                (_, Value::Object(all)) => all.values().all(fits),
                _ => false,
            }
        })
}

/// Whether an object has just the fields that it names; what is no object is.
fn is_closed(fields: &Map<String, Value>) -> bool {
    let of_type = |value: &Value| value == "object";
    let object = match fields.get("type") {
        Some(Value::Array(types)) => types.iter().any(of_type),
        Some(one) => of_type(one),
        None => fields.contains_key("properties"),
    };
    if !object {
        return true;
    }
    let none = Map::new();
    let properties = fields.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let required = fields.get("required").and_then(Value::as_array);
    let wanted = |name: &String| required.is_some_and(|all| all.iter().any(|one| one == name));
    fields.get("additionalProperties") == Some(&Value::Bool(false))
        && properties.iter().all(|(name, schema)| wanted(name) && fits(schema))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_names_and_wants_all_its_fields_is_strict() {
        let closed = json!({"type": "object", "additionalProperties": false, "required": ["a"],
            "properties": {"a": {"type": ["string", "null"]}}});
        assert!(qualifies(&closed));
        let nested = json!({"type": "object", "additionalProperties": false, "required": ["list"],
            "properties": {"list": {"type": "array", "items": closed}}});
        assert!(qualifies(&nested));
        let mut optional = closed.clone();
        optional["required"] = json!([]);
        let mut open = closed.clone();
        open["additionalProperties"] = json!(true);
        let mut deep = nested.clone();
        deep["properties"]["list"]["items"]["required"] = json!([]);
        let mut odd = closed.clone();
        odd["properties"]["a"] = json!({"allOf": []});
        for schema in [optional, open, deep, odd, json!({"type": "string"}), json!(true), json!({})]
        {
            assert!(!qualifies(&schema), "{schema}");
        }
    }
}
