//! The real program as a process.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::JoinHandle,
};

pub const PASSWORD: &str = "a long walk by the sea";

/// Where a program keeps its things, and which database it uses.
pub struct Place {
    pub dir: PathBuf,
    pub database_url: Option<String>,
}

/// A running server.
pub struct Program {
    child: Child,
    pub url: String,
    log: Option<JoinHandle<String>>,
    pub http: reqwest::Client,
}

impl Place {
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_salus"));
        command.arg("--data-dir").arg(&self.dir);
        command.env("SALUS__ACCOUNTS__PASSWORD__MEMORY_KIB", "19456");
        command.env("SALUS__HTTP__RATES", "generous");
        command.env("SALUS__LOG__LEVEL", "debug");
        command.env("SALUS__MODELS__SCRIPTED", "true");
        if let Some(url) = &self.database_url {
            command.env("SALUS__DATABASE__URL", url);
        }
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> (bool, String) {
        let output = self.command().args(arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }

    /// Starts a worker.
    pub fn work(&self) -> WorkerProgram {
        let mut command = self.command();
        command.arg("worker").stdout(Stdio::null()).stderr(Stdio::null());
        WorkerProgram(command.spawn().unwrap())
    }

    /// Starts a server and waits until it says that it is ready.
    pub fn serve(&self) -> Program {
        self.serve_with(&[])
    }

    /// The same with these settings.
    pub fn serve_with(&self, settings: &[(&str, &str)]) -> Program {
        let mut command = self.command();
        for (name, value) in settings {
            command.env(format!("SALUS__{name}"), value);
        }
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).unwrap();
            text
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = "Salus is ready at ";
        let url =
            lines.by_ref().find_map(|line| line.unwrap().strip_prefix(ready).map(str::to_owned));
        let Some(url) = url else { panic!("did not start: {}", log.join().unwrap()) };
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Program { child, url, log: Some(log), http: reqwest::Client::new() }
    }
}

/// A running `salus worker`.
pub struct WorkerProgram(Child);

impl WorkerProgram {
    /// Stops it without any warning.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for WorkerProgram {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    /// Stops it without any warning.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and answers what it logged.
    pub fn stop(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
        self.log.take().unwrap().join().unwrap()
    }

    /// The answer to a `POST`, or what went wrong.
    pub async fn post(
        &self,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<Value, String> {
        let mut request = self.http.post(format!("{}{path}", self.url)).json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| error.to_string())?;
        if !status.is_success() {
            return Err(format!("{status}: {text}"));
        }
        serde_json::from_str(&text).map_err(|error| error.to_string())
    }

    pub async fn get(&self, path: &str, token: &str) -> Option<Value> {
        let request = self.http.get(format!("{}{path}", self.url)).bearer_auth(token);
        let answer = request.send().await.ok()?;
        if answer.status().is_success() { answer.json().await.ok() } else { None }
    }

    /// An access token of this person, who is registered if need be.
    pub async fn token(&self, username: &str) -> String {
        let credentials = json!({ "username": username, "password": PASSWORD });
        let newcomer = json!({
            "username": username,
            "password": PASSWORD,
            "consents": { "terms": true, "health_data": true },
        });
        let answer = match self.post("/api/auth/login", None, &credentials).await {
            Ok(answer) => answer,
            Err(first) => match self.post("/api/auth/register", None, &newcomer).await {
                Ok(answer) => answer,
                Err(second) => panic!("{first}, then {second}"),
            },
        };
        answer["access_token"].as_str().unwrap().to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that failed half way must not leave a server behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether the bytes are anywhere in the files below this folder.
pub fn files_with(dir: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, needle));
        } else if contains(&std::fs::read(&path).unwrap(), needle) {
            found.push(path);
        }
    }
    found
}

pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
