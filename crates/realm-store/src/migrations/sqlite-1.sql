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

-- What a search looks at. The record itself lies beside it, so that a search reads little.
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
CREATE TABLE user_record (
    user INTEGER PRIMARY KEY REFERENCES user,
    body TEXT NOT NULL
);

-- Users in order. The indexes of users are tables of their own: so whoever adds thousands writes each in its order.
CREATE TABLE user_name (
    realm INTEGER NOT NULL,
    username TEXT NOT NULL,
    user INTEGER NOT NULL,
    -- 1: a service account
    service INTEGER NOT NULL,
    PRIMARY KEY (realm, username)
) WITHOUT ROWID;

-- By what users of a realm are found: a role, a group, an attribute (kind 'attribute'), an identity provider, a card, a field of the
-- user (kind 'field').
CREATE TABLE term (
    pk INTEGER PRIMARY KEY,
    realm INTEGER NOT NULL REFERENCES realm,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    name TEXT NOT NULL
);
CREATE UNIQUE INDEX term_key ON term (realm, kind, owner, name);

-- Which of them a user has, fields apart: '' for a role or group, else the value of the attribute, the user's id at the provider, the
-- hash of the card.
CREATE TABLE user_term (
    user INTEGER NOT NULL REFERENCES user,
    term INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (user, term, value)
) WITHOUT ROWID;

-- Who has it, fields too. Users of one era (262,144 made one after the other; 0 where the value is '') stand together: whoever adds
-- thousands to a million changes the pages of one era only. A lookup asks every era, one after the other.
CREATE TABLE user_by (
    term INTEGER NOT NULL,
    era INTEGER NOT NULL,
    value BLOB NOT NULL,
    user INTEGER NOT NULL,
    PRIMARY KEY (term, era, value, user)
) WITHOUT ROWID;
CREATE TABLE era (
    era INTEGER PRIMARY KEY
);

-- What changed, for those who hold copies: user NULL is the realm itself, '' is many users.
CREATE TABLE change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    realm TEXT NOT NULL,
    user TEXT
);
