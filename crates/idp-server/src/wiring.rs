//! Where the crates meet: each gets what it needs.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use account::Account;
use admin_api::AdminApi;
use ambient::Entropy;
use authorization_services::AuthorizationServices;
use client_auth::ClientAuth;
use client_notification::{ClientNotifications, Retries};
use client_registration::ClientRegistration;
use decoupled_login::{AuthenticationChannel, DecoupledLogin};
use discovery::Discovery;
use events::{EventWriter, Events};
use key_rotation::{Keyrings, Takeover};
use login_flow::LoginFlow;
use login_pages::Pages;
use mail::Mailer;
use outbound_http::Outbound;
use passwords::{Blacklists, HashPool};
use realm_files::{Keeper, Status};
use realm_http::{Hostname, RealmHttp};
use realm_model::Realm;
use realm_store::{LiveRealms, RealmStore, Users};
use sessions::{RecordStore, Sessions, SessionsUrl};
use token_endpoint::TokenEndpoint;
use token_inspection::TokenInspection;
use token_issuer::{RealmKeys, TokenIssuer};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use user_authentication::UserAuthentication;

use crate::cli::{Profile, Settings};
use crate::client_key_sets::KeysOfClients;
use crate::explain::Explainer;
use crate::realms::{self, Realms};
use crate::server::{Options, StartError};
use crate::{production, rotation_requests};

/// How often keys are looked after: rotation, and what other nodes did.
const KEYS_EVERY: Duration = Duration::from_secs(60);

/// How often notes of `latchkey keys rotate` are looked for.
const NOTES_EVERY: Duration = Duration::from_secs(2);

/// Keys of so many realms are read or made right after the start, before anybody asks; those of further realms when they are
/// first asked for.
const REALMS_WARMED: usize = 100;

/// Everything a request can meet.
pub(crate) struct Parts {
    pub(crate) http: RealmHttp,
    pub(crate) hash_pool: Arc<HashPool>,
    pub(crate) realms: Arc<RealmStore>,
    pub(crate) live: Arc<LiveRealms>,
    /// How the realm files stand.
    pub(crate) files: Arc<Status>,
    /// Makes the server look at all realm files now.
    pub(crate) reload: Arc<Notify>,
    keeper: Mutex<Option<Keeper>>,
    /// Notifications that clients could not take yet.
    retries: Mutex<Option<Retries>>,
    event_writer: Mutex<Option<EventWriter>>,
    outbound: Outbound,
    /// Where it is recorded what happens.
    pub(crate) events: Events,
    pub(crate) admin_api: AdminApi,
    pub(crate) client_registration: ClientRegistration,
    pub(crate) store: Arc<dyn RecordStore>,
    pub(crate) keyrings: Arc<Keyrings>,
    pub(crate) client_auth: ClientAuth,
    pub(crate) token_endpoint: TokenEndpoint,
    pub(crate) token_inspection: TokenInspection,
    pub(crate) authorization_services: AuthorizationServices,
    pub(crate) login_flow: LoginFlow,
    pub(crate) account: Account,
    pub(crate) decoupled_login: DecoupledLogin,
    pub(crate) discovery: Arc<Discovery>,
    /// With `start-dev` alone.
    pub(crate) explainer: Option<Arc<Explainer>>,
    /// Where the themes are that can be looked at. With `start-dev` alone.
    pub(crate) previews: Option<Arc<login_pages::Config>>,
}

/// The lists of policy `passwordBlacklist`, where Keycloak has them.
fn password_lists(options: &Options) -> Result<Blacklists, StartError> {
    Blacklists::load(&options.settings.data.join("password-blacklists")).map_err(StartError::PasswordLists)
}

/// Who users are shown to be.
fn user_authentication(
    options: &Options,
    (sessions, users): (&Sessions, &Arc<dyn Users>),
    pool: &Arc<HashPool>,
) -> Result<UserAuthentication, StartError> {
    let (pool, entropy) = (Arc::clone(pool), Arc::clone(&options.entropy));
    let authentication = UserAuthentication::new(sessions.clone(), Arc::clone(users), pool, entropy);
    Ok(authentication.with_blacklists(password_lists(options)?))
}

/// Builds the parts.
pub(crate) async fn assemble(options: &Options) -> Result<Parts, StartError> {
    let hostname = Hostname::new(&options.settings.hostname)?;
    let hash_pool = Arc::new(HashPool::new(&passwords::Config::default()));
    let Realms { live, files, reload, keeper } = realms::load(options, &hash_pool).await?;
    let realms = Arc::clone(live.snapshots());
    production::refuse_demo_secrets(&options.settings, &realms, &options.environment)?;
    let store = open_store(options).await?;
    let (clock, entropy) = (Arc::clone(&options.clock), Arc::clone(&options.entropy));
    let keyrings = Arc::new(Keyrings::new(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&entropy)));
    let sessions = Sessions::new(Arc::clone(&store));
    let outbound = Outbound::new(&options.settings.outbound)?;
    let client_auth = ClientAuth::new(sessions.clone(), outbound.clone());
    let token_issuer = tokens_of(Arc::<Keyrings>::clone(&keyrings), &entropy, &client_auth);
    let (notifications, retries) = ClientNotifications::new(Arc::clone(&token_issuer), outbound.clone());
    let found: Arc<dyn Users> = live.users();
    let (events, event_writer) = Events::kept_in(Arc::clone(live.repository()), Arc::clone(&clock), Arc::clone(&entropy));
    let admin_api = AdminApi {
        user_authentication: user_authentication(options, (&sessions, &found), &hash_pool)?,
        live: Arc::clone(&live),
        sessions: sessions.clone(),
        token_issuer: Arc::clone(&token_issuer),
        notifications: notifications.clone(),
        hash_pool: Arc::clone(&hash_pool),
        keyrings: Arc::clone(&keyrings),
        events: events.clone(),
        mailer: mailer(options, &entropy),
        entropy: Arc::clone(&entropy),
    };
    let decoupled_login = decoupled_login((&admin_api, &found), &outbound, &options.settings)?;
    let pages = login_pages::Config { themes: options.settings.themes.clone() };
    let login_flow = login_flow((&admin_api, &found), &pages)?;
    let token_endpoint = token_endpoint(&admin_api, &found).with_client_auth(client_auth.clone());
    Ok(Parts {
        explainer: explainer(options, &live),
        previews: (options.settings.profile == Profile::Development).then(|| Arc::new(pages)),
        client_registration: client_registration(&admin_api, &client_auth),
        client_auth,
        authorization_services: protection_api((&token_endpoint, &admin_api), &found),
        token_endpoint,
        token_inspection: TokenInspection::new(sessions.clone(), found, Arc::clone(&token_issuer)).recording_in(events.clone()),
        account: account(&login_flow),
        login_flow,
        events,
        event_writer: Mutex::new(Some(event_writer)),
        outbound,
        decoupled_login,
        discovery: Arc::new(Discovery::new(Arc::clone(&keyrings))),
        http: RealmHttp { realms: Arc::<RealmStore>::clone(&realms), hostname: Arc::new(hostname), clock, entropy },
        hash_pool,
        realms,
        live,
        files,
        reload,
        keeper: Mutex::new(keeper),
        retries: Mutex::new(Some(retries)),
        admin_api,
        store,
        keyrings,
    })
}

/// Of the parts that the Admin API has, too.
fn token_endpoint(parts: &AdminApi, users: &Arc<dyn Users>) -> TokenEndpoint {
    let (authentication, keyrings) = (parts.user_authentication.clone(), Arc::clone(&parts.keyrings));
    let (issuer, entropy) = (Arc::clone(&parts.token_issuer), Arc::clone(&parts.entropy));
    let endpoint = TokenEndpoint::new((parts.sessions.clone(), Arc::clone(users)), authentication, keyrings, issuer, entropy);
    endpoint.recording_in(parts.events.clone())
}

/// What sends mail; on a development server that of realms without a mail server stays here.
fn mailer(options: &Options, entropy: &Arc<dyn Entropy>) -> Mailer {
    let mailer = Mailer::new(Arc::clone(entropy));
    if options.settings.profile == Profile::Development { mailer.with_mailbox(Arc::default()) } else { mailer }
}

fn explainer(options: &Options, live: &Arc<LiveRealms>) -> Option<Arc<Explainer>> {
    let (live, files) = (Arc::clone(live), options.settings.realms.clone());
    let environment = Arc::new(options.environment.clone());
    (options.settings.profile == Profile::Development).then(|| Arc::new(Explainer { live, files, environment }))
}

/// What signs, verifies, and encrypts to clients.
fn tokens_of(keys: Arc<dyn RealmKeys>, entropy: &Arc<dyn Entropy>, client_auth: &ClientAuth) -> Arc<TokenIssuer> {
    let client_keys = Arc::new(KeysOfClients(client_auth.clone()));
    Arc::new(TokenIssuer::new(keys, Arc::clone(entropy)).with_client_keys(client_keys))
}

/// Over the same parts as the Admin API.
fn login_flow((admin_api, users): (&AdminApi, &Arc<dyn Users>), pages: &login_pages::Config) -> Result<LoginFlow, StartError> {
    Ok(LoginFlow {
        user_authentication: admin_api.user_authentication.clone(),
        sessions: admin_api.sessions.clone(),
        users: Arc::clone(users),
        live: Arc::clone(&admin_api.live),
        token_issuer: Arc::clone(&admin_api.token_issuer),
        keyrings: Arc::clone(&admin_api.keyrings),
        notifications: admin_api.notifications.clone(),
        mailer: admin_api.mailer.clone(),
        pages: Arc::new(Pages::load(pages)?),
        events: admin_api.events.clone(),
    })
}

/// Over the same parts as logins.
fn account(login_flow: &LoginFlow) -> Account {
    Account {
        sessions: login_flow.sessions.clone(),
        users: Arc::clone(&login_flow.users),
        user_authentication: login_flow.user_authentication.clone(),
        token_issuer: Arc::clone(&login_flow.token_issuer),
        notifications: login_flow.notifications.clone(),
        pages: Arc::clone(&login_flow.pages),
        events: login_flow.events.clone(),
    }
}

/// The operator's own service: it may be in a private network, whatever clients may name. A development server without one asks on a
/// page.
fn authentication_channel(settings: &Settings) -> Result<Option<AuthenticationChannel>, StartError> {
    let Some(url) = settings.authentication_channel.clone() else {
        let on_page = || AuthenticationChannel::on_a_page(Arc::default());
        return Ok((settings.profile == Profile::Development).then(on_page));
    };
    let mut config = settings.outbound.clone();
    config.allow.extend(["loopback".to_owned(), "private".to_owned()]);
    Ok(Some(AuthenticationChannel::new(url, Outbound::new(&config)?)))
}

/// Over the same parts as the Admin API.
fn decoupled_login(
    (admin_api, users): (&AdminApi, &Arc<dyn Users>),
    outbound: &Outbound,
    settings: &Settings,
) -> Result<DecoupledLogin, StartError> {
    Ok(DecoupledLogin {
        sessions: admin_api.sessions.clone(),
        users: Arc::clone(users),
        token_issuer: Arc::clone(&admin_api.token_issuer),
        keyrings: Arc::clone(&admin_api.keyrings),
        outbound: outbound.clone(),
        channel: authentication_channel(settings)?,
        events: admin_api.events.clone(),
    })
}

/// Over the same parts as the Admin API.
fn client_registration(admin_api: &AdminApi, client_auth: &ClientAuth) -> ClientRegistration {
    ClientRegistration {
        live: Arc::clone(&admin_api.live),
        sessions: admin_api.sessions.clone(),
        token_issuer: Arc::clone(&admin_api.token_issuer),
        client_auth: client_auth.clone(),
        events: admin_api.events.clone(),
    }
}

/// Over the same parts as the two others.
fn protection_api((token_endpoint, admin_api): (&TokenEndpoint, &AdminApi), users: &Arc<dyn Users>) -> AuthorizationServices {
    AuthorizationServices {
        sessions: admin_api.sessions.clone(),
        users: Arc::clone(users),
        token_issuer: Arc::clone(&admin_api.token_issuer),
        permissions: token_endpoint.permissions().clone(),
        entropy: Arc::clone(&admin_api.entropy),
    }
}

/// Opens the session store; the folder of an embedded one is made where it is missing.
pub(crate) async fn open_store(options: &Options) -> Result<Arc<dyn RecordStore>, StartError> {
    let config = sessions::Config { url: options.settings.sessions.parse()? };
    let data = &options.settings.data;
    if config.url == SessionsUrl::Embedded {
        std::fs::create_dir_all(data).map_err(|error| StartError::Data(data.clone(), error))?;
    }
    Ok(sessions::open(&config, data).await?)
}

impl Parts {
    /// Whether the session store and the store of realms and users answer.
    pub(crate) async fn stores_are_reachable(&self) -> bool {
        self.store.ping().await.is_ok() && self.live.repository().ping().await.is_ok()
    }

    /// Records and bytes in the session store; zero where it does not tell.
    pub(crate) async fn stored(&self) -> (u64, u64) {
        let size = self.store.size().await.unwrap_or_default();
        (size.records, size.bytes)
    }

    /// Starts what goes on beside requests; the tasks are to be aborted at the end.
    pub(crate) fn start_background(&self, data: PathBuf) -> Vec<JoinHandle<()>> {
        let sweep = sessions::sweep_while_running(Arc::clone(&self.store), Arc::clone(&self.http.clock));
        let keys = look_after_keys(Arc::clone(&self.keyrings), Arc::clone(&self.realms));
        let notes = rotate_when_told(data, Arc::clone(&self.keyrings), Arc::clone(&self.realms));
        let mut tasks = vec![tokio::spawn(sweep), tokio::spawn(keys), tokio::spawn(notes)];
        tasks.push(tokio::spawn(Arc::clone(&self.live).follow()));
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        let writer = self.event_writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let deliverer = self.events.deliverer(Arc::clone(&self.realms), self.outbound.clone());
        tasks.extend(deliverer.map(|deliverer| tokio::spawn(deliverer.run())));
        tasks.extend(writer.map(|writer| tokio::spawn(writer.run())));
        tasks.extend(keeper.map(|keeper| tokio::spawn(keeper.run(Arc::clone(&self.reload)))));
        let retries = self.retries.lock().unwrap_or_else(PoisonError::into_inner).take();
        tasks.extend(retries.map(|retries| tokio::spawn(retries.run())));
        tasks
    }

    /// Makes sessions durable; to be called once, at the end.
    pub(crate) async fn shutdown(&self) {
        if let Err(error) = self.store.shutdown().await {
            log::error!("while stopping: {error}");
        }
    }
}

async fn look_after_keys(keyrings: Arc<Keyrings>, realms: Arc<RealmStore>) {
    for name in realms.realms().take(REALMS_WARMED) {
        let Some(realm) = realms.realm(name.as_str()) else { continue };
        if let Err(error) = keyrings.of(&realm).await {
            log::warn!("realm {name}: its keys are not there yet: {error}");
        }
    }
    loop {
        tokio::time::sleep(KEYS_EVERY).await;
        let now: Vec<Arc<Realm>> = realms.realms().filter_map(|name| realms.realm(name.as_str())).collect();
        keyrings.tick(now).await;
    }
}

/// Begins the rotations that `latchkey keys rotate` has left notes of.
async fn rotate_when_told(data: PathBuf, keyrings: Arc<Keyrings>, realms: Arc<RealmStore>) {
    loop {
        tokio::time::sleep(NOTES_EVERY).await;
        for realm in rotation_requests::take(&data).iter().filter_map(|name| realms.realm(name)) {
            match keyrings.rotate(&realm, Takeover::Announced).await {
                Ok(_) => log::info!("realm {}: new keys are announced, as told by `keys rotate`", realm.name),
                Err(error) => log::error!("realm {}: its keys are not rotated: {error}", realm.name),
            }
        }
    }
}
