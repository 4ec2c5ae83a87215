-- Texts compare as bytes: the same order everywhere, and prefixes are found by plain indexes.

CREATE TABLE latchkey_tables (
    version bigint NOT NULL,
    oldest bigint NOT NULL
);
INSERT INTO latchkey_tables VALUES (0, 0);

CREATE TABLE latchkey_realm (
    no integer GENERATED ALWAYS AS IDENTITY CONSTRAINT latchkey_realm_no PRIMARY KEY,
    name text COLLATE "C" NOT NULL CONSTRAINT latchkey_realm_name UNIQUE,
    id text COLLATE "C" NOT NULL CONSTRAINT latchkey_realm_id UNIQUE,
    template text NOT NULL,
    version bigint NOT NULL
);

-- The body is text, not jsonb: members keep their order. NULL: a built-in entity that was taken away; it has no id.
CREATE TABLE latchkey_entity (
    realm integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    id text COLLATE "C",
    version bigint NOT NULL,
    body text,
    CONSTRAINT latchkey_entity_key PRIMARY KEY (realm, kind, owner, name),
    CONSTRAINT latchkey_entity_id UNIQUE (realm, kind, id)
);

-- A user's kind is 'user'.
CREATE TABLE latchkey_declared (
    realm integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    base text NOT NULL,
    file text NOT NULL,
    CONSTRAINT latchkey_declared_key PRIMARY KEY (realm, kind, owner, name)
);

-- Beside the body only what users are found by, in lower case. No foreign keys: every writer holds the realm's row, and a check per row
-- would double the cost of an import.
CREATE TABLE latchkey_user (
    no bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT latchkey_user_no PRIMARY KEY,
    realm integer NOT NULL,
    id text COLLATE "C" NOT NULL,
    username text COLLATE "C" NOT NULL,
    email text COLLATE "C",
    first_name text COLLATE "C",
    last_name text COLLATE "C",
    enabled boolean NOT NULL,
    email_verified boolean NOT NULL,
    service_account text COLLATE "C",
    version bigint NOT NULL,
    body text NOT NULL,
    CONSTRAINT latchkey_user_id UNIQUE (realm, id),
    CONSTRAINT latchkey_user_username UNIQUE (realm, username)
);
CREATE INDEX latchkey_user_email ON latchkey_user (realm, email) WHERE email IS NOT NULL;
CREATE INDEX latchkey_user_first_name ON latchkey_user (realm, first_name) WHERE first_name IS NOT NULL;
CREATE INDEX latchkey_user_last_name ON latchkey_user (realm, last_name) WHERE last_name IS NOT NULL;
CREATE INDEX latchkey_user_service_account ON latchkey_user (realm, service_account) WHERE service_account IS NOT NULL;

CREATE TABLE latchkey_attribute (
    user_no bigint NOT NULL,
    realm integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL
);
CREATE INDEX latchkey_attribute_user ON latchkey_attribute (user_no);
CREATE INDEX latchkey_attribute_value ON latchkey_attribute (realm, name, value);

CREATE TABLE latchkey_identity (
    user_no bigint NOT NULL,
    realm integer NOT NULL,
    provider text COLLATE "C" NOT NULL,
    provider_user text COLLATE "C" NOT NULL
);
CREATE INDEX latchkey_identity_user ON latchkey_identity (user_no);
CREATE INDEX latchkey_identity_provider ON latchkey_identity (realm, provider, provider_user);

CREATE TABLE latchkey_card (
    user_no bigint NOT NULL,
    realm integer NOT NULL,
    hash text COLLATE "C" NOT NULL
);
CREATE INDEX latchkey_card_user ON latchkey_card (user_no);
CREATE INDEX latchkey_card_hash ON latchkey_card (realm, hash);

-- Every role and group that any user has or had: its name stands once, not a million times.
CREATE TABLE latchkey_membership (
    no bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT latchkey_membership_no PRIMARY KEY,
    realm integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    CONSTRAINT latchkey_membership_key UNIQUE (realm, kind, owner, name)
);

CREATE TABLE latchkey_member (
    user_no bigint NOT NULL,
    membership bigint NOT NULL,
    CONSTRAINT latchkey_member_key PRIMARY KEY (user_no, membership)
);
CREATE INDEX latchkey_member_membership ON latchkey_member (membership, user_no);

-- The number of the last commit. Whoever takes the next one holds this row until the end of the transaction: numbers rise in the
-- order in which commits become visible.
CREATE TABLE latchkey_feed (last bigint NOT NULL) WITH (fillfactor = 10);
INSERT INTO latchkey_feed VALUES (0);

-- user_id NULL: the realm itself or its entities; '': many users.
CREATE TABLE latchkey_change (
    seq bigint NOT NULL,
    realm_id text NOT NULL,
    user_id text
);
CREATE INDEX latchkey_change_seq ON latchkey_change (seq);
