//! Who may make an account.

use super::bed::{Bed, TENANT, quick_config, registration, schema};
use crate::{
    IdentityConfig, IdentityError, InviteCode, LoginName, NewInvite, Registered, Registration,
    SignUp, SignUpRule,
};
use db::db_test;
use kernel::{PageSize, Phi, Role, RoleSet, Secret};
use std::time::Duration;

fn only(sign_up: SignUp) -> IdentityConfig {
    IdentityConfig { sign_up, ..quick_config() }
}

fn invite() -> NewInvite {
    NewInvite {
        roles: RoleSet::of(&[Role::Provider]),
        life: Duration::from_hours(24),
        max_uses: 1,
        note: Some(Phi::new("for the practice".to_owned())),
        email: None,
    }
}

fn with(code: Option<&InviteCode>, name: &str) -> Registration {
    let invite = code.cloned();
    Registration { invite, ..registration(LoginName::either(name).unwrap()) }
}

impl Bed {
    async fn invite(&self, new: NewInvite) -> (crate::Invite, InviteCode) {
        self.identity.create_invite(&self.operator(), TENANT, new).await.unwrap()
    }

    async fn comes(&self, new: Registration) -> Result<Registered, IdentityError> {
        self.identity.register(&self.nobody(), TENANT, new).await
    }
}

db_test!(an_invitation_opens_the_door_once_and_brings_its_role, schema(), |db| {
    let bed = Bed::on(db).await.again(only(SignUp::InviteOnly)).await;
    assert!(matches!(bed.comes(with(None, "ana")).await, Err(IdentityError::Invite)));
    let (_, code) = bed.invite(invite()).await;
    let typed = InviteCode::typed(&code.grouped().map(|text| text.to_lowercase()));
    let Registered::LoggedIn(login) = bed.comes(with(Some(&typed), "ana")).await.unwrap() else {
        panic!("not logged in")
    };
    assert_eq!(login.account.roles, RoleSet::of(&[Role::User, Role::Provider]));
    assert!(matches!(bed.comes(with(Some(&code), "ben")).await, Err(IdentityError::Invite)));
    let page = bed.identity.invites(&bed.operator(), TENANT, None, PageSize::MAX).await.unwrap();
    assert_eq!((page.items[0].uses, page.items[0].state(bed.env.now())), (1, "used_up"));
    assert_eq!(page.items[0].note.as_ref().unwrap().expose(), "for the practice");
    let told = bed.told().await;
    assert_eq!(
        told[1],
        ("identity.account.register".into(), "denied", "INVALID_INVITE".into()),
        "{told:?}"
    );
    bed.close();
});

db_test!(of_two_who_come_with_the_last_use_at_once_one_gets_in, schema(), |db| {
    let bed = Bed::on(db).await.again(only(SignUp::InviteOnly)).await;
    let other = bed.other_process(db).await.again(only(SignUp::InviteOnly)).await;
    let (_, code) = bed.invite(invite()).await;
    let (one, two) =
        tokio::join!(bed.comes(with(Some(&code), "ana")), other.comes(with(Some(&code), "ben")));
    let lost = match (one, two) {
        (Ok(_), Err(error)) | (Err(error), Ok(_)) => error,
        (Ok(_), Ok(_)) => panic!("both got in"),
        (Err(one), Err(two)) => panic!("neither got in: {one} {two}"),
    };
    assert!(matches!(lost, IdentityError::Invite), "{lost:?}");
    other.close();
    bed.close();
});

db_test!(
    an_invitation_that_is_over_or_taken_back_or_for_someone_else_is_worth_nothing,
    schema(),
    |db| {
        let bed = Bed::on(db).await;
        let (gone, revoked) = bed.invite(invite()).await;
        bed.identity.revoke_invite(&bed.operator(), TENANT, gone.id).await.unwrap();
        let email = Some(LoginName::email("Ana@example.org").unwrap());
        let (_, bound) = bed.invite(NewInvite { email, ..invite() }).await;
        let (_, old) = bed.invite(NewInvite { life: Duration::from_hours(1), ..invite() }).await;
        bed.clock.forward(Duration::from_hours(1));
        let made_up = InviteCode::typed(&Secret::new("0000-0000-0000-0000-0000".to_owned()));
        for code in [&revoked, &old, &made_up, &bound] {
            let refused = bed.comes(with(Some(code), "ben@example.org")).await;
            assert!(matches!(refused, Err(IdentityError::Invite)));
        }
        let accepted = bed.comes(with(Some(&bound), "ANA@example.org")).await.unwrap();
        assert!(matches!(accepted, Registered::Accepted));
        bed.close();
    }
);

db_test!(where_sign_up_is_closed_only_the_set_up_code_makes_an_account, schema(), |db| {
    let bed = Bed::on(db).await.again(only(SignUp::Closed)).await;
    let (_, code) = bed.invite(invite()).await;
    let refused = bed.comes(with(Some(&code), "ana")).await;
    assert!(matches!(refused, Err(IdentityError::SignUpClosed)));
    let setup_code = bed.identity.setup_code(&bed.operator(), TENANT).await.unwrap();
    bed.comes(Registration { setup_code, ..with(None, "root") }).await.unwrap();
    bed.close();
});

db_test!(an_administrator_decides_who_comes_in_for_every_process_at_once, schema(), |db| {
    let bed = Bed::on(db).await;
    let other = bed.other_process(db).await;
    let root = bed.operator();
    let before = bed.identity.sign_up(&root, TENANT).await.unwrap();
    let configured = SignUp::Open;
    assert_eq!(before, SignUpRule { mode: SignUp::Open, configured, decided_at: None });
    let closed = bed.identity.set_sign_up(&root, TENANT, Some(SignUp::Closed)).await.unwrap();
    assert_eq!((closed.mode, closed.configured), (SignUp::Closed, SignUp::Open));
    assert!(closed.decided_at.is_some());
    let (_, code) = bed.invite(invite()).await;
    let refused = other.comes(with(Some(&code), "ana")).await;
    assert!(matches!(refused, Err(IdentityError::SignUpClosed)));
    other.identity.set_sign_up(&root, TENANT, Some(SignUp::InviteOnly)).await.unwrap();
    assert!(matches!(bed.comes(with(None, "ana")).await, Err(IdentityError::Invite)));
    bed.comes(with(Some(&code), "ana")).await.unwrap();
    // It outlives the process, and the settings count again once nobody decides.
    let again = bed.again(only(SignUp::Closed)).await;
    let kept = again.identity.sign_up(&root, TENANT).await.unwrap();
    assert_eq!((kept.mode, kept.configured), (SignUp::InviteOnly, SignUp::Closed));
    again.identity.set_sign_up(&root, TENANT, None).await.unwrap();
    let refused = again.comes(with(Some(&code), "ben")).await;
    assert!(matches!(refused, Err(IdentityError::SignUpClosed)));
    let changes = bed.told().await.into_iter();
    let changes = changes.filter(|(action, ..)| action == "identity.sign_up.change");
    assert_eq!(changes.count(), 3);
    other.close();
    bed.close();
});

db_test!(nobody_but_administrators_sees_or_decides_who_comes_in, schema(), |db| {
    let bed = Bed::on(db).await;
    let (_, tokens) = bed.register("ana").await;
    let ana = bed.by(bed.bearer(&tokens.access).await.unwrap());
    assert!(matches!(bed.identity.sign_up(&ana, TENANT).await, Err(IdentityError::AdminRequired)));
    for mode in [Some(SignUp::Closed), None] {
        let refused = bed.identity.set_sign_up(&ana, TENANT, mode).await;
        assert!(matches!(refused, Err(IdentityError::AdminRequired)));
    }
    bed.comes(with(None, "ben")).await.unwrap();
    bed.close();
});

db_test!(an_invitation_that_was_not_used_because_the_name_was_taken_still_holds, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.register("ana").await;
    let (_, code) = bed.invite(invite()).await;
    let refused = bed.comes(with(Some(&code), "ana")).await;
    assert!(matches!(refused, Err(IdentityError::UsernameExists)));
    bed.comes(with(Some(&code), "ben")).await.unwrap();
    bed.close();
});

db_test!(only_administrators_invite_and_within_bounds, schema(), |db| {
    let bed = Bed::on(db).await;
    let (made, _) = bed.invite(invite()).await;
    let (_, tokens) = bed.register("ana").await;
    let ana = bed.by(bed.bearer(&tokens.access).await.unwrap());
    assert!(bed.identity.create_invite(&ana, TENANT, invite()).await.is_err());
    assert!(bed.identity.invites(&ana, TENANT, None, PageSize::MAX).await.is_err());
    assert!(bed.identity.revoke_invite(&ana, TENANT, made.id).await.is_err());
    let root = bed.operator();
    for bad in [
        NewInvite { life: Duration::from_mins(59), ..invite() },
        NewInvite { life: Duration::from_hours(2_161), ..invite() },
        NewInvite { max_uses: 0, ..invite() },
        NewInvite { max_uses: 1_001, ..invite() },
        NewInvite { note: Some(Phi::new("x".repeat(201))), ..invite() },
        NewInvite { email: Some(LoginName::username("ana").unwrap()), ..invite() },
    ] {
        let refused = bed.identity.create_invite(&root, TENANT, bad).await;
        assert!(matches!(refused, Err(IdentityError::Field(_))));
    }
    bed.close();
});
