//! A process that forks: parent and child have ids of their own, nobody listens in the child, and telemetry is not there.
//! Each test has a process of its own, because it is the whole process that forks.
#![cfg(unix)]

use std::collections::{BTreeMap, HashSet};
use std::io::{self, PipeReader, Read, Write};
use std::process;
use std::time::{Duration, Instant};

use fork::Fork;
use tachograph::trace::{Span, SpanContext};
use tachograph::{listener, traced};
use tachograph_exporters::{Otlp, Telemetry};
use tachograph_tests::alone;
use tachograph_tests::collector::Collector;

/// Longer than anything here takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

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
    alone(&[], || {
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
    });
}

/// How many spans each instance of the service sent.
fn instances(collector: &Collector) -> BTreeMap<String, usize> {
    let received = collector.received();
    let taken = received
        .attempts
        .iter()
        .filter_map(|attempt| attempt.request.as_ref());
    let mut instances = BTreeMap::<_, usize>::new();
    for spans in taken.flat_map(|request| &request.resource_spans) {
        let attributes = spans
            .resource
            .iter()
            .flat_map(|resource| &resource.attributes);
        let mut ids = attributes.filter(|attribute| attribute.key == "service.instance.id");
        let id = format!("{:?}", ids.next().expect("an instance has an id").value);
        let count = spans
            .scope_spans
            .iter()
            .map(|scope| scope.spans.len())
            .sum::<usize>();
        *instances.entry(id).or_default() += count;
    }
    instances
}

#[test]
fn a_child_has_no_telemetry_until_it_installs_its_own() {
    alone(&[], || {
        let collector = Collector::start([]);
        let install = || {
            let builder = Telemetry::builder("tests").serve("127.0.0.1:0");
            builder.export(Otlp::http(collector.endpoint())).install()
        };
        let telemetry = install().unwrap();
        // This waits in the parent when the child begins.
        assert_eq!(contexts().len(), 3);
        let mut telemetry = Some(telemetry);
        let mut child = forked(|| {
            let telemetry = telemetry.take().unwrap();
            let begin = Instant::now();
            let unheard = contexts().len();
            let address = telemetry.server_address();
            let flushed = telemetry.force_flush(PATIENCE);
            let ended = telemetry.shutdown(PATIENCE);
            let waited = begin.elapsed() >= PATIENCE / 2;
            let own = install().map(|own| {
                let heard = contexts().len();
                (
                    heard,
                    own.shutdown(PATIENCE).map(|dropped| dropped.is_empty()),
                )
            });
            format!("{unheard} {address:?} {flushed:?} {ended:?} {waited} {own:?}")
        });
        let mut said = String::new();
        child.read_to_string(&mut said).unwrap();
        assert_eq!(
            said,
            "0 None Err(Stopped) Err(Stopped) false Ok((3, Ok(true)))"
        );

        let telemetry = telemetry.take().unwrap();
        assert_eq!(contexts().len(), 3);
        assert!(telemetry.shutdown(PATIENCE).unwrap().is_empty());
        // `contexts`, its root and its child: twice of the parent, once of the child.
        let mut counts: Vec<_> = instances(&collector).into_values().collect();
        counts.sort_unstable();
        assert_eq!(counts, [3, 6]);
    });
}
