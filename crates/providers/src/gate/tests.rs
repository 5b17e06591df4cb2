use super::*;
use llm::{Finish, Image, ImageFormat, Scripted};
use serde_json::json;
use std::sync::Mutex;

/// A provider that remembers what it was asked, and answers as the scripted one.
struct Listener {
    inner: Scripted,
    heard: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Provider for Listener {
    fn id(&self) -> &ProviderId {
        self.inner.id()
    }

    async fn models(&self) -> Result<Vec<Model>, LlmError> {
        self.inner.models().await
    }

    async fn stream(&self, request: &ChatRequest) -> Result<EventStream, LlmError> {
        let text = |part: &Part| match part {
            Part::Text(text) => text.expose().clone(),
            Part::ToolCall(call) => call.arguments.expose().clone(),
            Part::ToolResult(result) => result.text.expose().clone(),
            Part::Image(_) | Part::Thought(_) => String::new(),
        };
        let texts = request.messages.iter().flat_map(|message| &message.parts).map(text);
        self.heard.lock().unwrap().extend(texts);
        assert!(request.names.is_empty());
        let pieces = self.inner.stream(request).await?;
        // Cut into single letters: the hardest way.
        Ok(Box::pin(pieces.flat_map(|piece| {
            stream::iter(match piece {
                Ok(StreamEvent::Delta(text)) => {
                    let letters = text.expose().chars().map(|c| Phi::new(c.to_string()));
                    letters.map(|text| Ok(StreamEvent::Delta(text))).collect()
                }
                other => vec![other],
            })
        })))
    }

    async fn embed(&self, request: &EmbedRequest) -> Result<Embeddings, LlmError> {
        self.heard.lock().unwrap().extend(request.inputs.iter().map(|text| text.expose().clone()));
        self.inner.embed(request).await
    }
}

fn gate() -> (Gate, Arc<Mutex<Vec<String>>>) {
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let listener = Listener { inner: Scripted::new().unwrap(), heard: heard.clone() };
    (Gate::new(Arc::new(listener)), heard)
}

const SAID: &str =
    "I am maren, and my sister Greta Holm wrote to me at m@example.org on 3 May 2024";

fn question(model: &str) -> ChatRequest {
    let mut request = ChatRequest::new(model, vec![Message::text(Role::User, SAID)]);
    request.names = vec![Phi::new("Maren".to_owned())];
    request
}

#[tokio::test]
async fn nothing_private_leaves_and_everything_comes_back_also_letter_by_letter() {
    for whole in [false, true] {
        let (gate, heard) = gate();
        let answer = if whole {
            gate.complete(&question("echo")).await.unwrap()
        } else {
            Answer::collect(gate.stream(&question("echo")).await.unwrap()).await.unwrap()
        };
        assert_eq!(answer.text.expose(), &format!("You said: {SAID}"));
        assert_eq!(answer.finish, Finish::Stop);
        let heard = heard.lock().unwrap().join("\n");
        for word in ["maren", "Greta", "Holm", "example.org", "2024"] {
            assert!(!heard.contains(word), "{word} left: {heard}");
        }
        assert!(heard.contains("[NAME_1]") && heard.contains(NOTE), "{heard}");
    }
}

#[tokio::test]
async fn what_is_still_held_comes_before_the_end_however_it_ends() {
    let (gate, _) = gate();
    let mut request = question("echo");
    request.messages = vec![Message::text(Role::User, "half a [NAME_")];
    let answer = Answer::collect(gate.stream(&request).await.unwrap()).await.unwrap();
    assert!(answer.text.expose().ends_with("[NAME_"), "{}", answer.text.expose());
}

#[tokio::test]
async fn pictures_and_what_cannot_be_followed_do_not_pass() {
    let (gate, heard) = gate();
    let mut request = question("echo");
    let image = Image { format: ImageFormat::Png, bytes: Phi::new(vec![1]) };
    request.messages[0].parts.push(Part::Image(image));
    assert!(matches!(gate.stream(&request).await.err(), Some(LlmError::Unsupported(_))));
    let many =
        (0..6_000).map(|number| format!("a{number}@example.org")).collect::<Vec<_>>().join(" ");
    request.messages = vec![Message::text(Role::User, many)];
    assert!(matches!(gate.stream(&request).await.err(), Some(LlmError::Unsupported(_))));
    assert!(heard.lock().unwrap().is_empty());
}

#[tokio::test]
async fn texts_to_be_turned_into_vectors_pass_the_gate_too() {
    let (gate, heard) = gate();
    let inputs = vec![Phi::new(SAID.to_owned())];
    let names = vec![Phi::new("Maren".to_owned())];
    gate.embed(&EmbedRequest { model: "echo".into(), inputs, dimensions: None, names })
        .await
        .unwrap();
    assert!(!heard.lock().unwrap().join("").contains("maren"));
}

#[tokio::test]
async fn words_of_tools_pass_the_gate_too_and_their_structure_stays() {
    let thoughts = Thoughts::default();
    let mut request = question("echo");
    request.tools.push(llm::Tool {
        name: "ask_greta".to_owned(),
        description: "Asks Greta Holm, m@example.org".to_owned(),
        parameters: json!({
            "type": "object",
            "properties": {
                "description": {"type": "string", "description": "What Maren wants"},
                "who": {"enum": ["Maren", "nobody"], "pattern": "^[A-Z]{2} 2024$"},
            },
            "required": ["description"],
        }),
    });
    let schema = json!({"type": "object", "title": "Of Greta Holm"});
    request.format = llm::Format::Schema { name: "shape".to_owned(), schema };
    let (covered, veil) = cover(&request, &thoughts).unwrap();
    let tool = &covered.tools[0];
    let told = format!("{}{}{:?}", tool.description, tool.parameters, covered.format);
    for word in ["Greta", "Holm", "Maren", "example.org"] {
        assert!(!told.contains(word), "{word} left: {told}");
    }
    assert_eq!(tool.name, "ask_greta");
    assert_eq!(tool.parameters["required"], json!(["description"]));
    assert_eq!(tool.parameters["properties"]["who"]["pattern"], "^[A-Z]{2} 2024$");
    // What the model writes for it comes back as it was.
    let who = tool.parameters["properties"]["who"]["enum"][0].to_string();
    let call = ToolCall { id: String::new(), name: String::new(), arguments: Phi::new(who) };
    assert_eq!(call_back(&veil, call).arguments.expose(), "\"Maren\"");
}

#[tokio::test]
async fn a_thought_goes_back_to_who_had_it_and_no_other_passes() {
    let thought = |text: &str| llm::Thought {
        text: Phi::new(text.to_owned()),
        seal: Some(Phi::new(format!("{{\"type\":\"thinking\",\"thinking\":\"{text}\"}}"))),
    };
    let thoughts = Arc::new(Thoughts::default());
    let (_, veil) = cover(&question("echo"), &thoughts).unwrap();
    let mut back = Back::new(veil, thoughts.clone());
    let came = back.piece(Ok(StreamEvent::Thought(thought("of [NAME_1]"))));
    assert!(matches!(came[..], [Ok(StreamEvent::Thought(_))]));
    let mut request = question("echo");
    let parts = ["of [NAME_1]", "of Greta Holm"].map(|text| Part::Thought(thought(text)));
    request.messages.push(Message { role: Role::Assistant, parts: parts.to_vec() });
    let (covered, _) = cover(&request, &thoughts).unwrap();
    let last = &covered.messages.last().unwrap().parts;
    assert!(matches!(&last[..], [Part::Thought(it)] if it.text.expose() == "of [NAME_1]"));
}
