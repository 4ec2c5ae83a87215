//! A PostgreSQL server of the test's own, from Debian's packages. Also taken, by its path, into the tests of `realm-store`.

#![allow(dead_code)] // each of the two uses what it needs

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

/// The superuser, who owns the database of the same name.
pub const USER: &str = "latchkey";

/// Its password.
pub const PASSWORD: &str = "hunter2-of-the-tests";

/// Makes a server and does what it is told, line by line, answering each with a line. When nobody is there to tell it any more, however
/// that came about, the server ends and its files are gone.
const KEEPER: &str = r#"
trap '' INT TERM HUP PIPE
cd /
folder=$(mktemp -d) || exit 1
data=$folder/data
start() { "$bin/pg_ctl" start -D "$data" -w -t 60 -l "$folder/log" -o "-p $port -k $folder" >/dev/null && echo started || cat "$folder/log"; }
stop() { "$bin/pg_ctl" stop -D "$data" -w -m "$1" >/dev/null; echo stopped; }
processes() { pid=$(head -1 "$data/postmaster.pid"); echo "$pid"; cat "/proc/$pid/task/$pid/children"; }
printf %s "$password" >"$folder/password"
"$bin/initdb" -D "$data" -U "$user" -A scram-sha-256 --pwfile="$folder/password" -E UTF8 --no-locale --no-sync >"$folder/log" 2>&1 || cat "$folder/log"
cat >>"$data/postgresql.conf" <<END
listen_addresses = '127.0.0.1'
max_connections = 300
fsync = off
full_page_writes = off
END
start
while read -r word rest; do
  case $word in
    start) start ;;
    stop) stop immediate ;;
    freeze) kill -STOP $(processes); echo frozen ;;
    thaw) kill -CONT $(processes); echo thawed ;;
    set) echo "$rest" >>"$data/postgresql.conf"; echo set ;;
    file) umask 077; printf %s "${rest#* }" | tr '|' '\n' >"$data/${rest%% *}"; echo written ;;
  esac
done
stop immediate >/dev/null
rm -rf "$folder"
"#;

/// A server that runs as long as this value.
pub struct PostgresServer {
    pub port: u16,
    keeper: Mutex<Keeper>,
}

struct Keeper {
    process: Child,
    /// Closed to end it.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.process.wait();
    }
}

/// The folder of the newest server that is installed.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
    let folders = versions.map(|version| version.path().join("bin")).filter(|folder| folder.join("initdb").exists());
    folders.max_by_key(|folder| folder.parent().and_then(|version| version.file_name()?.to_str()?.parse::<u32>().ok()))
}

/// A shell as somebody who may run the server: root must not.
fn shell() -> Command {
    use std::os::unix::fs::MetadataExt;
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return Command::new("sh");
    }
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let account = if accounts.contains("\npostgres:") { "postgres" } else { "nobody" };
    let mut command = Command::new("setpriv");
    command.args(["--reuid", account, "--regid", account, "--clear-groups", "sh"]);
    command
}

impl PostgresServer {
    /// Starts one on a free port; nothing, with a note, where PostgreSQL is not installed: on CI that is an error.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci.is_empty()), "no PostgreSQL server in /usr/lib/postgresql");
            println!("left out: no PostgreSQL server in /usr/lib/postgresql");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = shell();
        command
            .args(["-c", KEEPER])
            .env("bin", programs)
            .env("port", port.to_string())
            .env("user", USER)
            .env("password", PASSWORD);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (orders, answers) = (process.stdin.take(), BufReader::new(process.stdout.take().unwrap()));
        let mut keeper = Keeper { process, orders, answers };
        keeper.expect("started");
        let server = Self { port, keeper: Mutex::new(keeper) };
        server.tell("set", "log_min_messages = panic");
        Some(server)
    }

    /// The one that all tests of this process share; it ends with the process.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<PostgresServer>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref()
    }

    /// Of the database `postgres`, without user and password.
    pub fn url(&self) -> String {
        format!("postgres://127.0.0.1:{}/postgres", self.port)
    }

    /// Takes it away, as if its machine lost its power.
    pub fn stop(&self) {
        self.tell("stop", "");
    }

    /// Starts it again where it was, with what it kept.
    pub fn start_again(&self) {
        self.tell("start", "");
    }

    /// It accepts connections (the kernel does) and never answers.
    pub fn freeze(&self) {
        self.tell("freeze", "");
    }

    /// It goes on.
    pub fn thaw(&self) {
        self.tell("thaw", "");
    }

    /// Changes its configuration, from its next start on.
    pub fn set(&self, line: &str) {
        self.tell("set", line);
    }

    /// Writes a file beside its data that only the server may read. No line of it may contain a `|`.
    pub fn file(&self, name: &str, content: &str) {
        self.tell("file", &format!("{name} {}", content.replace('\n', "|")));
    }

    fn tell(&self, order: &str, with: &str) {
        let mut keeper = self.keeper.lock().unwrap();
        writeln!(keeper.orders.as_mut().unwrap(), "{order} {with}").unwrap();
        let expected = match order {
            "start" => "started",
            "stop" => "stopped",
            "freeze" => "frozen",
            "thaw" => "thawed",
            "set" => "set",
            _ => "written",
        };
        keeper.expect(expected);
    }
}

impl Keeper {
    fn expect(&mut self, answer: &str) {
        let mut said = String::new();
        loop {
            let before = said.len();
            assert!(self.answers.read_line(&mut said).unwrap() > 0, "the PostgreSQL server did not get ready:\n{said}");
            if said[before..].trim_end() == answer {
                return;
            }
        }
    }
}
