export const mcp = {
  "mcp.title": "Tools of other servers",
  "mcp.text":
    "Servers that speak the Model Context Protocol over HTTP. Models are told of nothing that you did not tick here, and each call waits for the person, unless they agreed to the tool in their conversation.",
  "mcp.add": "Add a server",
  "mcp.nameHint": "Lower-case letters, digits and dashes, 20 at most.",
  "mcp.localHint":
    "Only such a one may be on this machine or in your network, and go without TLS. What goes to any other is recorded as given to someone else.",
  "mcp.look": "Look at its tools",
  "mcp.allowed": "{count} {count, tool|tools} may be used",
  "mcp.empty": "It has no tools.",
  "mcp.silent": "It did not answer as agreed.",
  "mcp.standing.allowed": "allowed",
  "mcp.standing.changed": "changed since it was allowed, and not called until you tick it again",
  "mcp.standing.new": "new",
  "mcp.parameters": "What it wants to be told",
  "mcp.allow": "Allow what is ticked",
  "mcp.removeText": "Its key is deleted and its tools are gone for everybody.",
} as const;
