//! Log-ins at every request: seen, ended, expired.

use super::bed::{Bed, schema};
use crate::{
    IdentityError, SessionKind,
    ticket::{Ticket, TicketKind},
};
use db::db_test;
use httpkit::auth::AuthError;
use kernel::{PageSize, Role, RoleSet, Secret, Subject, UserId};
use std::time::Duration;
use uuid::Uuid;

const MINUTE: Duration = Duration::from_mins(1);

db_test!(logging_out_ends_tokens_and_cookies_at_once, schema(), |db| {
    let bed = Bed::on(db).await;
    let (_, tokens) = bed.register("ana").await;
    let cookie = bed.cookie_of("ana").await;
    let by_token = bed.bearer(&tokens.access).await.unwrap();
    let by_cookie = bed.cookie(&cookie).await.unwrap();
    assert_eq!(by_token.subject, by_cookie.subject);
    bed.identity.log_out(&bed.by(by_token)).await.unwrap();
    assert!(matches!(bed.bearer(&tokens.access).await, Err(AuthError::Expired)));
    assert!(matches!(bed.refresh(&tokens.refresh).await, Err(IdentityError::SessionEnded)));
    assert!(bed.cookie(&cookie).await.is_ok());
    bed.identity.log_out(&bed.by(by_cookie)).await.unwrap();
    assert!(matches!(bed.cookie(&cookie).await, Err(AuthError::Expired)));
    bed.close();
});

db_test!(a_log_out_reaches_other_processes_within_half_a_second, schema(), |db| {
    let bed = Bed::on(db).await;
    let other = bed.other_process(db).await;
    let (_, tokens) = bed.register("ana").await;
    let person = bed.bearer(&tokens.access).await.unwrap();
    other.bearer(&tokens.access).await.unwrap();
    bed.identity.log_out_everywhere(&bed.by(person)).await.unwrap();
    assert!(bed.bearer(&tokens.access).await.is_err());
    bed.clock.forward(Duration::from_millis(500));
    assert!(matches!(other.bearer(&tokens.access).await, Err(AuthError::Expired)));
    other.close();
    bed.close();
});

db_test!(a_person_sees_and_ends_their_own_log_ins_only, schema(), |db| {
    let bed = Bed::on(db).await;
    let (first, tokens) = bed.register("ana").await;
    let cookie = bed.cookie_of("ana").await;
    let (foreign, _) = bed.register("ben").await;
    let ctx = bed.by(bed.bearer(&tokens.access).await.unwrap());
    let page = bed.identity.sessions(&ctx, None, PageSize::clamped(1)).await.unwrap();
    assert_eq!(page.items[0].kind, SessionKind::Cookie);
    let client = &page.items[0].client;
    assert_eq!(client.user_agent.as_ref().unwrap().expose(), "Testfox/1.0");
    assert_eq!(client.ip.as_ref().unwrap().expose(), "192.0.2.7");
    let rest = bed.identity.sessions(&ctx, page.next, PageSize::clamped(9)).await.unwrap();
    assert_eq!(rest.items.iter().map(|view| view.id).collect::<Vec<_>>(), [first.session]);
    assert!(rest.next.is_none());

    let refused = bed.identity.revoke_session(&ctx, foreign.session).await;
    assert!(matches!(refused, Err(IdentityError::NotFound)));
    bed.identity.revoke_session(&ctx, page.items[0].id).await.unwrap();
    assert!(matches!(bed.cookie(&cookie).await, Err(AuthError::Expired)));
    let again = bed.identity.revoke_session(&ctx, page.items[0].id).await;
    assert!(matches!(again, Err(IdentityError::NotFound)));
    bed.close();
});

db_test!(a_cookie_lives_while_it_is_used_and_a_day_at_most, schema(), |db| {
    let bed = Bed::on(db).await;
    bed.register("ana").await;
    let (idle, used) = (bed.cookie_of("ana").await, bed.cookie_of("ana").await);
    bed.clock.forward(11 * 60 * MINUTE);
    assert!(bed.cookie(&used).await.is_ok());
    bed.clock.forward(2 * 60 * MINUTE);
    assert!(matches!(bed.cookie(&idle).await, Err(AuthError::Expired)));
    assert!(bed.cookie(&used).await.is_ok());
    bed.clock.forward(10 * 60 * MINUTE + 59 * MINUTE);
    assert!(bed.cookie(&used).await.is_ok());
    bed.clock.forward(MINUTE);
    assert!(matches!(bed.cookie(&used).await, Err(AuthError::Expired)));
    bed.close();
});

db_test!(a_cookie_of_someone_with_power_lives_a_quarter_of_an_hour_unused, schema(), |db| {
    let bed = Bed::on(db).await;
    let (login, tokens) = bed.register("dr-lee").await;
    let roles = RoleSet::of(&[Role::Provider]);
    bed.identity.set_roles(&bed.operator(), login.account.subject, roles).await.unwrap();
    assert!(bed.bearer(&tokens.access).await.is_err(), "new rights need a new log-in");
    let cookie = bed.cookie_of("dr-lee").await;
    for _ in 0..3 {
        bed.clock.forward(14 * MINUTE);
        let person = bed.cookie(&cookie).await.unwrap();
        assert_eq!(person.roles, RoleSet::of(&[Role::User, Role::Provider]));
    }
    bed.clock.forward(15 * MINUTE);
    assert!(matches!(bed.cookie(&cookie).await, Err(AuthError::Expired)));
    bed.close();
});

db_test!(an_access_token_is_good_for_a_quarter_of_an_hour, schema(), |db| {
    let bed = Bed::on(db).await;
    let (_, tokens) = bed.register("ana").await;
    assert_eq!(tokens.expires_in, 15 * MINUTE);
    bed.clock.forward(14 * MINUTE);
    assert!(bed.bearer(&tokens.access).await.is_ok());
    bed.clock.forward(2 * MINUTE);
    assert!(matches!(bed.bearer(&tokens.access).await, Err(AuthError::Expired)));
    assert!(bed.refresh(&tokens.refresh).await.is_ok());
    bed.close();
});

db_test!(made_up_cookies_learn_nothing_of_real_log_ins, schema(), |db| {
    let bed = Bed::on(db).await;
    let (login, tokens) = bed.register("ana").await;
    let cookie = bed.cookie_of("ana").await;
    let person = bed.cookie(&cookie).await.unwrap();
    let forge = |subject: Subject, session: Uuid| {
        Ticket::new(&bed.env, subject, session).text(TicketKind::Cookie)
    };
    let subject = login.account.subject;
    let stranger = Subject::new(subject.tenant, UserId::from_uuid(Uuid::from_u128(9)));
    let made_up = [
        forge(subject, person.session.as_uuid()),
        forge(subject, login.session.as_uuid()),
        forge(stranger, person.session.as_uuid()),
        Secret::new(String::new()),
        tokens.refresh,
        tokens.access,
    ];
    for bad in &made_up {
        assert!(matches!(bed.cookie(bad).await, Err(AuthError::Required)));
    }
    bed.identity.log_out(&bed.by(person)).await.unwrap();
    for bad in &made_up {
        assert!(matches!(bed.cookie(bad).await, Err(AuthError::Required)));
    }
    bed.close();
});

db_test!(log_ins_that_ended_long_ago_are_removed, schema(), |db| {
    let bed = Bed::on(db).await;
    let (_, tokens) = bed.register("ana").await;
    bed.cookie_of("ana").await;
    let ctx = bed.operator();
    assert_eq!(bed.identity.tidy_sessions(&ctx, 10).await.unwrap(), 0);
    bed.clock.forward(9 * 24 * 60 * MINUTE);
    assert_eq!(bed.identity.tidy_sessions(&ctx, 10).await.unwrap(), 1);
    assert!(bed.refresh(&tokens.refresh).await.is_ok());
    bed.clock.forward(38 * 24 * 60 * MINUTE);
    assert_eq!(bed.identity.tidy_sessions(&ctx, 10).await.unwrap(), 1);
    assert!(matches!(bed.refresh(&tokens.refresh).await, Err(IdentityError::AuthRequired)));
    bed.close();
});
