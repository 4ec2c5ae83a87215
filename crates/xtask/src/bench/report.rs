use super::Server;
use super::load::Round;
use super::workload::Workload;
use super::yardstick::Yardstick;

pub(super) fn print_head(yardstick: &Yardstick) {
    let Yardstick { signature_ms, argon2id_ms, pbkdf2_ms } = yardstick;
    println!("yardsticks, ms of CPU: RSA-2048 signature {signature_ms:.3} ({:.0} a second on one core)", 1000.0 / signature_ms);
    println!("                       argon2id {argon2id_ms:.2}, pbkdf2-sha512 {pbkdf2_ms:.1}\n");
    println!(
        "{:<20} {:>10} {:>9} {:>9} {:>9} {:>12}  server",
        "workload", "requests/s", "p50 ms", "p99 ms", "CPU ms", "x yardstick"
    );
}

/// One row: the median round by rate; CPU per request over all rounds; how often the crypto of the answer that is.
pub(super) fn print_row(workload: &Workload, server: &Server, rounds: &[Round], yardstick: &Yardstick) {
    let (name, crypto_ms) = (workload.name, workload.crypto.ms(yardstick));
    let mut rates: Vec<f64> = rounds.iter().map(|r| count(r) / r.seconds).collect();
    rates.sort_by(f64::total_cmp);
    let mut latencies: Vec<f64> = rounds.iter().flat_map(|r| r.latencies.iter().copied()).collect();
    latencies.sort_by(f64::total_cmp);
    let asked: f64 = rounds.iter().map(count).sum();
    let cpu = rounds.iter().map(|r| r.cpu_ms).sum::<Option<f64>>().map(|ms| ms / asked);
    let shown = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"));
    println!(
        "{name:<20} {:>10.0} {:>9.2} {:>9.2} {:>9} {:>12}  {}",
        quantile(&rates, 0.5),
        quantile(&latencies, 0.5),
        quantile(&latencies, 0.99),
        shown(cpu),
        shown(cpu.zip(crypto_ms).map(|(cpu, crypto)| cpu / crypto)),
        server.base
    );
}

#[allow(clippy::cast_precision_loss)] // counts of one benchmark
fn count(round: &Round) -> f64 {
    round.latencies.len() as f64
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // an index into a sorted list
pub(super) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = (sorted.len().saturating_sub(1) as f64 * q).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}

/// Bytes in MiB.
pub(super) fn mib(bytes: f64) -> String {
    format!("{:.1} MiB", bytes / 1_048_576.0)
}
