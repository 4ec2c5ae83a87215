//! Keycloak's JSON representations: what stands in a realm file, unchecked.

use std::collections::BTreeMap;

use super::lenient::{Flag, Text, TextMap, TextsMap, Whole};
use super::representation_macro::representation;

representation! {
    /// A realm (`RealmRepresentation`).
    RealmRepresentation {
        id: Option<Text> = "id",
        realm: Option<Text> = "realm",
        display_name: Option<Text> = "displayName",
        enabled: Option<Flag> = "enabled",
        ssl_required: Option<Text> = "sslRequired",
        not_before: Option<Whole> = "notBefore",
        default_signature_algorithm: Option<Text> = "defaultSignatureAlgorithm",
        revoke_refresh_token: Option<Flag> = "revokeRefreshToken",
        refresh_token_max_reuse: Option<Whole> = "refreshTokenMaxReuse",
        access_token_lifespan: Option<Whole> = "accessTokenLifespan",
        access_token_lifespan_for_implicit_flow: Option<Whole> = "accessTokenLifespanForImplicitFlow",
        sso_session_idle_timeout: Option<Whole> = "ssoSessionIdleTimeout",
        sso_session_max_lifespan: Option<Whole> = "ssoSessionMaxLifespan",
        sso_session_idle_timeout_remember_me: Option<Whole> = "ssoSessionIdleTimeoutRememberMe",
        sso_session_max_lifespan_remember_me: Option<Whole> = "ssoSessionMaxLifespanRememberMe",
        offline_session_idle_timeout: Option<Whole> = "offlineSessionIdleTimeout",
        offline_session_max_lifespan_enabled: Option<Flag> = "offlineSessionMaxLifespanEnabled",
        offline_session_max_lifespan: Option<Whole> = "offlineSessionMaxLifespan",
        client_session_idle_timeout: Option<Whole> = "clientSessionIdleTimeout",
        client_session_max_lifespan: Option<Whole> = "clientSessionMaxLifespan",
        client_offline_session_idle_timeout: Option<Whole> = "clientOfflineSessionIdleTimeout",
        client_offline_session_max_lifespan: Option<Whole> = "clientOfflineSessionMaxLifespan",
        access_code_lifespan: Option<Whole> = "accessCodeLifespan",
        verify_email: Option<Flag> = "verifyEmail",
        login_with_email_allowed: Option<Flag> = "loginWithEmailAllowed",
        duplicate_emails_allowed: Option<Flag> = "duplicateEmailsAllowed",
        registration_allowed: Option<Flag> = "registrationAllowed",
        brute_force_protected: Option<Flag> = "bruteForceProtected",
        permanent_lockout: Option<Flag> = "permanentLockout",
        max_temporary_lockouts: Option<Whole> = "maxTemporaryLockouts",
        brute_force_strategy: Option<Text> = "bruteForceStrategy",
        max_failure_wait_seconds: Option<Whole> = "maxFailureWaitSeconds",
        minimum_quick_login_wait_seconds: Option<Whole> = "minimumQuickLoginWaitSeconds",
        wait_increment_seconds: Option<Whole> = "waitIncrementSeconds",
        quick_login_check_milli_seconds: Option<Whole> = "quickLoginCheckMilliSeconds",
        max_delta_time_seconds: Option<Whole> = "maxDeltaTimeSeconds",
        failure_factor: Option<Whole> = "failureFactor",
        max_secondary_auth_failures: Option<Whole> = "maxSecondaryAuthFailures",
        password_policy: Option<Text> = "passwordPolicy",
        otp_policy_look_ahead_window: Option<Whole> = "otpPolicyLookAheadWindow",
        default_role: Option<RoleRepresentation> = "defaultRole",
        default_roles: Vec<Text> = "defaultRoles",
        roles: Option<RolesRepresentation> = "roles",
        groups: Vec<GroupRepresentation> = "groups",
        users: Vec<UserRepresentation> = "users",
        scope_mappings: Vec<ScopeMappingRepresentation> = "scopeMappings",
        client_scope_mappings: BTreeMap<String, Vec<ScopeMappingRepresentation>> = "clientScopeMappings",
        clients: Vec<ClientRepresentation> = "clients",
        client_scopes: Option<Vec<ClientScopeRepresentation>> = "clientScopes",
        default_default_client_scopes: Vec<Text> = "defaultDefaultClientScopes",
        default_optional_client_scopes: Vec<Text> = "defaultOptionalClientScopes",
        browser_security_headers: TextMap = "browserSecurityHeaders",
        components: BTreeMap<String, Vec<ComponentRepresentation>> = "components",
        authentication_flows: Vec<FlowRepresentation> = "authenticationFlows",
        authenticator_configs: Vec<AuthenticatorConfigRepresentation> = "authenticatorConfig",
        required_actions: Option<Vec<RequiredActionRepresentation>> = "requiredActions",
        identity_providers: Vec<IdentityProviderRepresentation> = "identityProviders",
        organizations_enabled: Option<Flag> = "organizationsEnabled",
        organizations: Vec<OrganizationRepresentation> = "organizations",
        events_enabled: Option<Flag> = "eventsEnabled",
        events_expiration: Option<Whole> = "eventsExpiration",
        enabled_event_types: Vec<Text> = "enabledEventTypes",
        admin_events_enabled: Option<Flag> = "adminEventsEnabled",
        admin_events_details_enabled: Option<Flag> = "adminEventsDetailsEnabled",
        attributes: TextMap = "attributes",
    } carried: [
        "$schema", "displayNameHtml", "accessCodeLifespanUserAction", "accessCodeLifespanLogin", "actionTokenGeneratedByAdminLifespan",
        "actionTokenGeneratedByUserLifespan", "oauth2DeviceCodeLifespan", "oauth2DevicePollingInterval",
        "registrationEmailAsUsername", "rememberMe", "resetPasswordAllowed", "editUsernameAllowed",
        "defaultGroups", "requiredCredentials", "otpPolicyType", "otpPolicyAlgorithm", "otpPolicyInitialCounter",
        "otpPolicyDigits", "otpPolicyPeriod", "otpPolicyCodeReusable", "otpSupportedApplications", "localizationTexts",
        "webAuthnPolicyRpEntityName", "webAuthnPolicySignatureAlgorithms", "webAuthnPolicyRpId",
        "webAuthnPolicyAttestationConveyancePreference", "webAuthnPolicyAuthenticatorAttachment",
        "webAuthnPolicyRequireResidentKey", "webAuthnPolicyResidentKey", "webAuthnPolicyUserVerificationRequirement",
        "webAuthnPolicyCreateTimeout", "webAuthnPolicyAvoidSameAuthenticatorRegister", "webAuthnPolicyAcceptableAaguids",
        "webAuthnPolicyExtraOrigins", "webAuthnPolicyPasswordlessRpEntityName",
        "webAuthnPolicyPasswordlessSignatureAlgorithms", "webAuthnPolicyPasswordlessRpId",
        "webAuthnPolicyPasswordlessAttestationConveyancePreference", "webAuthnPolicyPasswordlessAuthenticatorAttachment",
        "webAuthnPolicyPasswordlessRequireResidentKey", "webAuthnPolicyPasswordlessResidentKey",
        "webAuthnPolicyPasswordlessUserVerificationRequirement", "webAuthnPolicyPasswordlessCreateTimeout",
        "webAuthnPolicyPasswordlessAvoidSameAuthenticatorRegister", "webAuthnPolicyPasswordlessAcceptableAaguids",
        "webAuthnPolicyPasswordlessExtraOrigins", "webAuthnPolicyPasswordlessPasskeysEnabled", "smtpServer", "loginTheme",
        "accountTheme", "adminTheme", "emailTheme", "eventsListeners",
        "identityProviderMappers", "protocolMappers", "internationalizationEnabled", "supportedLocales", "defaultLocale",
        "browserFlow", "registrationFlow", "resetCredentialsFlow", "directGrantFlow",
        "clientAuthenticationFlow", "dockerAuthenticationFlow", "firstBrokerLoginFlow", "keycloakVersion",
        "userManagedAccessAllowed", "verifiableCredentialsEnabled",
        "adminPermissionsEnabled", "scimApiEnabled", "clientProfiles", "clientPolicies", "federatedUsers", "applications",
        "oauthClients", "clientTemplates", "applicationScopeMappings", "userFederationProviders", "userFederationMappers",
        "social", "socialProviders", "updateProfileOnInitialSocialLogin", "privateKey", "publicKey", "certificate",
        "codeSecret", "passwordCredentialGrantAllowed", "userCacheEnabled", "realmCacheEnabled",
    ]
}

representation! {
    /// `roles` of a realm.
    RolesRepresentation {
        realm: Vec<RoleRepresentation> = "realm",
        client: BTreeMap<String, Vec<RoleRepresentation>> = "client",
    } carried: ["application"]
}

representation! {
    /// A role.
    RoleRepresentation {
        id: Option<Text> = "id",
        name: Option<Text> = "name",
        description: Option<Text> = "description",
        composites: Option<CompositesRepresentation> = "composites",
        attributes: TextsMap = "attributes",
    } carried: ["composite", "clientRole", "containerId", "scopeParamRequired"]
}

representation! {
    /// `composites` of a role.
    CompositesRepresentation {
        realm: Vec<Text> = "realm",
        client: BTreeMap<String, Vec<Text>> = "client",
    } carried: ["application"]
}

representation! {
    /// A group.
    GroupRepresentation {
        id: Option<Text> = "id",
        name: Option<Text> = "name",
        sub_groups: Vec<GroupRepresentation> = "subGroups",
        attributes: TextsMap = "attributes",
        realm_roles: Vec<Text> = "realmRoles",
        client_roles: BTreeMap<String, Vec<Text>> = "clientRoles",
    } carried: ["path", "parentId", "subGroupCount", "access", "description"]
}

representation! {
    /// An organization.
    OrganizationRepresentation {
        id: Option<Text> = "id",
        name: Option<Text> = "name",
        alias: Option<Text> = "alias",
        enabled: Option<Flag> = "enabled",
        attributes: TextsMap = "attributes",
        domains: Vec<DomainRepresentation> = "domains",
        members: Vec<MemberRepresentation> = "members",
        groups: Vec<GroupRepresentation> = "groups",
    } carried: ["description", "redirectUrl", "identityProviders"]
}

representation! {
    /// A domain of an organization.
    DomainRepresentation {
        name: Option<Text> = "name",
        verified: Option<Flag> = "verified",
    } carried: []
}

representation! {
    /// A member of an organization: a user, of whom the name is enough.
    MemberRepresentation {
        username: Option<Text> = "username",
        groups: Vec<Text> = "groups",
    } carried: []
}

representation! {
    /// A user.
    UserRepresentation {
        id: Option<Text> = "id",
        username: Option<Text> = "username",
        email: Option<Text> = "email",
        email_verified: Option<Flag> = "emailVerified",
        enabled: Option<Flag> = "enabled",
        first_name: Option<Text> = "firstName",
        last_name: Option<Text> = "lastName",
        attributes: TextsMap = "attributes",
        credentials: Vec<CredentialRepresentation> = "credentials",
        required_actions: Vec<Text> = "requiredActions",
        realm_roles: Vec<Text> = "realmRoles",
        client_roles: BTreeMap<String, Vec<Text>> = "clientRoles",
        groups: Vec<Text> = "groups",
        not_before: Option<Whole> = "notBefore",
        service_account_client_id: Option<Text> = "serviceAccountClientId",
        created_timestamp: Option<Whole> = "createdTimestamp",
        client_consents: Vec<ConsentRepresentation> = "clientConsents",
    } carried: [
        "federatedIdentities", "federationLink", "disableableCredentialTypes", "totp", "access", "origin",
        "self", "userProfileMetadata", "applicationRoles", "socialLinks", "verifiableCredentials",
    ]
}

representation! {
    /// What a user has granted to a client.
    ConsentRepresentation {
        client_id: Option<Text> = "clientId",
        granted_client_scopes: Vec<Text> = "grantedClientScopes",
    } carried: ["createdDate", "lastUpdatedDate", "grantedRealmRoles"]
}

representation! {
    /// An identity provider.
    IdentityProviderRepresentation {
        alias: Option<Text> = "alias",
        provider_id: Option<Text> = "providerId",
        display_name: Option<Text> = "displayName",
        enabled: Option<Flag> = "enabled",
        hide_on_login: Option<Flag> = "hideOnLogin",
        link_only: Option<Flag> = "linkOnly",
        config: TextMap = "config",
    } carried: [
        "internalId", "updateProfileFirstLoginMode", "trustEmail", "storeToken", "addReadTokenRoleOnCreate",
        "authenticateByDefault", "firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias",
        "organizationId", "types", "updateProfileFirstLogin",
    ]
}

representation! {
    /// A credential of a user.
    CredentialRepresentation {
        id: Option<Text> = "id",
        kind: Option<Text> = "type",
        user_label: Option<Text> = "userLabel",
        priority: Option<Whole> = "priority",
        value: Option<Text> = "value",
        secret_data: Option<Text> = "secretData",
        credential_data: Option<Text> = "credentialData",
        created_date: Option<Whole> = "createdDate",
    } carried: [
        "temporary", "device", "hashedSaltedValue", "salt", "hashIterations", "counter", "algorithm", "digits",
        "period", "config", "federationLink",
    ]
}

representation! {
    /// A client.
    ClientRepresentation {
        id: Option<Text> = "id",
        client_id: Option<Text> = "clientId",
        name: Option<Text> = "name",
        enabled: Option<Flag> = "enabled",
        protocol: Option<Text> = "protocol",
        public_client: Option<Flag> = "publicClient",
        bearer_only: Option<Flag> = "bearerOnly",
        consent_required: Option<Flag> = "consentRequired",
        standard_flow_enabled: Option<Flag> = "standardFlowEnabled",
        implicit_flow_enabled: Option<Flag> = "implicitFlowEnabled",
        direct_access_grants_enabled: Option<Flag> = "directAccessGrantsEnabled",
        service_accounts_enabled: Option<Flag> = "serviceAccountsEnabled",
        full_scope_allowed: Option<Flag> = "fullScopeAllowed",
        client_authenticator_type: Option<Text> = "clientAuthenticatorType",
        secret: Option<Text> = "secret",
        root_url: Option<Text> = "rootUrl",
        redirect_uris: Vec<Text> = "redirectUris",
        web_origins: Option<Vec<Text>> = "webOrigins",
        not_before: Option<Whole> = "notBefore",
        default_client_scopes: Option<Vec<Text>> = "defaultClientScopes",
        optional_client_scopes: Option<Vec<Text>> = "optionalClientScopes",
        protocol_mappers: Vec<MapperRepresentation> = "protocolMappers",
        default_roles: Vec<Text> = "defaultRoles",
        attributes: TextMap = "attributes",
    } carried: [
        "description", "type", "adminUrl", "baseUrl", "surrogateAuthRequired", "alwaysDisplayInConsole",
        "authorizationServicesEnabled", "authorizationSettings", "frontchannelLogout", "authenticationFlowBindingOverrides",
        "nodeReRegistrationTimeout", "registeredNodes", "registrationAccessToken", "directGrantsOnly", "clientTemplate",
        "useTemplateConfig", "useTemplateScope", "useTemplateMappers", "access", "origin",
    ]
}

representation! {
    /// A client scope.
    ClientScopeRepresentation {
        id: Option<Text> = "id",
        name: Option<Text> = "name",
        protocol: Option<Text> = "protocol",
        attributes: TextMap = "attributes",
        protocol_mappers: Vec<MapperRepresentation> = "protocolMappers",
    } carried: ["description"]
}

representation! {
    /// A protocol mapper.
    MapperRepresentation {
        id: Option<Text> = "id",
        name: Option<Text> = "name",
        protocol_mapper: Option<Text> = "protocolMapper",
        config: TextMap = "config",
    } carried: ["protocol", "consentRequired", "consentText"]
}

representation! {
    /// Which roles are in the scope of a client or client scope.
    ScopeMappingRepresentation {
        client: Option<Text> = "client",
        client_scope: Option<Text> = "clientScope",
        roles: Vec<Text> = "roles",
    } carried: ["self", "clientTemplate"]
}

representation! {
    /// A component: a key provider, the user profile, …
    ComponentRepresentation {
        id: Option<Text> = "id",
        name: Option<Text> = "name",
        provider_id: Option<Text> = "providerId",
        config: TextsMap = "config",
    } carried: ["subType", "subComponents", "parentId", "providerType"]
}

representation! {
    /// An authentication flow.
    FlowRepresentation {
        alias: Option<Text> = "alias",
        id: Option<Text> = "id",
        provider_id: Option<Text> = "providerId",
        top_level: Option<Flag> = "topLevel",
        executions: Vec<ExecutionRepresentation> = "authenticationExecutions",
    } carried: ["description", "builtIn"]
}

representation! {
    /// A step of an authentication flow.
    ExecutionRepresentation {
        authenticator: Option<Text> = "authenticator",
        flow_alias: Option<Text> = "flowAlias",
        requirement: Option<Text> = "requirement",
        priority: Option<Whole> = "priority",
        authenticator_config: Option<Text> = "authenticatorConfig",
    } carried: ["authenticatorFlow", "autheticatorFlow", "userSetupAllowed", "id", "parentFlow", "flowId"]
}

representation! {
    /// The configuration of an authenticator.
    AuthenticatorConfigRepresentation {
        id: Option<Text> = "id",
        alias: Option<Text> = "alias",
        config: TextMap = "config",
    } carried: []
}

representation! {
    /// What a user may have to do before a login is finished.
    RequiredActionRepresentation {
        alias: Option<Text> = "alias",
        name: Option<Text> = "name",
        provider_id: Option<Text> = "providerId",
        enabled: Option<Flag> = "enabled",
        default_action: Option<Flag> = "defaultAction",
        priority: Option<Whole> = "priority",
        config: TextMap = "config",
    } carried: ["id"]
}

representation! {
    /// `<realm>-users-N.json`
    UsersRepresentation {
        realm: Option<Text> = "realm",
        users: Vec<UserRepresentation> = "users",
    } carried: ["federatedUsers"]
}
