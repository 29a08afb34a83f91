//! Who listens on a port already, as far as the system lets us know.

use std::fmt;

/// A process that listens on a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    name: String,
    id: u32,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.id == std::process::id() {
            f.write_str("this process")
        } else {
            write!(f, "`{}` (process {})", self.name.escape_debug(), self.id)
        }
    }
}

/// Who listens on this port; `None` where that is not to be found out, as for processes of other users.
#[cfg(target_os = "linux")]
pub(crate) fn of(port: u16) -> Option<Holder> {
    let sockets: Vec<_> = linux::listeners(port).collect();
    linux::processes()
        .find(|process| process.has_one_of(&sockets))?
        .holder()
}

/// Not to be found out here.
#[cfg(not(target_os = "linux"))]
pub(crate) fn of(_port: u16) -> Option<Holder> {
    None
}

/// <https://man7.org/linux/man-pages/man5/proc_net.5.html> and the pages around it.
#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::path::PathBuf;

    use super::Holder;

    /// The state of a socket that listens.
    const LISTENS: &str = "0A";

    /// What the sockets that listen on a port are called among a process' files.
    pub(super) fn listeners(port: u16) -> impl Iterator<Item = PathBuf> {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].into_iter();
        let tables = tables.filter_map(|table| fs::read_to_string(table).ok());
        let lines = tables.flat_map(|table| table.lines().map(str::to_owned).collect::<Vec<_>>());
        lines.filter_map(move |line| {
            let mut columns = line.split_ascii_whitespace().skip(1);
            let (_, local_port) = columns.next()?.rsplit_once(':')?;
            let state = columns.nth(1)?;
            let inode = columns.nth(5)?;
            let is_it = state == LISTENS && u16::from_str_radix(local_port, 16) == Ok(port);
            is_it.then(|| format!("socket:[{inode}]").into())
        })
    }

    pub(super) struct Process {
        id: u32,
        dir: PathBuf,
    }

    pub(super) fn processes() -> impl Iterator<Item = Process> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries.filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let dir = entry.path();
            Some(Process { id, dir })
        })
    }

    impl Process {
        pub(super) fn has_one_of(&self, sockets: &[PathBuf]) -> bool {
            let files = fs::read_dir(self.dir.join("fd"));
            let files = files.into_iter().flatten().flatten();
            let mut targets = files.filter_map(|file| fs::read_link(file.path()).ok());
            targets.any(|target| sockets.contains(&target))
        }

        pub(super) fn holder(&self) -> Option<Holder> {
            let name = fs::read_to_string(self.dir.join("comm")).ok()?;
            Some(Holder {
                name: name.trim_end().to_owned(),
                id: self.id,
            })
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn this_process_is_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let holder = of(port).unwrap();
        assert_eq!(holder.id, std::process::id());
        assert_eq!(holder.to_string(), "this process");
        drop(listener);
        assert_eq!(of(port), None);
    }
}
