//! A process that forks: parent and child have ids of their own, and nobody listens in the child. One test, because it is
//! the whole process that forks.
#![cfg(unix)]

use std::collections::HashSet;
use std::io::{self, PipeReader, Read, Write};
use std::process;

use fork::Fork;
use tachograph::trace::{Span, SpanContext};
use tachograph::{listener, traced};

#[traced]
fn contexts() -> Vec<SpanContext> {
    let root = Span::builder("root").as_root().start();
    let child = Span::start("child");
    let contexts = [root.context(), child.context(), Span::current().context()];
    contexts.into_iter().flatten().collect()
}

/// Runs `work` in a child process, whose words come out of the pipe.
fn forked(work: impl FnOnce() -> String) -> PipeReader {
    let (read, mut write) = io::pipe().unwrap();
    match fork::fork().unwrap() {
        Fork::Parent(_) => read,
        Fork::Child => {
            let written = write.write_all(work().as_bytes());
            // The other threads of the test are not here, so neither is its end.
            process::exit(i32::from(written.is_err()));
        }
    }
}

fn ids(contexts: &[SpanContext]) -> String {
    let ids = contexts.iter().map(|it| format!("{} ", it.span_id));
    let roots = contexts.first().map(|root| format!("{} ", root.trace_id));
    ids.chain(roots).collect()
}

#[test]
fn children_have_ids_of_their_own_and_nobody_listens_there() {
    listener::start();
    // The generator of this thread has begun, so all children have its state.
    assert_eq!(contexts().len(), 3);
    fastrand::seed(7);

    let mut children: Vec<_> = (0..4)
        .map(|_| {
            forked(|| {
                let unheard = contexts().len();
                listener::start();
                format!("{unheard} {}", ids(&contexts()))
            })
        })
        .collect();
    let mut all = ids(&contexts());
    for child in &mut children {
        let mut said = String::new();
        child.read_to_string(&mut said).unwrap();
        let ids = said.strip_prefix("0 ").expect("nobody listens in a child");
        all.push_str(ids);
    }
    listener::stop();

    let ids: Vec<_> = all.split_whitespace().collect();
    assert_eq!(ids.len(), 5 * 4, "{all}");
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 5 * 4, "{all}");

    // The user's own generator is where it was: telemetry has not drawn from it.
    let drawn = fastrand::u64(..);
    fastrand::seed(7);
    assert_eq!(drawn, fastrand::u64(..));
}
