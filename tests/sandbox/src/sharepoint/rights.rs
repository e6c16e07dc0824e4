//! What a member may do: the bits, the roles, and how the two meet (contract §4).

use std::collections::{BTreeMap, BTreeSet};

/// The bits of `SPBasePermissions` with their names, low to high.
const BITS: &[(u64, &str)] = &[
    (0x1, "ViewListItems"),
    (0x2, "AddListItems"),
    (0x4, "EditListItems"),
    (0x8, "DeleteListItems"),
    (0x10, "ApproveItems"),
    (0x20, "OpenItems"),
    (0x40, "ViewVersions"),
    (0x80, "DeleteVersions"),
    (0x100, "CancelCheckout"),
    (0x200, "ManagePersonalViews"),
    (0x800, "ManageLists"),
    (0x1000, "ViewFormPages"),
    (0x1_0000, "Open"),
    (0x2_0000, "ViewPages"),
    (0x4_0000, "AddAndCustomizePages"),
    (0x8_0000, "ApplyThemeAndBorder"),
    (0x10_0000, "ApplyStyleSheets"),
    (0x20_0000, "ViewUsageData"),
    (0x40_0000, "CreateSSCSite"),
    (0x80_0000, "ManageSubwebs"),
    (0x100_0000, "CreateGroups"),
    (0x200_0000, "ManagePermissions"),
    (0x400_0000, "BrowseDirectories"),
    (0x800_0000, "BrowseUserInfo"),
    (0x1000_0000, "AddDelPrivateWebParts"),
    (0x2000_0000, "UpdatePersonalWebParts"),
    (0x4000_0000, "ManageWeb"),
    (0x10_0000_0000, "UseClientIntegration"),
    (0x20_0000_0000, "UseRemoteAPIs"),
    (0x40_0000_0000, "ManageAlerts"),
    (0x80_0000_0000, "CreateAlerts"),
    (0x100_0000_0000, "EditMyUserInfo"),
    (0x4000_0000_0000_0000, "EnumeratePermissions"),
];

/// Rights as bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Rights(pub u64);

impl Rights {
    /// Everything.
    pub const FULL: Self = Self(0x7fff_ffff_ffff_ffff);
    pub(crate) const VIEW_ITEMS: Self = Self(0x1);
    pub(crate) const ADD_ITEMS: Self = Self(0x2);
    pub(crate) const EDIT_ITEMS: Self = Self(0x4);
    pub(crate) const DELETE_ITEMS: Self = Self(0x8);
    pub(crate) const APPROVE_ITEMS: Self = Self(0x10);
    pub(crate) const CANCEL_CHECKOUT: Self = Self(0x100);
    pub(crate) const MANAGE_LISTS: Self = Self(0x800);
    pub(crate) const VIEW_PAGES: Self = Self(0x2_0000);
    pub(crate) const CUSTOMIZE_PAGES: Self = Self(0x4_0000);
    pub(crate) const MANAGE_SUBWEBS: Self = Self(0x80_0000);
    pub(crate) const CREATE_GROUPS: Self = Self(0x100_0000);
    pub(crate) const MANAGE_PERMISSIONS: Self = Self(0x200_0000);
    pub(crate) const BROWSE_USERS: Self = Self(0x800_0000);
    pub(crate) const REMOTE: Self = Self(0x20_0000_0000);

    /// Whether all bits of `needed` are there.
    pub fn include(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }

    /// Both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The low 32 bits, as `Permissions.asmx` carries them; everything is -1.
    pub(crate) fn to_mask(self) -> i32 {
        #[expect(clippy::cast_possible_truncation, reason = "the service carries the low half only")]
        let low = self.0 as u32;
        if self == Self::FULL { -1 } else { low.cast_signed() }
    }

    /// The names of the bits, as role definitions show them.
    pub(crate) fn names(self) -> String {
        if self == Self::FULL {
            return "FullMask".to_owned();
        }
        let names: Vec<_> = BITS.iter().filter(|(bit, _)| self.include(Self(*bit))).map(|(_, name)| *name).collect();
        if names.is_empty() { "EmptyMask".to_owned() } else { names.join(", ") }
    }
}

/// The role definitions of a 2007 team site.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Everything.
    FullControl,
    /// Contribute, and lists, pages and approval.
    Design,
    /// View, add, change, delete.
    Contribute,
    /// View.
    Read,
    /// What SharePoint gives on a web to those who have something on one of its lists.
    LimitedAccess,
}

impl Role {
    /// All of them in their order of display.
    pub const ALL: [Self; 5] = [Self::FullControl, Self::Design, Self::Contribute, Self::Read, Self::LimitedAccess];

    /// The name people and services use.
    pub fn name(self) -> &'static str {
        match self {
            Self::FullControl => "Full Control",
            Self::Design => "Design",
            Self::Contribute => "Contribute",
            Self::Read => "Read",
            Self::LimitedAccess => "Limited Access",
        }
    }

    /// The role of that name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name().eq_ignore_ascii_case(name.trim()))
    }

    /// What it allows. Contribute, Read and Limited Access are recorded masks; Design is put together from its names.
    pub fn rights(self) -> Rights {
        match self {
            Self::FullControl => Rights::FULL,
            // Contribute and ApproveItems, CancelCheckout, ManageLists, AddAndCustomizePages, theme and styles.
            Self::Design => Rights(0x1b0_3c43_12ef | 0x10 | 0x100 | 0x800 | 0x4_0000 | 0x8_0000 | 0x10_0000),
            Self::Contribute => Rights(0x1b0_3c43_12ef),
            Self::Read => Rights(0xb0_0843_1061),
            Self::LimitedAccess => Rights(0x30_0801_1000),
        }
    }

    /// Its id, display order, type and description.
    pub(crate) fn facts(self) -> (u32, u32, &'static str, &'static str) {
        match self {
            Self::FullControl => (1_073_741_829, 1, "Administrator", "Has full control."),
            Self::Design => {
                (1_073_741_828, 32, "WebDesigner", "Can view, add, update, delete, approve, and customize.")
            }
            Self::Contribute => (1_073_741_827, 64, "Contributor", "Can view, add, update, and delete."),
            Self::Read => (1_073_741_826, 128, "Reader", "Can view only."),
            Self::LimitedAccess => {
                (1_073_741_825, 160, "Guest", "Can view specific lists, document libraries, list items or documents.")
            }
        }
    }
}

/// What one member has on one web or list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// By role.
    pub roles: BTreeSet<Role>,
    /// By bits that are no role's.
    pub extra: Rights,
}

impl Grant {
    /// A grant of one role.
    pub(crate) fn of(role: Role) -> Self {
        Self { roles: BTreeSet::from([role]), extra: Rights::default() }
    }

    /// A grant of a mask of `Permissions.asmx`: the role of equal low bits, or the bits.
    pub(crate) fn of_mask(mask: i32) -> Self {
        match Role::ALL.into_iter().find(|role| role.rights().to_mask() == mask) {
            Some(role) => Self::of(role),
            None => Self { roles: BTreeSet::new(), extra: Rights(u64::from(mask.cast_unsigned())) },
        }
    }

    /// All it allows.
    pub fn rights(&self) -> Rights {
        self.roles.iter().fold(self.extra, |rights, role| rights.with(role.rights()))
    }

    /// The names of the roles, for people.
    pub fn names(&self) -> String {
        let mut names: Vec<_> = self.roles.iter().map(|role| role.name().to_owned()).collect();
        if self.extra != Rights::default() {
            names.push(self.extra.names());
        }
        names.join(", ")
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.roles.extend(&other.roles);
        self.extra = self.extra.with(other.extra);
    }
}

/// Member id → what that member has.
pub type Grants = BTreeMap<u32, Grant>;

#[cfg(test)]
mod tests {
    use super::*;

    /// The masks of contract §4.
    #[test]
    fn roles_have_the_recorded_masks() {
        assert_eq!(Role::FullControl.rights().to_mask(), -1);
        assert_eq!(Role::Contribute.rights().to_mask(), 1_011_028_719);
        assert_eq!(Role::Read.rights().to_mask(), 138_612_833);
        assert_eq!(Role::LimitedAccess.rights().to_mask(), 134_287_360);
        assert_eq!(
            Role::LimitedAccess.rights().names(),
            "ViewFormPages, Open, BrowseUserInfo, UseClientIntegration, UseRemoteAPIs"
        );
    }

    #[test]
    fn a_mask_finds_its_role() {
        for role in Role::ALL {
            assert_eq!(Grant::of_mask(role.rights().to_mask()), Grant::of(role));
        }
        assert_eq!(Grant::of_mask(0x3).names(), "ViewListItems, AddListItems");
    }
}
