//! Tools of other servers, as conversations use them.

use async_trait::async_trait;
use companion::{Tool, ToolFailed, ToolSpec, Touches};
use kernel::{Coded, Ctx, Phi};
use mcp::{Invalid, Mcp, McpError, Offered};

/// A tool of another server that an administrator allowed.
pub struct ServerTool {
    mcp: Mcp,
    offered: Offered,
    spec: ToolSpec,
}

impl ServerTool {
    pub fn new(mcp: Mcp, offered: Offered) -> Self {
        let spec = ToolSpec {
            name: offered.asked_as(),
            description: offered.definition.description().to_owned(),
            parameters: offered.definition.parameters().clone(),
            touches: if offered.is_local() { Touches::Nearby } else { Touches::Elsewhere },
            place: Some(offered.server().to_owned()),
        };
        Self { mcp, offered, spec }
    }
}

#[async_trait]
impl Tool for ServerTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn run(&self, ctx: &Ctx, arguments: &Phi<String>) -> Result<Phi<String>, ToolFailed> {
        let said = self.mcp.call(ctx, &self.offered, arguments).await;
        let said = said.map_err(|error| failed(&error))?;
        if said.failed { Err(ToolFailed("The tool says that it failed.")) } else { Ok(said.text) }
    }
}

fn failed(error: &McpError) -> ToolFailed {
    tracing::info!(%error, code = error.code().code, "a tool of a server could not be used");
    match error {
        McpError::Invalid(Invalid::Changed) => ToolFailed(
            "The tool is described differently from when it was allowed. An administrator has to look \
                at it first.",
        ),
        _ => ToolFailed("The server of the tool cannot be asked now."),
    }
}
