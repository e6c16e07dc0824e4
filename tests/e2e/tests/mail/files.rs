//! Files to the simulated platform's own servers (EX-07), and from there into tables.

use bytes::Bytes;
use file_drop::{DropError, File, FileDrop, Ftp, FtpDrop, Landed, Login, Reach, Sftp, SftpDrop};
use sandbox::FileServers;
use transport::{AddressRule, Guard};

use crate::world::World;

fn reach() -> Reach {
    Reach::new(Guard::loopback(), AddressRule::LoopbackToo)
}

fn login(password: &str) -> Login {
    Login { user: "7000001".to_owned(), password: password.into() }
}

fn ways(servers: &FileServers, password: &str) -> [Box<dyn FileDrop>; 2] {
    let (host, folder) = ("localhost".to_owned(), "Import".to_owned());
    let ftp = Ftp {
        host: host.clone(),
        port: servers.ftp.port(),
        login: login(password),
        folder: folder.clone(),
        authority: Some(servers.authority.clone()),
    };
    let sftp =
        Sftp { host, port: servers.sftp.port(), login: login(password), host_key: servers.host_key.clone(), folder };
    [Box::new(FtpDrop::new(ftp, reach()).unwrap()), Box::new(SftpDrop::new(sftp, reach()).unwrap())]
}

/// Whether a file is there to the letter.
fn is_there(world: &World, file: &File, content: &Bytes) -> bool {
    world.account(|account| account.folder.get(file.name()).as_ref() == Some(content))
}

/// By each way a file lands whole, once, and nothing is overwritten.
#[tokio::test]
async fn a_file_lands_by_either_way() {
    let world = World::new();
    let servers = world.sandbox.serve_files().await.unwrap();
    let content = Bytes::from(vec![b'x'; 700_000]);
    for (way, drop) in ways(&servers, "sandbox-harbour-files-1").iter().enumerate() {
        let file = File::of(&format!("way {way}.csv"), &content).unwrap();
        assert_eq!(drop.put(&file, &content).await.unwrap(), Landed::Now { from: 0 }, "{way}");
        assert_eq!(drop.put(&file, &content).await.unwrap(), Landed::AlreadyThere, "{way}");
        let other = Bytes::from_static(b"other");
        let error = drop.put(&File::of(file.name(), &other).unwrap(), &other).await.unwrap_err();
        assert!(matches!(error, DropError::Exists), "{way}: {error:?}");
        assert!(is_there(&world, &file, &content), "{way}");
    }
    world.account(|account| assert_eq!(account.folder.names().count(), 2));
}

/// A folder that is full takes what has room, says so, and has no half file by its name; with room again it is finished.
#[tokio::test]
async fn a_full_folder_is_told_and_gone_on_with() {
    let world = World::new();
    let servers = world.sandbox.serve_files().await.unwrap();
    let content = Bytes::from(vec![b'x'; 700_000]);
    for (way, drop) in ways(&servers, "sandbox-harbour-files-1").iter().enumerate() {
        let file = File::of(&format!("way {way}.csv"), &content).unwrap();
        world.account(|account| account.folder.room = Some(300_000 + 700_000 * way));
        let error = drop.put(&file, &content).await.unwrap_err();
        assert!(matches!(error, DropError::Full) && error.is_transient(), "{way}: {error:?}");
        world.account(|account| {
            assert!(account.folder.get(file.name()).is_none(), "{way}");
            account.folder.room = None;
        });
        // By SFTP a block behind the one that was refused may have landed, so that it is begun anew.
        let Landed::Now { from } = drop.put(&file, &content).await.unwrap() else { panic!("it was not there") };
        assert_eq!(from, [300_000, 0][way]);
        assert!(is_there(&world, &file, &content), "{way}");
    }
}

/// Nobody gets in with another's password, and nobody sees another's files.
#[tokio::test]
async fn each_account_has_files_of_its_own() {
    let world = World::new();
    let servers = world.sandbox.serve_files().await.unwrap();
    let one = Bytes::from_static(b"one");
    let file = File::of("a.csv", &one).unwrap();
    for drop in ways(&servers, "sandbox-northwind-files-1") {
        let error = drop.put(&file, &one).await.unwrap_err();
        assert!(matches!(error, DropError::SignIn), "{error:?}");
    }
    world.account(|account| assert_eq!(account.folder.names().count(), 0));
}
