-- A server of tools that an administrator set up. It belongs to the organisation itself, whose keys
-- seal its secret.
CREATE TABLE mcp_servers (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    local {bool} NOT NULL,
    secret {sealed},
    created_at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE UNIQUE INDEX mcp_servers_by_name ON mcp_servers (tenant_id, shard_id, user_id, name);

-- A tool of it that may be used: exactly as it was described when an administrator allowed it. What is
-- not here may not be used.
CREATE TABLE mcp_tools (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    server_id {uuid} NOT NULL,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, server_id, name)
){strict};
