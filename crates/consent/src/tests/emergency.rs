//! Emergency access: who gets what, how long, and what follows.

use super::world::*;
use crate::{
    Action, ConsentError, ConsentType,
    emergency::{
        Class, Classes, Form, MadeCard, NewCard, NewOverride, OpenedOverride, Parts, ReasonCode,
        is_open_to,
    },
};
use audit::Outcome;
use db::{db_test, testing::TestDb};
use kernel::{Acr, Actor, Coded, Ctx, PageSize, Phi, Purpose, Role, RoleSet, Secret};
use proptest::{
    prelude::*,
    strategy::{Strategy, ValueTree},
};
use std::time::Duration;

const PATIENT: u128 = 1;
const RESPONDER: u128 = 2;
const OTHER: u128 = 3;
const ADMIN: u128 = 4;

fn as_role(world: &World, number: u128, role: Role, acr: Acr) -> Ctx {
    let mut who = person(number, roles_of, world.env.now());
    who.roles = RoleSet::of(&[Role::User, role]);
    who.acr = acr;
    world.asks(Actor::Person(who))
}

fn responder(world: &World, number: u128) -> Ctx {
    as_role(world, number, Role::CrisisResponder, Acr::Mfa)
}

async fn patient(world: &World) {
    let terms = ConsentType::Terms;
    world.consents.record(&world.by(PATIENT), terms, terms.version_in_force()).await.unwrap();
}

async fn card(world: &World, classes: &[Class], max_uses: u16) -> MadeCard {
    let new = NewCard { classes: Classes::of(classes), life: None, max_uses };
    world.emergency.make_card(&world.by(PATIENT), &new).await.unwrap()
}

fn reason() -> NewOverride {
    NewOverride {
        patient: subject(PATIENT).user,
        code: ReasonCode::Unresponsive,
        reason: Phi::new("found unconscious, no papers".to_owned()),
    }
}

async fn make(world: &World, ctx: &Ctx) -> Result<OpenedOverride, ConsentError> {
    world.emergency.make_override(ctx, &reason()).await
}

async fn open(world: &World, ctx: &Ctx, token: &Secret<String>) -> Result<Classes, &'static str> {
    let all = Classes::of(&Class::ALL);
    let granted = world.emergency.open(ctx, token, subject(PATIENT).user, all).await;
    granted
        .map(|grant| {
            assert_eq!(grant.access.subject(), subject(PATIENT));
            assert_eq!(grant.access.action(), Action::Read);
            assert_eq!(grant.access.purpose(), Purpose::Emergency);
            grant.classes
        })
        .map_err(|error| error.code().code)
}

const INVALID: Result<Classes, &str> = Err("EMERGENCY_TOKEN_INVALID");

db_test!(a_card_opens_what_is_on_it_to_anybody_as_often_and_as_long_as_it_says, schema(), |db| {
    let world = world(db).await;
    patient(&world).await;
    let made = card(&world, &[Class::Allergies, Class::Contacts], 2).await;
    let stranger = world.asks(Actor::Anonymous);
    let scope = Classes::of(&[Class::Allergies, Class::Contacts]);
    assert_eq!(open(&world, &stranger, &made.token).await, Ok(scope));
    assert_eq!(open(&world, &world.by(OTHER), &made.token).await, Ok(scope));
    assert_eq!(open(&world, &stranger, &made.token).await, INVALID, "used up");

    let made = card(&world, &[Class::Allergies], 9).await;
    world.emergency.revoke_card(&world.by(PATIENT), made.card.id).await.unwrap();
    assert_eq!(open(&world, &stranger, &made.token).await, INVALID, "taken back");
    let made = card(&world, &[Class::Allergies], 9).await;
    let ask = |wanted| (stranger.clone(), made.token.clone(), Classes::of(wanted));
    let (ctx, token, wanted) = ask(&[Class::Journal, Class::Contacts]);
    let refused = world.emergency.open(&ctx, &token, subject(PATIENT).user, wanted).await;
    assert_eq!(refused.unwrap_err().code().code, "NOT_FOUND", "not on the card");
    let refused = world.emergency.open(&ctx, &token, subject(OTHER).user, wanted).await;
    assert_eq!(refused.unwrap_err().code().code, "EMERGENCY_TOKEN_INVALID", "someone else's");
    world.clock.advance(Duration::from_hours(24 * 366));
    assert_eq!(open(&world, &stranger, &made.token).await, INVALID, "too old");
});

db_test!(every_use_is_recorded_with_what_it_opened_and_told_to_the_person, schema(), |db| {
    let world = world(db).await;
    patient(&world).await;
    let made = card(&world, &[Class::Allergies], 5).await;
    open(&world, &world.asks(Actor::Anonymous), &made.token).await.unwrap();
    let entries = world.recorded().await;
    let last = entries.last().unwrap();
    assert_eq!(last.action.as_str(), "emergency.access.open");
    assert_eq!(last.outcome, Outcome::Success);
    let pseudonym = world.ledger.pseudonym(subject(PATIENT)).await.unwrap();
    assert_eq!(last.subject, pseudonym);
    // Made-up tokens leave no trace.
    for bad in ["", "sec1_", "seo1_00", &made.token.expose().replace("sec1_", "seo1_")] {
        let token = Secret::new(bad.to_owned());
        assert_eq!(open(&world, &world.asks(Actor::Anonymous), &token).await, INVALID);
    }
    let mut changed = made.token.expose().clone();
    let end = if changed.pop() == Some('0') { '1' } else { '0' };
    changed.push(end);
    let changed = Secret::new(changed);
    assert_eq!(open(&world, &world.asks(Actor::Anonymous), &changed).await, INVALID);
    assert_eq!(world.recorded().await.len(), entries.len());
});

#[tokio::test]
async fn nothing_is_opened_when_it_cannot_be_recorded() {
    let db = TestDb::sqlite(&schema()).await;
    let world = world(&db).await;
    patient(&world).await;
    let made = card(&world, &[Class::Allergies], 5).await;
    db.tamper("ALTER TABLE audit_outbox RENAME TO audit_gone").await.unwrap();
    let refused = open(&world, &world.asks(Actor::Anonymous), &made.token).await;
    assert!(!matches!(refused, Ok(_) | INVALID), "{refused:?}");
    db.tamper("ALTER TABLE audit_gone RENAME TO audit_outbox").await.unwrap();
    let cards = world.emergency.cards(&world.by(PATIENT)).await.unwrap();
    assert_eq!(cards[0].uses, 0, "and it was not used");
    db.discard().await;
}

db_test!(an_override_is_for_one_person_one_responder_and_one_hour, schema(), |db| {
    let world = world(db).await;
    patient(&world).await;
    let made = make(&world, &responder(&world, RESPONDER)).await.unwrap();
    assert!(!made.pending);
    let ctx = responder(&world, RESPONDER);
    assert_eq!(open(&world, &ctx, &made.token).await, Ok(Classes::open_to(Form::Override)));
    for stranger in [
        world.asks(Actor::Anonymous),
        responder(&world, OTHER),
        as_role(&world, RESPONDER, Role::CrisisResponder, Acr::Single),
        as_role(&world, RESPONDER, Role::Admin, Acr::Mfa),
    ] {
        assert_eq!(open(&world, &stranger, &made.token).await, INVALID);
    }
    let uses = world.emergency.uses(&world.by(PATIENT), None, PageSize::default()).await.unwrap();
    assert_eq!(uses.items[0].uses, 1);
    assert_eq!(uses.items[0].reason.expose(), "found unconscious, no papers");
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(open(&world, &responder(&world, RESPONDER), &made.token).await, INVALID);
});

db_test!(only_helpers_who_were_surely_recognised_make_overrides, schema(), |db| {
    let world = world(db).await;
    patient(&world).await;
    let code = async |ctx: Ctx| make(&world, &ctx).await.err().map(|error| error.code().code);
    let single = as_role(&world, RESPONDER, Role::Provider, Acr::Single);
    assert_eq!(code(single).await, Some("STEP_UP_REQUIRED"));
    let mut stale = person(RESPONDER, roles_of, world.env.now().minus(Duration::from_mins(11)));
    stale.roles = RoleSet::of(&[Role::Provider]);
    stale.acr = Acr::Mfa;
    assert_eq!(code(world.asks(Actor::Person(stale))).await, Some("STEP_UP_REQUIRED"));
    for role in [Role::User, Role::Premium, Role::Auditor, Role::Admin] {
        let ctx = as_role(&world, RESPONDER, role, Acr::Mfa);
        assert_eq!(code(ctx).await, Some("FORBIDDEN"), "{role}");
    }
    assert_eq!(code(responder(&world, PATIENT)).await, Some("NOT_FOUND"), "not about oneself");
    let nobody = NewOverride { patient: subject(77).user, ..reason() };
    let refused = world.emergency.make_override(&responder(&world, RESPONDER), &nobody).await;
    assert_eq!(refused.err().unwrap().code().code, "NOT_FOUND");
    let short = NewOverride { reason: Phi::new("  because  ".to_owned()), ..reason() };
    let refused = world.emergency.make_override(&responder(&world, RESPONDER), &short).await;
    assert_eq!(refused.err().unwrap().code().code, "INVALID_REQUEST");
});

db_test!(the_fourth_override_of_a_day_waits_for_a_second_person, schema(), |db| {
    let world = world(db).await;
    patient(&world).await;
    let own = || responder(&world, RESPONDER);
    for _ in 0..3 {
        assert!(!make(&world, &own()).await.unwrap().pending);
    }
    let fourth = make(&world, &own()).await.unwrap();
    assert!(fourth.pending);
    assert_eq!(open(&world, &own(), &fourth.token).await, Err("EMERGENCY_AWAITS_APPROVAL"));
    let refused = world.emergency.approve_override(&own(), fourth.id).await;
    assert_eq!(refused.unwrap_err().code().code, "FORBIDDEN", "not by oneself");
    world.clock.advance(Duration::from_mins(30));
    world.emergency.approve_override(&responder(&world, OTHER), fourth.id).await.unwrap();
    world.clock.advance(Duration::from_mins(45));
    assert!(open(&world, &own(), &fourth.token).await.is_ok(), "its hour began with the approval");
    let again = world.emergency.approve_override(&responder(&world, OTHER), fourth.id).await;
    assert_eq!(again.unwrap_err().code().code, "NOT_FOUND");
    world.clock.advance(Duration::from_hours(24));
    assert!(!make(&world, &own()).await.unwrap().pending);
});

db_test!(of_many_overrides_at_once_three_need_nobody_else, schema(), |db| {
    let world = world(db).await;
    patient(&world).await;
    // Keys are made before, so that the overrides meet in the transaction.
    make(&world, &responder(&world, OTHER)).await.unwrap();
    let own = responder(&world, RESPONDER);
    let six = (0..6).map(|_| make(&world, &own));
    let made = futures_util::future::join_all(six).await;
    let alone = made.iter().filter(|made| !made.as_ref().unwrap().pending).count();
    assert_eq!(alone, 3);
});

db_test!(an_overdue_review_comes_before_the_next_override, schema(), |db| {
    let world = world(db).await;
    patient(&world).await;
    let made = make(&world, &responder(&world, RESPONDER)).await.unwrap();
    world.clock.advance(Duration::from_hours(71));
    assert!(make(&world, &responder(&world, RESPONDER)).await.is_ok());
    world.clock.advance(Duration::from_hours(1));
    let refused = make(&world, &responder(&world, RESPONDER)).await.err().unwrap();
    assert_eq!(refused.code().code, "EMERGENCY_REVIEW_OVERDUE");
    assert!(make(&world, &responder(&world, OTHER)).await.is_ok(), "others go on");

    let admin = as_role(&world, ADMIN, Role::Admin, Acr::Single);
    let open = world.emergency.open_reviews(&admin, None, PageSize::default()).await.unwrap();
    assert_eq!(open.items.len(), 3);
    let both = as_role(&world, RESPONDER, Role::Admin, Acr::Single);
    let own = world.emergency.review(&both, made.id, true).await;
    assert_eq!(own.unwrap_err().code().code, "FORBIDDEN", "nobody reviews their own");
    world.emergency.review(&admin, made.id, false).await.unwrap();
    assert!(make(&world, &responder(&world, RESPONDER)).await.is_ok());
    let twice = world.emergency.review(&admin, made.id, true).await;
    assert_eq!(twice.unwrap_err().code().code, "NOT_FOUND");
});

db_test!(a_person_has_ten_cards_at_most_and_no_more_on_them_than_there_is, schema(), |db| {
    let world = world(db).await;
    patient(&world).await;
    let ctx = world.by(PATIENT);
    for bad in [&[][..], &[Class::Journal], &[Class::Allergies, Class::Conversations]] {
        let new = NewCard { classes: Classes::of(bad), life: None, max_uses: 1 };
        assert!(world.emergency.make_card(&ctx, &new).await.is_err());
    }
    for _ in 0..10 {
        card(&world, &[Class::Contacts], 1).await;
    }
    let new = NewCard { classes: Classes::of(&[Class::Contacts]), life: None, max_uses: 1 };
    let refused = world.emergency.make_card(&ctx, &new).await.err().unwrap();
    assert_eq!(refused.code().code, "EMERGENCY_CARDS_FULL");
    let theirs = world.emergency.cards(&ctx).await.unwrap();
    let other = world.emergency.revoke_card(&world.by(OTHER), theirs[0].id).await;
    assert_eq!(other.unwrap_err().code().code, "NOT_FOUND");
});

db_test!(the_purpose_alone_opens_nothing, schema(), |db| {
    let world = world(db).await;
    let health = ConsentType::HealthData;
    world.consents.record(&world.by(PATIENT), health, health.version_in_force()).await.unwrap();
    for action in [Action::Read, Action::Write, Action::Delete, Action::Export] {
        for number in [PATIENT, OTHER] {
            let ctx = world.by(number).for_purpose(Purpose::Emergency);
            let refused = world.consents.authorize(&ctx, action, subject(PATIENT)).await;
            assert_eq!(refused.unwrap_err().code().code, "NOT_FOUND");
        }
    }
});

fn told() -> Phi<Parts> {
    let text = |text: &str| text.to_owned();
    Phi::new(Parts {
        allergies: text("nuts"),
        medications: text("salbutamol"),
        conditions: text("asthma"),
        blood_group: text("0+"),
        contacts: text("Ben 0123"),
        notes: text("inhaler in the bag"),
    })
}

async fn agreed(world: &World) {
    patient(world).await;
    let health = ConsentType::HealthData;
    world.consents.record(&world.by(PATIENT), health, health.version_in_force()).await.unwrap();
}

db_test!(a_person_writes_reads_and_removes_their_sheet, schema(), |db| {
    let world = world(db).await;
    patient(&world).await;
    let ctx = world.by(PATIENT);
    let early = world.emergency.write_sheet(&ctx, &told()).await;
    assert_eq!(early.err().unwrap().code().code, "CONSENT_REQUIRED");
    agreed(&world).await;
    assert!(world.emergency.own_sheet(&ctx).await.unwrap().written_at.is_none());
    world.emergency.write_sheet(&ctx, &told()).await.unwrap();
    let shorter = Phi::new(Parts { allergies: "nuts, bees".to_owned(), ..Parts::default() });
    world.emergency.write_sheet(&ctx, &shorter).await.unwrap();
    let read = world.emergency.own_sheet(&ctx).await.unwrap();
    assert_eq!(read.parts.expose().allergies, "nuts, bees");
    assert_eq!(read.parts.expose().conditions, "", "written anew, whole");
    let long = Phi::new(Parts { notes: "ä".repeat(2_001), ..Parts::default() });
    let refused = world.emergency.write_sheet(&ctx, &long).await;
    assert_eq!(refused.err().unwrap().code().code, "INVALID_REQUEST");
    let nobody = world.asks(Actor::Anonymous);
    assert!(world.emergency.own_sheet(&nobody).await.is_err());
    world.emergency.remove_sheet(&ctx).await.unwrap();
    world.emergency.remove_sheet(&ctx).await.unwrap();
    assert!(world.emergency.own_sheet(&ctx).await.unwrap().written_at.is_none());
    let actions = world.recorded_actions().await;
    for action in ["emergency.sheet.write", "emergency.sheet.read", "emergency.sheet.remove"] {
        assert!(actions.iter().any(|recorded| recorded == action), "{action}");
    }
});

db_test!(a_token_opens_the_parts_of_the_sheet_that_are_on_it_and_it_is_recorded, schema(), |db| {
    let world = world(db).await;
    agreed(&world).await;
    world.emergency.write_sheet(&world.by(PATIENT), &told()).await.unwrap();
    let stranger = world.asks(Actor::Anonymous);
    let made = card(&world, &[Class::Allergies, Class::Contacts], 1).await;
    let user = subject(PATIENT).user;
    let other = world.emergency.open_sheet(&stranger, &made.token, subject(OTHER).user).await;
    assert_eq!(other.err().unwrap().code().code, "EMERGENCY_TOKEN_INVALID");
    let (classes, sheet) = world.emergency.open_sheet(&stranger, &made.token, user).await.unwrap();
    assert_eq!(classes, Classes::of(&[Class::Allergies, Class::Contacts]));
    let parts = sheet.parts.expose();
    assert_eq!((parts.allergies.as_str(), parts.contacts.as_str()), ("nuts", "Ben 0123"));
    let rest = [&parts.medications, &parts.conditions, &parts.blood_group, &parts.notes];
    assert!(rest.iter().all(|part| part.is_empty()), "not on the card");
    let last = world.recorded().await.pop().unwrap();
    assert_eq!((last.action.as_str(), last.outcome), ("emergency.access.open", Outcome::Success));
    let again = world.emergency.open_sheet(&stranger, &made.token, user).await;
    assert_eq!(again.err().unwrap().code().code, "EMERGENCY_TOKEN_INVALID", "used up");

    let made = make(&world, &responder(&world, RESPONDER)).await.unwrap();
    let helper = responder(&world, RESPONDER);
    let (_, sheet) = world.emergency.open_sheet(&helper, &made.token, user).await.unwrap();
    assert_eq!(sheet.parts.expose().notes, "inhaler in the bag");
    let passed_on = world.emergency.open_sheet(&stranger, &made.token, user).await;
    assert_eq!(passed_on.err().unwrap().code().code, "EMERGENCY_TOKEN_INVALID");
});

#[derive(Debug, Clone)]
struct Ask {
    form: Form,
    on_card: Vec<Class>,
    wanted: Vec<Class>,
    role: Role,
    by_responder: bool,
    acr: Acr,
    minutes: u64,
}

fn ask() -> impl Strategy<Value = Ask> {
    let classes = || prop::sample::subsequence(Class::ALL.to_vec(), 0..=8);
    let on_card = prop::sample::subsequence(Class::ALL[..4].to_vec(), 1..=4);
    (
        prop_oneof![Just(Form::Card), Just(Form::Override)],
        on_card,
        classes(),
        prop::sample::select(Role::ALL.to_vec()),
        any::<bool>(),
        prop_oneof![Just(Acr::Single), Just(Acr::Mfa)],
        0u64..90,
    )
        .prop_map(|(form, on_card, wanted, role, by_responder, acr, minutes)| Ask {
            form,
            on_card,
            wanted,
            role,
            by_responder,
            acr,
            minutes,
        })
}

/// Whoever asks for whatever with whichever token gets what the scope table and the token have in
/// common, and nothing at all without the right to the token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_outside_the_scope_table_is_ever_opened() {
    let db = TestDb::sqlite(&schema()).await;
    let world = world(&db).await;
    patient(&world).await;
    let mut runner = proptest::test_runner::TestRunner::default();
    for _ in 0..120 {
        let ask = ask().new_tree(&mut runner).unwrap().current();
        // Every override is reviewed and a day old before the next.
        world.clock.advance(Duration::from_hours(25));
        let token = match ask.form {
            Form::Card => {
                let made = card(&world, &ask.on_card, 1).await;
                world.clock.advance(Duration::from_mins(ask.minutes));
                made.token
            }
            Form::Override => {
                let made = make(&world, &responder(&world, RESPONDER)).await.unwrap();
                let admin = as_role(&world, ADMIN, Role::Admin, Acr::Single);
                world.emergency.review(&admin, made.id, true).await.unwrap();
                world.clock.advance(Duration::from_mins(ask.minutes));
                made.token
            }
        };
        let number = if ask.by_responder { RESPONDER } else { OTHER };
        let ctx = as_role(&world, number, ask.role, ask.acr);
        let wanted = Classes::of(&ask.wanted);
        let user = subject(PATIENT).user;
        let granted = world.emergency.open(&ctx, &token, user, wanted).await;
        let on_token = |class: &Class| ask.form == Form::Override || ask.on_card.contains(class);
        let due: Vec<Class> =
            wanted.iter().filter(|class| is_open_to(ask.form, *class) && on_token(class)).collect();
        let helper = matches!(ask.role, Role::CrisisResponder | Role::Provider);
        let may = ask.form == Form::Card
            || (ask.by_responder && helper && ask.acr == Acr::Mfa && ask.minutes < 60);
        let got = granted.map(|grant| grant.classes).unwrap_or_default();
        let expected = if may { Classes::of(&due) } else { Classes::default() };
        assert_eq!(got, expected, "{ask:?}");
        for cards in world.emergency.cards(&world.by(PATIENT)).await.unwrap() {
            world.emergency.revoke_card(&world.by(PATIENT), cards.id).await.unwrap();
        }
    }
    db.discard().await;
}
