use std::net::IpAddr;

/// Something that an administrator did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminEvent {
    /// Keycloak's word for what was done.
    pub operation: &'static str,
    /// Keycloak's word for what it was done to.
    pub resource_type: &'static str,
    /// Where that lies below the realm; none for the realm itself.
    pub resource_path: Option<String>,
    /// What was sent, JSON text without secrets; kept where the realm keeps details.
    pub representation: Option<String>,
    /// `id` of the administrator's realm.
    pub auth_realm: String,
    /// `id` of the client that acted for the administrator.
    pub auth_client: String,
    /// `id` of the administrator.
    pub auth_user: String,
    /// From where.
    pub ip_address: IpAddr,
}
