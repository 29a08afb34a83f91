//! rust-analyzer with one file open, asked in its protocol: LSP 3.17, which is JSON-RPC over standard input and output.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long it may think about one question, and until it has read the project, whose dependencies cargo may compile.
const BOUND: Duration = Duration::from_secs(300);

/// A running rust-analyzer; dropping it kills and reaps it.
pub(crate) struct Analyzer {
    program: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    file: String,
    last_id: u64,
    version: u64,
}

/// Where the cursor stands, and the text without it.
fn cursor(text: &str) -> (Value, String) {
    let at = text.find('|').expect("a cursor");
    let before = &text[..at];
    let line = before.matches('\n').count();
    let character = at - before.rfind('\n').map_or(0, |newline| newline + 1);
    let position = json!({ "line": line, "character": character });
    (position, text.replacen('|', "", 1))
}

/// A library in a folder of its own that depends on the runtime.
fn project(library: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::create_dir_all(folder.join("src")).unwrap();
    let runtime = root.join("runtime").canonicalize().unwrap();
    let manifest = format!(
        "[package]\nname = \"editor\"\nedition = \"2024\"\n\n\
         [dependencies]\ntachograph.path = '{}'\n\n[workspace]\n",
        runtime.display()
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), library).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

impl Analyzer {
    /// Opens the library, and returns when it has been read.
    ///
    /// # Panics
    ///
    /// If rust-analyzer is not installed.
    pub(crate) fn start(library: &str) -> Self {
        let folder = project(library);
        let mut program = Command::new("rust-analyzer")
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", folder.join("target"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("rust-analyzer is installed: `rustup component add rust-analyzer`");
        let input = program.stdin.take().unwrap();
        let mut output = BufReader::new(program.stdout.take().unwrap());
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let folder = format!("file://{}", folder.display());
        let mut analyzer = Self {
            program,
            input,
            messages,
            file: format!("{folder}/src/lib.rs"),
            last_id: 0,
            version: 1,
        };
        analyzer.ask(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": folder,
                "capabilities": {
                    "experimental": { "serverStatusNotification": true },
                    "textDocument": { "hover": { "contentFormat": ["plaintext"] } },
                },
                "initializationOptions": { "checkOnSave": false, "cachePriming": { "enable": false } },
            }),
        );
        analyzer.tell("initialized", &json!({}));
        let document =
            json!({ "uri": analyzer.file, "languageId": "rust", "version": 1, "text": library });
        analyzer.tell("textDocument/didOpen", &json!({ "textDocument": document }));
        let status = analyzer.wait(|message| {
            message["method"] == "experimental/serverStatus"
                && message["params"]["quiescent"] == true
        });
        assert_eq!(status["params"]["health"], "ok", "{status}");
        analyzer
    }

    /// What it finds wrong with the file.
    pub(crate) fn diagnostics(&mut self) -> Vec<String> {
        let document = json!({ "textDocument": { "uri": self.file } });
        let found = self.ask("textDocument/diagnostic", &document);
        texts(&found["items"], "message")
    }

    /// The words that it offers at the cursor.
    pub(crate) fn completions(&mut self, library: &str) -> Vec<String> {
        let offered = self.ask_at_cursor("textDocument/completion", library);
        let names = texts(&offered["items"], "label").into_iter();
        names
            .map(|name| name.split('(').next().unwrap_or_default().to_owned())
            .collect()
    }

    /// The line on which the word at the cursor is defined.
    pub(crate) fn definition(&mut self, library: &str) -> String {
        let found = self.ask_at_cursor("textDocument/definition", library);
        let found = found.get(0).unwrap_or(&found);
        assert_eq!(found["uri"], self.file, "{found}");
        let line = found["range"]["start"]["line"].as_u64().unwrap();
        let line = library.lines().nth(usize::try_from(line).unwrap());
        line.unwrap_or_default().to_owned()
    }

    /// What it shows of the word at the cursor.
    pub(crate) fn hover(&mut self, library: &str) -> String {
        let shown = self.ask_at_cursor("textDocument/hover", library);
        shown["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    fn ask_at_cursor(&mut self, method: &str, library: &str) -> Value {
        let (position, text) = cursor(library);
        self.version += 1;
        let document = json!({ "uri": self.file, "version": self.version });
        let changes = json!([{ "text": text }]);
        let change = json!({ "textDocument": document, "contentChanges": changes });
        self.tell("textDocument/didChange", &change);
        let document = json!({ "uri": self.file });
        self.ask(
            method,
            &json!({ "textDocument": document, "position": position }),
        )
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.last_id += 1;
        let id = self.last_id;
        self.write(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let mut answer =
            self.wait(|message| message["id"] == id && message.get("method").is_none());
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.write(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The next message that is `wanted`. Its own questions are answered: with nothing.
    fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + BOUND;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let message = self.messages.recv_timeout(left);
            let message = message.expect("rust-analyzer answers in time");
            if wanted(&message) {
                return message;
            }
            if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
                self.write(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
            }
        }
    }

    fn write(&mut self, message: &Value) {
        let message = message.to_string();
        write!(
            self.input,
            "Content-Length: {}\r\n\r\n{message}",
            message.len()
        )
        .unwrap();
        self.input.flush().unwrap();
    }
}

impl Drop for Analyzer {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// The next message; none at the end.
fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut header = String::new();
        if output.read_line(&mut header).ok()? == 0 {
            return None;
        }
        let header = header.trim();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("Content-Length: ") {
            length = value.parse().ok()?;
        }
    }
    let mut message = vec![0; length];
    output.read_exact(&mut message).ok()?;
    serde_json::from_slice(&message).ok()
}

fn texts(items: &Value, key: &str) -> Vec<String> {
    let items = items.as_array().map_or(&[][..], Vec::as_slice);
    let texts = items.iter().filter_map(|item| item[key].as_str());
    texts.map(str::to_owned).collect()
}
