CREATE TABLE realm (
    pk INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    template TEXT NOT NULL,
    version INTEGER NOT NULL
);

CREATE TABLE entity (
    pk INTEGER PRIMARY KEY,
    realm INTEGER NOT NULL REFERENCES realm,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- NULL: a built-in entity that was taken away
    body TEXT
);
CREATE UNIQUE INDEX entity_key ON entity (realm, kind, owner, name);
CREATE UNIQUE INDEX entity_id ON entity (realm, kind, id) WHERE id <> '';

-- What files said when they were last applied.
CREATE TABLE declared (
    pk INTEGER PRIMARY KEY,
    realm INTEGER NOT NULL REFERENCES realm,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    base TEXT NOT NULL,
    file TEXT NOT NULL
);
CREATE UNIQUE INDEX declared_key ON declared (realm, kind, owner, name);
CREATE TABLE declared_user (
    pk INTEGER PRIMARY KEY,
    realm INTEGER NOT NULL REFERENCES realm,
    username TEXT NOT NULL,
    base TEXT NOT NULL,
    file TEXT NOT NULL
);
CREATE UNIQUE INDEX declared_user_key ON declared_user (realm, username);

-- What users are found by. The record itself lies beside it, so that a search reads little.
CREATE TABLE user (
    pk INTEGER PRIMARY KEY,
    realm INTEGER NOT NULL REFERENCES realm,
    -- 16 bytes where it is a UUID
    id BLOB NOT NULL,
    username TEXT NOT NULL,
    email TEXT,
    first_name TEXT,
    last_name TEXT,
    enabled INTEGER NOT NULL,
    email_verified INTEGER NOT NULL,
    service_account TEXT,
    version INTEGER NOT NULL
);
CREATE UNIQUE INDEX user_id ON user (realm, id);
CREATE UNIQUE INDEX user_username ON user (realm, username);
CREATE INDEX user_email ON user (realm, email) WHERE email IS NOT NULL;
CREATE INDEX user_first_name ON user (realm, first_name) WHERE first_name IS NOT NULL;
CREATE INDEX user_last_name ON user (realm, last_name) WHERE last_name IS NOT NULL;
CREATE INDEX user_service_account ON user (realm, service_account) WHERE service_account IS NOT NULL;

CREATE TABLE user_record (
    user INTEGER PRIMARY KEY REFERENCES user,
    body TEXT NOT NULL
);

-- What many users share: a role, a group, the name of an attribute (kind 'attribute'), an identity provider, being found by a card
-- (kind 'card').
CREATE TABLE term (
    pk INTEGER PRIMARY KEY,
    realm INTEGER NOT NULL REFERENCES realm,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL
);
CREATE UNIQUE INDEX term_key ON term (realm, kind, owner, name);

-- Who has it: '' for a role or group, else the value of the attribute, the user's id at the provider, the hash of the card.
CREATE TABLE user_term (
    user INTEGER NOT NULL REFERENCES user,
    term INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (user, term, value)
) WITHOUT ROWID;
CREATE INDEX user_term_of ON user_term (term, value, user);

-- What changed, for those who hold copies: user NULL is the realm itself, '' is many users.
CREATE TABLE change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    realm TEXT NOT NULL,
    user TEXT
);
