//! `latchkey lint`, `latchkey fmt`, `latchkey schema`: what needs neither server nor store.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use realm_files::Source;
use realm_model::file::SourceFile;
use realm_model::{Diagnostic, Severity, canonical, lint, report, schema};

use crate::cli::{FormatMode, Invocation, Plan, ReportFormat};
use crate::database::Environment;

/// The files and folders that were named; those of `--realms` where none were.
pub(super) fn paths(named: &[PathBuf], plan: &Plan) -> Vec<PathBuf> {
    if named.is_empty() { plan.settings.realms.clone() } else { named.to_vec() }
}

/// Tells what is wrong with `paths`; fails where something is an error.
pub(super) fn lint(paths: &[PathBuf], format: ReportFormat, invocation: &Invocation) -> ExitCode {
    let environment = Environment::of(&invocation.environment);
    // A folder of parts is one realm: it is judged as a whole.
    let (parts, whole): (Vec<Source>, Vec<Source>) = realm_files::find(paths).sources.into_iter().partition(Source::is_in_parts);
    let (sources, mut found) = read(&whole);
    found.extend(lint::lint(&sources, environment.as_ref()));
    for source in &parts {
        match source.content() {
            Ok(content) => found.extend(content.realms(environment.as_ref()).diagnostics),
            Err(diagnostic) => found.push(*diagnostic),
        }
    }
    let files = whole.iter().chain(&parts).map(|source| source.files.len()).sum();
    let text = match format {
        ReportFormat::Json => format!("{:#}", report::json(&found)),
        ReportFormat::Sarif => format!("{:#}", report::sarif(&found)),
        ReportFormat::Github => report::github(&found),
        ReportFormat::Human | ReportFormat::Markdown => human(&found, files),
    };
    say!("{}", text.trim_end_matches('\n'));
    let good = files > 0 && !found.iter().any(Diagnostic::is_error);
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn human(found: &[Diagnostic], files: usize) -> String {
    let errors = found.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let warnings = found.len() - errors;
    let count = |number: usize, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    let summary = format!("{}: {}, {}", count(files, "file"), count(errors, "error"), count(warnings, "warning"));
    if files == 0 {
        return format!(
            "{}{summary}\nname realm files or folders, or set --realms (LATCHKEY_REALMS)",
            realm_model::render(found)
        );
    }
    let told = realm_model::render(found);
    if told.is_empty() { summary } else { format!("{}\n{summary}", told.trim_end_matches('\n')) }
}

/// Prints the JSON Schema of a realm file.
pub(super) fn schema() -> ExitCode {
    say!("{:#}", schema::json_schema());
    ExitCode::SUCCESS
}

/// Lays the files of `paths` out; fails where one is no JSON or, with [`FormatMode::Check`], not laid out.
pub(super) fn format(paths: &[PathBuf], mode: FormatMode) -> ExitCode {
    let (sources, found) = read(&realm_files::find(paths).sources);
    found.iter().for_each(|diagnostic| say!("{diagnostic}"));
    let mut good = found.is_empty() && !sources.is_empty();
    for source in sources {
        let text = String::from_utf8_lossy(&source.bytes);
        match canonical::format(&text) {
            Err(mut diagnostic) => {
                diagnostic.file = source.name;
                say!("{diagnostic}");
                good = false;
            }
            Ok(formatted) if formatted == text => {}
            Ok(_) if mode == FormatMode::Check => {
                say!("{} is not laid out: latchkey fmt {0}", source.name);
                good = false;
            }
            Ok(formatted) => match write(Path::new(&source.name), &formatted) {
                Ok(()) => say!("{}", source.name),
                Err(error) => {
                    say!("{}: this cannot be written: {error}", source.name);
                    good = false;
                }
            },
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// In the place of the file at one instant, as editors do.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let path = std::fs::canonicalize(path)?;
    let beside = path.with_extension("json.new");
    let mut file = std::fs::File::create(&beside)?;
    file.set_permissions(std::fs::metadata(&path)?.permissions())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, &path)
}

/// The files of `sources`, and what cannot be read.
fn read(sources: &[Source]) -> (Vec<SourceFile>, Vec<Diagnostic>) {
    let (mut read, mut found) = (Vec::new(), Vec::new());
    for path in sources.iter().flat_map(|source| &source.files).map(|(path, _)| path) {
        let name = path.display().to_string();
        match std::fs::read(path) {
            Ok(bytes) => read.push(SourceFile { name, bytes }),
            Err(error) => found.push(Diagnostic::of_file(Severity::Error, &name, format!("this cannot be read: {error}"))),
        }
    }
    (read, found)
}
