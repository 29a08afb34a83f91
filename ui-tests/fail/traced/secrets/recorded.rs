// 3 faults
#![deny(warnings)]
use tachograph::{traced, Sensitive};

struct Session {
    token: String,
}

#[traced(args, skip(session), fields(session.token = session.token), on_ok(secret = *ok))]
fn log_in(session: &Session, user_password: &str, api_key: Sensitive<u8>) -> u8 {
    let _ = (session, user_password, api_key);
    7
}

#[traced(fields(password = Sensitive(password), token_count = 3, token = 4, secret = empty))]
fn log_out(password: String) {
    drop(password);
}

fn main() {
    let session = Session {
        token: String::new(),
    };
    log_in(&session, "", Sensitive(1));
    log_out(session.token);
}
