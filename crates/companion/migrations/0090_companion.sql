-- A conversation. `head` holds its title and the model that was chosen for it. `leaf_id` is the
-- last message of the branch that is shown.
CREATE TABLE companion_conversations (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    version {int} NOT NULL,
    archived {bool} NOT NULL,
    messages {int} NOT NULL,
    leaf_id {uuid},
    head {sealed} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX companion_conversations_by_time
    ON companion_conversations (tenant_id, shard_id, user_id, archived, updated_at, id);

-- One message in the tree of its conversation. An answer is `running` while a model writes it;
-- who writes it renews `lease_until`, and whoever finds a lease that ran out brings the message to
-- its end. `reserved_*` is what the answer holds of the person's allowance of `quota_day` until
-- then: state and allowance change in one transaction, so that each is settled once.
CREATE TABLE companion_messages (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    conversation_id {uuid} NOT NULL,
    parent_id {uuid},
    role {int} NOT NULL,
    state {int} NOT NULL,
    created_at {time} NOT NULL,
    body {sealed} NOT NULL,
    lease_until {time},
    stop_wanted {bool} NOT NULL,
    quota_day {int},
    reserved_tokens {int} NOT NULL,
    reserved_cost {int} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX companion_messages_by_conversation
    ON companion_messages (tenant_id, shard_id, user_id, conversation_id, created_at, id);
CREATE INDEX companion_messages_running ON companion_messages (lease_until) WHERE state = 0;

-- What a person has used and holds of a day's allowance, in UTC days since 1970.
CREATE TABLE companion_allowance (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    day {int} NOT NULL,
    messages {int} NOT NULL,
    tokens {int} NOT NULL,
    cost {int} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, day)
){strict};

-- How fast a person sends: the moment at which all that was sent would have been let through at
-- an even pace.
CREATE TABLE companion_pace (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    paid_until {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id)
){strict};

-- What was used, by day and model. It outlives the conversations and goes with the account.
-- `unpriced` counts answers of models whose price is not known; `estimated` those whose tokens
-- were counted here because the provider did not say.
CREATE TABLE companion_usage (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    day {int} NOT NULL,
    model TEXT NOT NULL,
    answers {int} NOT NULL,
    input_tokens {int} NOT NULL,
    cached_tokens {int} NOT NULL,
    output_tokens {int} NOT NULL,
    cost {int} NOT NULL,
    unpriced {int} NOT NULL,
    estimated {int} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, day, model)
){strict};
CREATE INDEX companion_usage_by_day ON companion_usage (tenant_id, day, model);
