//! Commands of the program, as someone at a terminal uses them.

use crate::program::{PASSWORD, Place};
use db::{db_test, outbox, run_tx, testing::TestDb};
use std::{
    io::Write,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Output, Stdio},
};

impl Place {
    fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), database_url: None }
    }

    /// Runs a command that reads this, and must succeed; answers what it prints.
    fn printed(&self, arguments: &[&str], input: &str) -> String {
        let Output { status, stdout, stderr } = self.ran(arguments, input);
        assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    fn ran(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that reads nothing may be gone by now.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }
}

#[test]
fn a_list_of_passwords_becomes_a_filter_and_leaves_nothing_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let (list, out) = (dir.path().join("list.txt"), dir.path().join("out"));
    std::fs::write(&list, "three goats on a hill\na walk in the rain\n").unwrap();
    std::fs::create_dir(&out).unwrap();
    let filter = out.join("refused");
    let place = Place::at(dir.path());
    let import = ["passwords", "import", list.to_str().unwrap(), "--output"];
    for _ in 0..2 {
        let said = place.printed(&[&import[..], &[filter.to_str().unwrap()]].concat(), "");
        assert!(said.starts_with("wrote "), "{said}");
        let written = identity::PasswordFilter::from_bytes(&std::fs::read(&filter).unwrap());
        assert!(written.unwrap().contains_any_case("Three goats on a hill"));
        assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1);
    }
}

#[test]
fn a_command_that_looks_in_the_wrong_place_says_so_and_makes_nothing_there() {
    let dir = tempfile::tempdir().unwrap();
    let (missing, shared) = (dir.path().join("missing"), dir.path().join("shared"));
    std::fs::create_dir(&shared).unwrap();
    std::fs::set_permissions(&shared, std::fs::Permissions::from_mode(0o755)).unwrap();
    let backups = dir.path().join("backups");
    let backup = ["backup", backups.to_str().unwrap()];
    let commands: [&[&str]; 6] = [
        &["user", "list"],
        &["audit", "verify"],
        &["keys", "status"],
        &["keys", "protect"],
        &["doctor"],
        &backup,
    ];
    for place in [Place::at(&missing), Place::at(&shared)] {
        for command in commands {
            let (done, said) = place.run(command);
            assert!(!done && said.contains("salus serve"), "{command:?}: {said}");
        }
    }
    assert!(!missing.exists() && !backups.exists());
    assert!(std::fs::read_dir(&shared).unwrap().next().is_none());
    assert_eq!(std::fs::metadata(&shared).unwrap().permissions().mode() & 0o777, 0o755);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_commands_print_is_what_the_commands_read() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::at(&dir.path().join("data"));
    let program = place.serve();
    let input = format!("{PASSWORD}\nand a line that is none of its business\n");
    place.printed(&["user", "create", "ana"], &input);
    program.token("ana").await;
    drop(program);

    let known = dir.path().join("checkpoint");
    std::fs::write(&known, place.printed(&["audit", "checkpoint"], "")).unwrap();
    let keys = place.printed(&["audit", "keys"], "");
    let key = keys.lines().next().unwrap();
    let known = known.to_str().unwrap();
    place.printed(&["audit", "verify", "--known", known, "--key", key], "");

    let request = place.printed(&["audit", "witness", "request"], "");
    let [secret, state] = ["secret", "state"].map(|name| dir.path().join(name));
    let (secret, state) = (secret.to_str().unwrap(), state.to_str().unwrap());
    let sign = ["audit", "witness", "sign", "--name", "witness.example/1", "--key", secret];
    let sign = [&sign[..], &["--state", state, "--ledger", key]].concat();
    assert!(place.printed(&sign, &request).contains("witness.example/1"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_restored_is_whole_and_nobody_is_logged_in_there() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::at(&dir.path().join("data"));
    let program = place.serve();
    let token = program.token("ana").await;
    let entry = serde_json::json!({ "content": "before the disk broke" });
    program.post("/api/journal/entries", Some(&token), &entry).await.unwrap();
    let backups = dir.path().join("backups");
    std::fs::create_dir(&backups).unwrap();
    place.printed(&["backup", backups.to_str().unwrap()], "");
    program.stop();

    let other = Place::at(&dir.path().join("other"));
    let keys = other.dir.join("keys");
    for folder in [&other.dir, &keys] {
        std::fs::create_dir(folder).unwrap();
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    for file in std::fs::read_dir(place.dir.join("keys")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), keys.join(file.file_name())).unwrap();
    }
    let files = std::fs::read_dir(&backups).unwrap().map(|file| file.unwrap().path());
    let data = files.into_iter().find(|path| path.extension().unwrap() == "backup").unwrap();
    let said = other.printed(&["restore", data.to_str().unwrap()], "");
    assert!(said.contains("All log-ins were ended"), "{said}");
    assert!(said.contains("Everything is as it was"), "{said}");

    let program = other.serve();
    assert!(program.get("/api/journal/entries", &token).await.is_none(), "it was ended");
    let token = program.token("ana").await;
    let list = program.get("/api/journal/entries", &token).await.unwrap();
    assert_eq!(list["entries"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_key_can_be_rotated_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::at(&dir.path().join("data"));
    let program = place.serve();
    let token = program.token("ana").await;
    let entry = serde_json::json!({ "content": "under the first keys" });
    program.post("/api/journal/entries", Some(&token), &entry).await.unwrap();
    program.stop();
    for level in ["root", "epoch", "tenant", "index", "people", "purposes", "secrets"] {
        place.printed(&["keys", "rotate", level, "--now"], "");
    }
    let swept = place.printed(&["keys", "sweep"], "");
    assert!(!swept.starts_with("0 keys wrapped anew, 0"), "{swept}");
    let verified = place.printed(&["keys", "verify"], "");
    assert!(verified.contains(", of 0 do not"), "{verified}");
    for (options, why) in [
        (["root", "--distrust"].as_slice(), "are for `secrets`"),
        (&["secrets", "--only", "identity.nothing"], "no secret of the program"),
        (&["secrets", "--only", "identity.pepper", "--distrust"], "is needed"),
    ] {
        let (done, said) = place.run(&[&["keys", "rotate"], options].concat());
        assert!(!done && said.contains(why), "{said}");
    }
    let program = place.serve();
    let list = program.get("/api/journal/entries", &program.token("ana").await).await.unwrap();
    assert_eq!(list["entries"].as_array().unwrap().len(), 1);
    program.stop();

    // What the program keeps secrets for is what the command knows.
    let known = place.printed(&["keys", "rotate", "secrets"], "");
    for line in place.printed(&["keys", "status"], "").lines() {
        let key = line.split_whitespace().nth(1).unwrap();
        if let Some((name, _)) = key.strip_prefix("system.").and_then(|key| key.rsplit_once('/')) {
            assert!(known.contains(&format!("{name} has")), "{name}");
        }
    }
}

const NOBODYS: &str = "nobody.listens";

db_test!(
    the_doctor_tells_of_keys_that_do_not_unwrap_and_of_events_that_nobody_hears,
    server::registry::migrations(),
    |db| {
        let dir = tempfile::tempdir().unwrap();
        let database_url = Some(db.url.expose().clone());
        let place = Place { dir: dir.path().join("data"), database_url };
        let program = place.serve();
        program.token("ana").await;
        program.stop();
        let (healthy, said) = place.run(&["doctor"]);
        assert!(healthy, "{said}");

        leave_an_event(db).await;
        let (healthy, said) = place.run(&["doctor"]);
        assert!(!healthy && said.contains("nobody.listens (1)"), "{said}");

        let other = "(SELECT wrapped FROM vault_keys WHERE kind = 'dek' ORDER BY id LIMIT 1)";
        let swap = format!("UPDATE vault_keys SET wrapped = {other} WHERE kind = 'person_kek'");
        db.tamper(&swap).await.unwrap();
        let (healthy, said) = place.run(&["doctor"]);
        assert!(!healthy && said.contains("do not unwrap"), "{said}");
        let (sound, said) = place.run(&["keys", "verify"]);
        assert!(!sound && said.contains("keys do not unwrap: user"), "{said}");
    }
);

async fn leave_an_event(db: &TestDb) {
    run_tx!(db, "test.leave", |tx| {
        outbox::publish(tx, db.env(), NOBODYS, &serde_json::json!({}))?;
        Ok::<_, db::DbError>(())
    })
    .unwrap();
}
