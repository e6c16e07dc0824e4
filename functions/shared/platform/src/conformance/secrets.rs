//! Promises of the secrets.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::Subject;
use crate::secrets::SecretError;

/// Checks every promise of the secrets.
pub async fn check(subject: &dyn Subject) {
    a_stored_secret_is_read_by_tenant_and_service(subject).await;
    a_missing_secret_is_an_error_that_names_tenant_and_service(subject).await;
    a_malformed_secret_is_an_error_that_does_not_quote_it(subject).await;
    a_rotated_secret_is_seen_after_a_refresh(subject).await;
    what_is_put_is_read_back_and_put_again_is_the_new_one(subject).await;
    a_secret_that_is_marked_for_deletion_is_neither_read_nor_written(subject).await;
}

#[derive(Debug, Deserialize)]
struct SignIn {
    user: String,
    password: SecretString,
}

/// Of one tenant and service, and of no other.
pub async fn a_stored_secret_is_read_by_tenant_and_service(subject: &dyn Subject) {
    let (secrets, one, other) = (&subject.platform().secrets, subject.tenant(), subject.tenant());
    subject.put_secret(&one, "crm", &json!({ "user": "one", "password": "p\"1" })).await;
    subject.put_secret(&other, "crm", &json!({ "user": "other", "password": "p2" })).await;
    let found: SignIn = secrets.get(&one, "crm").await.expect("it is stored");
    assert_eq!((found.user.as_str(), found.password.expose_secret()), ("one", "p\"1"));
    assert!(!format!("{found:?}").contains("p\\\"1"), "a password stays out of debug output");
    let found: SignIn = secrets.get(&other, "crm").await.expect("it is stored");
    assert_eq!(found.user, "other");
}

/// So that an operator knows what to store.
pub async fn a_missing_secret_is_an_error_that_names_tenant_and_service(subject: &dyn Subject) {
    let (secrets, tenant) = (&subject.platform().secrets, subject.tenant());
    let error = secrets.get::<SignIn>(&tenant, "sharepoint").await.expect_err("nothing is stored");
    assert!(matches!(&error, SecretError::Missing { service, .. } if service == "sharepoint"), "{error:?}");
    assert_eq!(error.to_string(), format!("tenant {tenant} has no secret for sharepoint"));
    for service in ["", "a/b", "../crm", "CRM"] {
        let error = secrets.get::<SignIn>(&tenant, service).await.expect_err("it is not a service");
        assert!(matches!(error, SecretError::BadService), "{error:?}");
    }
}

/// Neither in its message nor in its debug output.
pub async fn a_malformed_secret_is_an_error_that_does_not_quote_it(subject: &dyn Subject) {
    let (secrets, tenant) = (&subject.platform().secrets, subject.tenant());
    subject.put_secret(&tenant, "crm", &json!("canary-5d1e")).await;
    let error = secrets.get::<SignIn>(&tenant, "crm").await.expect_err("it is a text, not a sign-in");
    assert!(matches!(error, SecretError::Malformed { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("canary-5d1e"));
}

/// Without a deployment: for a sign-in that was just refused.
pub async fn a_rotated_secret_is_seen_after_a_refresh(subject: &dyn Subject) {
    let (secrets, tenant) = (&subject.platform().secrets, subject.tenant());
    for password in ["old", "new"] {
        subject.put_secret(&tenant, "crm", &json!({ "user": "u", "password": password })).await;
        let refreshed: SignIn = secrets.refresh(&tenant, "crm").await.expect("it is stored");
        let kept: SignIn = secrets.get(&tenant, "crm").await.expect("it is stored");
        assert_eq!((refreshed.password.expose_secret(), kept.password.expose_secret()), (password, password));
    }
}

/// A secret is made where there is none, and replaced where there is one; the same one again changes nothing.
pub async fn what_is_put_is_read_back_and_put_again_is_the_new_one(subject: &dyn Subject) {
    let (platform, tenant, other) = (subject.platform(), subject.tenant(), subject.tenant());
    for password in ["first", "second", "second"] {
        let json = json!({ "user": "u", "password": password }).to_string().into();
        platform.vault.put(&tenant, "crm", &json).await.expect("it is stored");
        let found: SignIn = platform.secrets.refresh(&tenant, "crm").await.expect("it is stored");
        assert_eq!(found.password.expose_secret(), password);
    }
    let error = platform.secrets.refresh::<SignIn>(&other, "crm").await.expect_err("it is another tenant's");
    assert!(matches!(error, SecretError::Missing { .. }), "{error:?}");
    let error = platform.vault.put(&tenant, "../x", &"{}".to_owned().into()).await.expect_err("it is not a service");
    assert!(matches!(error, SecretError::BadService), "{error:?}");
    assert_eq!(format!("{:?}", platform.vault), "Vault");
}

/// So that an operator hears why a rotation does nothing, and what to do.
pub async fn a_secret_that_is_marked_for_deletion_is_neither_read_nor_written(subject: &dyn Subject) {
    let (platform, tenant) = (subject.platform(), subject.tenant());
    let json: SecretString = json!({ "user": "u", "password": "canary-7a1b" }).to_string().into();
    platform.vault.put(&tenant, "crm", &json).await.expect("it is stored");
    subject.delete_secret(&tenant, "crm", false).await;
    let error = platform.secrets.refresh::<SignIn>(&tenant, "crm").await.expect_err("it is marked");
    assert!(matches!(error, SecretError::Missing { .. }), "{error:?}");
    let error = platform.vault.put(&tenant, "crm", &json).await.expect_err("it is marked");
    assert!(matches!(&error, SecretError::MarkedForDeletion { service, .. } if service == "crm"), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("canary-7a1b"));
    subject.delete_secret(&tenant, "crm", true).await;
    platform.vault.put(&tenant, "crm", &json).await.expect("it is restored");
}
