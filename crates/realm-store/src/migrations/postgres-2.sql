-- What happened. `realm` is an id, without reference: what is appended must not fail because a realm goes.
CREATE TABLE latchkey_event (
    seq bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT latchkey_event_seq PRIMARY KEY,
    realm text COLLATE "C" NOT NULL,
    -- 'user' or 'admin'
    kind text COLLATE "C" NOT NULL,
    -- whether the Admin API shows it; else it waits for webhooks alone
    shown boolean NOT NULL,
    -- milliseconds; NULL: it never expires
    time bigint NOT NULL,
    expires bigint,
    type text COLLATE "C" NOT NULL,
    client text COLLATE "C",
    user_id text COLLATE "C",
    ip text COLLATE "C" NOT NULL,
    resource text COLLATE "C",
    path text COLLATE "C",
    auth_realm text COLLATE "C",
    body text NOT NULL
);
CREATE INDEX latchkey_event_realm ON latchkey_event (realm, seq);
CREATE INDEX latchkey_event_expires ON latchkey_event (expires) WHERE expires IS NOT NULL;

-- How far each subscriber of a realm has come.
CREATE TABLE latchkey_event_cursor (
    realm text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    body text NOT NULL,
    CONSTRAINT latchkey_event_cursor_key PRIMARY KEY (realm, name)
);
