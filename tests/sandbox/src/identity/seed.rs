//! The directories, their people and their applications. Everything here is invented.

/// One Entra directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Directory {
    /// The `tid`.
    pub id: &'static str,
    /// Whose: `partner`, a tenant of the instance, or `stranger`, whom nobody here knows.
    pub owner: &'static str,
}

/// The partner's directory.
pub const PARTNER: Directory = Directory { id: "5a1f0c3e-7d42-4c5b-9e0a-2f6b8d4c1e70", owner: "partner" };

/// All directories. Anybody can have one, so there is one that is nobody's here.
pub const DIRECTORIES: [Directory; 4] = [
    PARTNER,
    Directory { id: "c0ffee11-2b3c-4d5e-8f60-718293a4b5c6", owner: "harbour" },
    Directory { id: "d00dad22-3c4d-4e5f-9061-8293a4b5c6d7", owner: "northwind" },
    Directory { id: "e11e1133-4d5e-4f60-a172-93a4b5c6d7e8", owner: "stranger" },
];

/// The client id of the application that the engine's API is registered as; the `aud` of its tokens.
pub const AUDIENCE: &str = "3f9a6b1c-0d2e-4f50-8a7b-6c5d4e3f2a10";

/// The client id of the public client through which people sign in with a password.
pub const CONSOLE: &str = "9b7c5d3e-1f20-4a31-b4c5-d6e7f8091a2b";

/// Somebody who signs in: a person at [`CONSOLE`], or a program with a secret of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose directory it is in.
    pub owner: &'static str,
    /// The object id, the `oid`.
    pub oid: &'static str,
    /// A person's user name, or a program's client id.
    pub name: &'static str,
    /// A person's password, or a program's secret.
    pub secret: &'static str,
    /// Whether it is a program.
    pub is_program: bool,
    /// The roles of the engine's API that it was given.
    pub roles: &'static [&'static str],
}

/// Everybody who can sign in.
pub const ACCOUNTS: &[Account] = &[
    Account {
        owner: "partner",
        oid: "0a000000-0000-4000-8000-000000000001",
        name: "olga.brandt@partner.example",
        secret: "sandbox-partner-1",
        is_program: false,
        roles: &["partner-operator"],
    },
    Account {
        owner: "partner",
        oid: "0a000000-0000-4000-8000-000000000002",
        name: "pavel.nemec@partner.example",
        secret: "sandbox-partner-2",
        is_program: false,
        roles: &[],
    },
    Account {
        owner: "partner",
        oid: "0a000000-0000-4000-8000-000000000003",
        name: "6c5b4a39-2817-4605-94f3-e2d1c0bfae9d",
        secret: "sandbox-partner-program-1",
        is_program: true,
        roles: &["partner-operator"],
    },
    Account {
        owner: "harbour",
        oid: "0b000000-0000-4000-8000-000000000001",
        name: "harry.lund@harbour.example",
        secret: "sandbox-harbour-operator-1",
        is_program: false,
        roles: &["customer-operator"],
    },
    Account {
        owner: "harbour",
        oid: "0b000000-0000-4000-8000-000000000002",
        name: "hanne.vik@harbour.example",
        secret: "sandbox-harbour-operator-2",
        is_program: false,
        roles: &[],
    },
    Account {
        owner: "northwind",
        oid: "0c000000-0000-4000-8000-000000000001",
        name: "nora.quinn@northwind.example",
        secret: "sandbox-northwind-operator-1",
        is_program: false,
        roles: &["customer-operator"],
    },
    Account {
        owner: "stranger",
        oid: "0d000000-0000-4000-8000-000000000001",
        name: "sten.borg@stranger.example",
        secret: "sandbox-stranger-1",
        is_program: false,
        roles: &["partner-operator", "customer-operator"],
    },
];

/// The directory of an owner.
pub fn directory_of(owner: &str) -> Option<Directory> {
    DIRECTORIES.into_iter().find(|directory| directory.owner == owner)
}
