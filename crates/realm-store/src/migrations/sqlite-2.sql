-- What happened. `realm` is an id, without reference: what is appended must not fail because a realm goes.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    realm TEXT NOT NULL,
    -- 'user' or 'admin'
    kind TEXT NOT NULL,
    -- whether the Admin API shows it; else it waits for webhooks alone
    shown INTEGER NOT NULL,
    -- milliseconds; NULL: it never expires
    time INTEGER NOT NULL,
    expires INTEGER,
    type TEXT NOT NULL,
    client TEXT,
    user TEXT,
    ip TEXT NOT NULL,
    resource TEXT,
    path TEXT,
    auth_realm TEXT,
    body TEXT NOT NULL
);
CREATE INDEX event_realm ON event (realm, seq);
CREATE INDEX event_expires ON event (expires) WHERE expires IS NOT NULL;

-- How far each subscriber of a realm has come.
CREATE TABLE event_cursor (
    realm TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (realm, name)
) WITHOUT ROWID;
