//! vsftpd and OpenSSH on loopback, each started for a connection as inetd would, with accounts of their own.
//!
//! libpam-wrapper and libnss-wrapper give them a user and a password that the machine does not have. A server that lets a
//! user in becomes that user, so that all of it needs root.

use std::{
    fs,
    io::{self, Write as _},
    net::{SocketAddr, TcpListener},
    os::{
        fd::OwnedFd,
        unix::fs::{MetadataExt, PermissionsExt, chown},
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use file_drop::{Ftp, Login, Reach, Sftp};
use tempfile::TempDir;
use transport::{AddressRule, Guard};

pub(crate) const PASSWORD: &str = "open sesame";
/// Whom the servers become. Not a user of the machine.
const USER: u32 = 65_532;
const GROUP: u32 = 65_534;

/// A server that is being served.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    folder: TempDir,
    order: Vec<String>,
    children: Children,
}

/// Fails in CI, and says elsewhere that a test is skipped.
pub(crate) fn absent(what: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{what}");
    // Shown whether the test passes or not.
    let _ = writeln!(io::stderr(), "skipped: {what}");
}

/// What is missing for these tests on this machine.
fn missing() -> Option<String> {
    let wrappers = ["libpam_wrapper.so", "libnss_wrapper.so"].map(|name| format!("/usr/lib/x86_64-linux-gnu/{name}"));
    let needed = ["/usr/sbin/vsftpd", "/usr/sbin/sshd", "/usr/bin/ssh-keygen"];
    if fs::metadata("/proc/self").map_or(true, |own| own.uid() != 0) {
        return Some("only root may start servers that let users in".to_owned());
    }
    let mut files = needed.iter().map(ToString::to_string).chain(wrappers);
    files
        .find(|file| !Path::new(file).exists())
        .map(|file| format!("{file} is not there (scripts/debian-packages.txt)"))
}

impl Server {
    /// vsftpd; `more` are further lines of its configuration.
    pub(crate) fn vsftpd(more: &str) -> Option<Self> {
        let folder = prepared()?;
        let at = |name: &str| folder.path().join(name).display().to_string();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(at("cert.pem"), made.cert.pem()).unwrap();
        fs::write(at("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let config = format!(
            "listen=NO\nanonymous_enable=NO\nlocal_enable=YES\nwrite_enable=YES\nssl_enable=YES\n\
             force_local_logins_ssl=YES\nforce_local_data_ssl=YES\nrequire_ssl_reuse=YES\nssl_ciphers=HIGH\n\
             rsa_cert_file={}\nrsa_private_key_file={}\nlocal_root={}\nsecure_chroot_dir={}\npam_service_name=drop\n\
             check_shell=NO\nseccomp_sandbox=NO\n{more}",
            at("cert.pem"),
            at("key.pem"),
            at("root"),
            at("empty"),
        );
        fs::write(folder.path().join("vsftpd.conf"), config).unwrap();
        let order = ["/usr/sbin/vsftpd".to_owned(), at("vsftpd.conf")];
        Some(Self::serving(folder, order.into()))
    }

    /// The same server with room for files of no more than 50 KiB: what is behind that fails as on a disk that is full.
    pub(crate) fn small(self) -> Self {
        let limited = "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\"";
        let order = ["sh", "-c", limited].map(str::to_owned).into_iter().chain(self.order).collect();
        Self::serving(self.folder, order)
    }

    /// OpenSSH, for SFTP and nothing else.
    pub(crate) fn openssh() -> Option<Self> {
        let folder = prepared()?;
        let at = |name: &str| folder.path().join(name).display().to_string();
        run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", &at("hostkey")]));
        let config = format!(
            "UsePAM yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\nHostKey {}\nStrictModes no\n\
             PidFile none\nSubsystem sftp internal-sftp\nForceCommand internal-sftp -d {}\nPrintMotd no\n",
            at("hostkey"),
            at("root"),
        );
        fs::write(folder.path().join("sshd_config"), config).unwrap();
        // Where it leaves its rights behind; Debian's init script would make it.
        fs::create_dir_all("/run/sshd").unwrap();
        let order = ["/usr/sbin/sshd", "-i", "-e", "-f"].map(str::to_owned).into_iter().chain([at("sshd_config")]);
        let order = order.collect();
        Some(Self::serving(folder, order))
    }

    fn serving(folder: TempDir, order: Vec<String>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let children = Arc::new(Mutex::new(Vec::new()));
        let (started, home, own) = (Arc::clone(&children), folder.path().to_owned(), order.clone());
        thread::spawn(move || {
            for connection in listener.incoming() {
                let socket = OwnedFd::from(connection.unwrap());
                let child = Command::new(&order[0])
                    .args(&order[1..])
                    .env("LD_PRELOAD", "libpam_wrapper.so:libnss_wrapper.so")
                    .env("PAM_WRAPPER", "1")
                    .env("PAM_WRAPPER_SERVICE_DIR", home.join("pam"))
                    .env("NSS_WRAPPER_PASSWD", home.join("passwd"))
                    .env("NSS_WRAPPER_GROUP", home.join("group"))
                    .stdin(Stdio::from(socket.try_clone().unwrap()))
                    .stdout(Stdio::from(socket))
                    .stderr(fs::File::options().create(true).append(true).open(home.join("log")).unwrap())
                    .spawn()
                    .unwrap();
                started.lock().unwrap().push(child);
            }
        });
        Self { address, folder, order: own, children: Children(children) }
    }

    /// Where imports would read.
    pub(crate) fn import(&self) -> PathBuf {
        self.folder.path().join("root/Import")
    }

    /// The names of the files that are there.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.import()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Whether something of a file is there that has not got its name yet.
    pub(crate) fn has_part(&self) -> bool {
        let entries = fs::read_dir(self.import()).unwrap().map(Result::unwrap);
        let mut parts = entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(".part"));
        parts.any(|entry| entry.metadata().is_ok_and(|it| it.len() > 0))
    }

    /// A crash: all processes of the server end, in the middle of what they do.
    pub(crate) fn killer(&self) -> impl Fn() + Send + Sync + 'static {
        let children = Arc::clone(&self.children.0);
        move || kill(&children)
    }

    pub(crate) fn ftp(&self) -> Ftp {
        let authority = fs::read_to_string(self.folder.path().join("cert.pem")).ok();
        Ftp {
            host: "localhost".to_owned(),
            port: self.address.port(),
            login: login(),
            folder: "Import".to_owned(),
            authority,
        }
    }

    pub(crate) fn sftp(&self) -> Sftp {
        let key = self.folder.path().join("hostkey.pub");
        let shown = Command::new("ssh-keygen").arg("-lf").arg(key).output().unwrap().stdout;
        let host_key = String::from_utf8(shown).unwrap().split(' ').nth(1).unwrap().to_owned();
        Sftp {
            host: "localhost".to_owned(),
            port: self.address.port(),
            login: login(),
            host_key,
            folder: "Import".to_owned(),
        }
    }
}

/// What a server was started for. Its end is theirs.
struct Children(Arc<Mutex<Vec<Child>>>);

impl Drop for Children {
    fn drop(&mut self) {
        kill(&self.0);
    }
}

pub(crate) fn reach() -> Reach {
    Reach::new(Guard::loopback(), AddressRule::LoopbackToo)
}

fn login() -> Login {
    Login { user: "harbour".to_owned(), password: PASSWORD.into() }
}

/// Ends processes by their ids, and their children's: both servers work in two or three.
fn kill(children: &Mutex<Vec<Child>>) {
    for mut child in children.lock().unwrap().drain(..) {
        let mut ids = vec![child.id()];
        let mut at = 0;
        while at < ids.len() {
            let below = fs::read_to_string(format!("/proc/{0}/task/{0}/children", ids[at])).unwrap_or_default();
            ids.extend(below.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
            at += 1;
        }
        let ids = ids.iter().map(ToString::to_string);
        let _ = Command::new("kill").arg("-9").args(ids).stderr(Stdio::null()).status();
        let _ = child.wait();
    }
}

fn prepared() -> Option<TempDir> {
    if let Some(what) = missing() {
        absent(&what);
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["pam", "empty", "root", "root/Import"] {
        fs::create_dir(at(name)).unwrap();
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let matrix = "/usr/lib/x86_64-linux-gnu/pam_wrapper/pam_matrix.so";
    let service = format!(
        "auth required {matrix} passdb={}\naccount required pam_permit.so\nsession required pam_permit.so\n",
        at("passdb").display()
    );
    for name in ["drop", "sshd", "other"] {
        fs::write(at("pam").join(name), &service).unwrap();
    }
    let users = ["drop", "sshd"].map(|service| format!("harbour:{PASSWORD}:{service}\n")).concat();
    fs::write(at("passdb"), users).unwrap();
    let person =
        |name: &str, user: u32, home: &str| format!("{name}:x:{user}:{GROUP}::{}:/bin/sh\n", at(home).display());
    let root = "root:x:0:0::/root:/bin/sh\n".to_owned();
    let passwd = root
        + &person("nobody", 65_534, "empty")
        + &person("ftp", 65_533, "empty")
        + &person("sshd", 65_531, "empty")
        + &person("harbour", USER, "root");
    fs::write(at("passwd"), passwd).unwrap();
    fs::write(at("group"), format!("root:x:0:\nnogroup:x:{GROUP}:\n")).unwrap();
    for name in ["root", "root/Import"] {
        chown(at(name), Some(USER), Some(GROUP)).unwrap();
    }
    Some(folder)
}

fn run(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
