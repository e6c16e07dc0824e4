//! Which devices are registered.

use crate::{add, register, sandbox};

/// `DeviceIdManager` of the SDK names these codes.
#[test]
fn a_device_is_refused_for_each_rule_that_it_breaks_and_registered_once() {
    let sandbox = sandbox();
    assert_eq!(add(&sandbox, "11abc", "secret-1"), Ok(()));
    for (name, password, code) in [
        ("11abc", "secret-1", "dc13"),
        ("11abc", "another-1", "dc13"),
        ("abc", "secret-1", "dc8"),
        ("11", "secret-1", "dc8"),
        ("11abcdefghijklmnopqrstuvwxy", "secret-1", "dc8"),
        ("11def", "", "dc6"),
        ("11def", "short", "dc8"),
        ("11def", "longer-than-24-characters", "dc8"),
        ("11Def", "secret-1", "dc9"),
        ("11d f", "secret-1", "dc9"),
        ("11def", "s&#233;cret-1", "dc9"),
    ] {
        assert_eq!(add(&sandbox, name, password), Err(code.to_owned()), "{name} {password}");
    }
    for (body, code) in [
        ("", "dc3"),
        ("<DeviceAddRequest>", "dc3"),
        ("<Other/>", "dc3"),
        ("<DeviceAddRequest/>", "dc3"),
        (r#"<DeviceAddRequest><ClientInfo name="x" version="1.0"/></DeviceAddRequest>"#, "dc3"),
        (
            r#"<DeviceAddRequest><ClientInfo name="6c2f41e8-2f0c-4b6f-9b8e-0d4c7f3f8a10" version="1.0"/></DeviceAddRequest>"#,
            "dc7",
        ),
    ] {
        assert_eq!(register(&sandbox, body), Err(code.to_owned()), "{body}");
    }
    assert_eq!(sandbox.world().live_id.devices().collect::<Vec<_>>(), ["abc"]);
}
