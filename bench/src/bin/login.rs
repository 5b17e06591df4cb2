//! Log-ins per second of one core beside argon2id alone, the memory of a flood of them, and whether
//! the time of an answer tells who has an account.

use argon2_rust::{Algorithm, Argon2, Params, Version, params::Memory};
use bench::{Failure, databases, head, load::cpu, per_second, percentile, row, say};
use db::Db;
use identity::{LoginName, LoginRequest, NewAccount, Password, SessionKind};
use kernel::{Actor, Ctx, Env, Origin, RequestId, RoleSet, Secret, TenantId};
use server::{
    app::{App, assemble},
    config::Config,
    registry,
};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use vault::MemoryKms;

const PROFILES: [(&str, u32, u32); 2] = [("OWASP floor", 19_456, 2), ("default", 65_536, 3)];
const PASSWORD: &str = "a long walk by the sea";
const LOG_INS: usize = 240;
/// Before them: every thread that reads has to see each statement once.
const WARM_UP: usize = 60;
const FLOOD: usize = 1_000;
const PERMITS: u16 = 2;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    say("Hashes and log-ins per second of processor time; p50 is wall time, one at a time.");
    head(&["database", "profile", "argon2 alone", "log-ins", "ratio", "p50 log-in"]);
    for (name, db, test) in databases(&registry::migrations()).await {
        let kms = Arc::new(MemoryKms::new(Env::system()));
        for profile in PROFILES {
            let (_, memory, passes) = profile;
            let alone = argon2_alone(memory, passes)?;
            let app = start((&db, &kms), memory, passes).await?;
            let (rate, p50) = log_ins(&app).await?;
            row(&[
                name.to_owned(),
                format!("{}: {} MiB, {} passes", profile.0, memory / 1024, passes),
                format!("{alone:.0}/s"),
                format!("{rate:.0}/s"),
                format!("**{:.2}**", rate / alone),
                format!("{:.0} ms", p50.as_secs_f64() * 1e3),
            ]);
        }
        flood((&db, &kms)).await?;
        tell_apart((&db, &kms)).await?;
        db.close();
        test.discard().await;
    }
    Ok(())
}

async fn start(
    (db, kms): (&Db, &Arc<MemoryKms>),
    memory: u32,
    passes: u32,
) -> Result<Arc<App>, Failure> {
    let mut config = Config::default();
    config.accounts.password.memory_kib = memory;
    config.accounts.password.passes = passes;
    config.accounts.password.hash_permits = PERMITS;
    Ok(assemble(config, Env::system(), db.clone(), kms.clone()).await?)
}

/// Hashes per second of processor time, with the memory kept from one to the next.
fn argon2_alone(memory: u32, passes: u32) -> Result<f64, Failure> {
    let failed = |error| format!("argon2: {error}");
    let params = Params::builder().memory(Memory::kib(memory.into())).passes(passes);
    let params = params.lanes(1).build().map_err(failed)?;
    let mut hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hasher();
    let mut hash = || {
        let mut out = [0; 32];
        hasher.hash_into(PASSWORD.as_bytes(), &[7; 16], &mut out)
    };
    hash().map_err(failed)?;
    let (_, before) = cpu()?;
    for _ in 0..LOG_INS {
        hash().map_err(failed)?;
    }
    Ok(per_second(LOG_INS, cpu()?.1.saturating_sub(before)))
}

fn somebody(app: &App, number: usize) -> Ctx {
    // Each from a network of their own, so that no limit is in the way.
    let [.., high, low] = number.to_be_bytes();
    let ip = Some(IpAddr::from(Ipv4Addr::new(10, high, low, 1)));
    let origin = Origin { ip, user_agent: None };
    Ctx::request(app.env.clone(), RequestId::random(&app.env), Actor::Anonymous, origin)
}

fn request(name: &str, word: &str) -> Result<LoginRequest, Failure> {
    Ok(LoginRequest {
        name: LoginName::username(name)?,
        password: Password::new(&Secret::new(word.to_owned())),
        restore: false,
        code: None,
        kind: SessionKind::Tokens,
        device: None,
    })
}

/// Log-ins per second of processor time, all threads of the program together, and how long one
/// takes.
async fn log_ins(app: &App) -> Result<(f64, Duration), Failure> {
    let name =
        format!("bench-{}", app.env.random::<4>().map(|byte| format!("{byte:02x}")).concat());
    let new = NewAccount {
        login: LoginName::username(&name)?,
        password: Password::new(&Secret::new(PASSWORD.to_owned())),
        display_name: None,
        roles: RoleSet::default(),
    };
    let operator = Ctx::operator(app.env.clone());
    app.accounts.create_account(&operator, TenantId::DEFAULT, &new).await?;
    let request = request(&name, PASSWORD)?;
    for number in 0..WARM_UP {
        app.accounts.log_in(&somebody(app, number), TenantId::DEFAULT, &request).await?;
    }
    let (before, _) = cpu()?;
    let mut times = Vec::new();
    for number in WARM_UP..WARM_UP + LOG_INS {
        let began = Instant::now();
        app.accounts.log_in(&somebody(app, number), TenantId::DEFAULT, &request).await?;
        times.push(began.elapsed());
    }
    let used = cpu()?.0.saturating_sub(before);
    Ok((per_second(LOG_INS, used), percentile(&mut times, 0.5)))
}

/// Many at once, far more than can be hashed: most are told to come back, and memory stays within
/// what the threads that hash own.
async fn flood(place: (&Db, &Arc<MemoryKms>)) -> Result<(), Failure> {
    let [_, (_, memory, passes)] = PROFILES;
    let app = start(place, memory, passes).await?;
    std::fs::write("/proc/self/clear_refs", "5")?;
    let before = resident("VmRSS:")?;
    let mut tasks = JoinSet::new();
    for number in 0..FLOOD {
        let app = app.clone();
        tasks.spawn(async move {
            let request = request(&format!("nobody-{number}"), "a wrong password")?;
            let ctx = somebody(&app, number);
            let refused = app.accounts.log_in(&ctx, TenantId::DEFAULT, &request).await;
            Ok::<_, Failure>(matches!(refused, Err(identity::IdentityError::LoginFailed)))
        });
    }
    let mut judged = 0;
    while let Some(done) = tasks.join_next().await {
        judged += usize::from(done??);
    }
    let grown = resident("VmHWM:")?.saturating_sub(before);
    say(format_args!(
        "\nA flood of {FLOOD} at once, default profile, {PERMITS} threads that hash: {judged} were \
         judged, the others told to come back later or to wait. Memory grew by {} MiB at most; the \
         threads own {} MiB.\n",
        grown / 1024,
        u64::from(PERMITS) * u64::from(memory) / 1024,
    ));
    Ok(())
}

/// A line of the process's own status, in KiB.
fn resident(name: &str) -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line")?;
    Ok(line.split_whitespace().next().ok_or("no figure")?.parse()?)
}

const KNOWN: usize = 50;
/// So many answers about each kind of name, in turns.
const ANSWERS: usize = 100;

/// Whether names that have an account are answered in another time than names that have none.
async fn tell_apart(place: (&Db, &Arc<MemoryKms>)) -> Result<(), Failure> {
    let [(_, memory, passes), _] = PROFILES;
    let app = start(place, memory, passes).await?;
    let operator = Ctx::operator(app.env.clone());
    let some = app.env.random::<4>().map(|byte| format!("{byte:02x}")).concat();
    for number in 0..KNOWN {
        let new = NewAccount {
            login: LoginName::email(&known(&some, number))?,
            password: Password::new(&Secret::new(PASSWORD.to_owned())),
            display_name: None,
            roles: RoleSet::default(),
        };
        app.accounts.create_account(&operator, TenantId::DEFAULT, &new).await?;
    }
    say("Names with and without an account, asked in turns; 0.50 means that time tells nothing.");
    head(&["answer", "with", "without", "chance to guess right", "z"]);
    let log_in = async |ctx: &Ctx, name: &LoginName| {
        let mut request = request("nobody", "a wrong password")?;
        request.name = name.clone();
        drop(app.accounts.log_in(ctx, TenantId::DEFAULT, &request).await);
        Ok::<_, Failure>(())
    };
    compare("wrong password", (&app, &some), log_in).await?;
    let reset = async |ctx: &Ctx, name: &LoginName| {
        app.accounts.forgot_password(ctx, TenantId::DEFAULT, name).await?;
        Ok::<_, Failure>(())
    };
    compare("forgotten password", (&app, &some), reset).await
}

fn known(some: &str, number: usize) -> String {
    format!("bench-{some}-{}@example.org", number % KNOWN)
}

async fn compare(
    what: &str,
    (app, some): (&App, &str),
    ask: impl AsyncFn(&Ctx, &LoginName) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..ANSWERS {
        let names = [known(some, round), format!("nobody-{some}-{}@example.org", round % KNOWN)];
        // Who comes first changes, so that neither profits from the other.
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for which in order {
            let ctx = somebody(app, 2 * round + which);
            let name = LoginName::email(names.get(which).map_or("", String::as_str))?;
            let began = Instant::now();
            ask(&ctx, &name).await?;
            if let Some(times) = times.get_mut(which) {
                times.push(began.elapsed());
            }
        }
    }
    let [mut with, mut without] = times;
    let (chance, z) = mann_whitney(&with, &without);
    let middle = |times: &mut Vec<Duration>| percentile(times, 0.5).as_secs_f64() * 1e3;
    row(&[
        what.to_owned(),
        format!("{:.2} ms", middle(&mut with)),
        format!("{:.2} ms", middle(&mut without)),
        format!("**{:.2}**", chance.max(1.0 - chance)),
        format!("{z:.1}"),
    ]);
    Ok(())
}

/// How often one of the first is longer than one of the second, and how far that is from half, in
/// standard deviations (Mann and Whitney).
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn mann_whitney(first: &[Duration], second: &[Duration]) -> (f64, f64) {
    let pairs = first.iter().flat_map(|one| second.iter().map(move |other| one.cmp(other)));
    let longer: f64 = pairs
        .map(|order| match order {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
        .sum();
    let (n, m) = (first.len() as f64, second.len() as f64);
    let deviation = (n * m * (n + m + 1.0) / 12.0).sqrt();
    (longer / (n * m), (longer - n * m / 2.0) / deviation)
}
