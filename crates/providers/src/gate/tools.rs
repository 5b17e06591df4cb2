//! What of a question is neither said nor found: descriptions of tools and shapes of answers. They
//! may name people too.

use super::taken_out;
use kernel::Phi;
use llm::{Format, LlmError, Tool};
use privacy::Veil;
use serde_json::Value;

/// Words in a schema that a model reads. The rest is its structure: names of fields, patterns and
/// references mean something else once they are changed.
const WORDS: [&str; 7] =
    ["description", "title", "$comment", "default", "examples", "enum", "const"];

/// The tool with what points to people taken out of its words.
pub(super) fn tool(veil: &mut Veil, tool: &Tool) -> Result<Tool, LlmError> {
    let (name, mut parameters) = (tool.name.clone(), tool.parameters.clone());
    let description = words(veil, &tool.description)?;
    schema(veil, &mut parameters)?;
    Ok(Tool { name, description, parameters })
}

/// The same for the shape of an answer.
pub(super) fn format(veil: &mut Veil, format: &Format) -> Result<Format, LlmError> {
    let mut format = format.clone();
    if let Format::Schema { schema: shape, .. } = &mut format {
        schema(veil, shape)?;
    }
    Ok(format)
}

fn schema(veil: &mut Veil, value: &mut Value) -> Result<(), LlmError> {
    match value {
        Value::Object(fields) => fields.iter_mut().try_for_each(|(name, value)| {
            // A field of the arguments may be called `title`; then it is a schema itself.
            if WORDS.contains(&name.as_str()) && !value.is_object() {
                cover(veil, value)
            } else {
                schema(veil, value)
            }
        }),
        Value::Array(items) => items.iter_mut().try_for_each(|item| schema(veil, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// Takes out of every text in this value.
fn cover(veil: &mut Veil, value: &mut Value) -> Result<(), LlmError> {
    match value {
        Value::String(text) => {
            *text = words(veil, text)?;
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| cover(veil, item)),
        Value::Object(fields) => fields.values_mut().try_for_each(|value| cover(veil, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn words(veil: &mut Veil, text: &str) -> Result<String, LlmError> {
    // EXPOSE: what is left may leave.
    Ok(taken_out(veil, &Phi::new(text.to_owned()))?.expose().clone())
}
