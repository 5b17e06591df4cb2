// What the server says on pages that are loaded later: the translations come with the words of those.
export const errorsOfPages = {
  "error.MCP_INVALID": "This cannot be taken as it is.",
  "error.MCP_NAME_TAKEN": "There is a server of this name already.",
  "error.MCP_NOT_FOUND": "There is no such server of tools.",
  "error.MCP_SERVERS_FULL": "There are as many servers as there can be. Remove one first.",
  "error.MCP_UNREACHABLE": "This server of tools cannot be asked now.",
} as const;
