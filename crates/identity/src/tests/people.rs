//! What people see of themselves, and streams that end with the log-in they were opened by.

use super::bed::{Bed, PASSWORD, password, schema};
use crate::{
    DisplayName, IdentityError, Place, Preferences, ProfileDraft, Theme, service::LedgerFilter,
};
use audit::{ByOrAbout, Filter, Outcome, Word};
use axum::{
    Extension, Router,
    response::sse::{Event, Sse},
    routing::get,
};
use db::db_test;
use futures_util::{StreamExt, stream};
use httpkit::Precondition;
use kernel::{Ctx, PageSize, Role, RoleSet};
use std::{convert::Infallible, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    time::Instant,
};

fn draft(locale: &str, name: Option<&str>) -> ProfileDraft {
    ProfileDraft {
        display_name: name.map(|name| DisplayName::new(name).unwrap()),
        place: Place {
            locale: Some(locale.to_owned()),
            country: Some("PT".to_owned()),
            time_zone: Some("Europe/Lisbon".to_owned()),
            preferences: Preferences { theme: Some(Theme::Dark), ..Preferences::default() },
        },
    }
}

fn version(number: u64) -> Precondition {
    Precondition::Versions(vec![number])
}

impl Bed {
    /// Someone new, and a request of theirs.
    async fn someone(&self, name: &str) -> Ctx {
        let (_, tokens) = self.register(name).await;
        self.by(self.bearer(&tokens.access).await.unwrap())
    }
}

db_test!(a_profile_is_written_as_a_whole_and_by_one_at_a_time, schema(), |db| {
    let bed = Bed::on(db).await;
    let other = bed.other_process(db).await;
    let ana = bed.someone("ana").await;
    let (_, empty) = bed.identity.profile(&ana).await.unwrap();
    assert_eq!((empty.version, empty.updated_at), (0, None));
    let known = version(0);
    let (one, two) = tokio::join!(
        bed.identity.put_profile(&ana, &known, draft("pt", Some("Ana M."))),
        other.identity.put_profile(&ana, &known, draft("pt", Some("Ana M."))),
    );
    assert!(one.is_ok() != two.is_ok());
    let lost = one.err().or(two.err()).unwrap();
    assert!(matches!(lost, IdentityError::Stale(_)), "{lost:?}");
    let (account, profile) = bed.identity.profile(&ana).await.unwrap();
    assert_eq!(account.display_name.unwrap().expose(), "Ana M.");
    assert_eq!((profile.version, profile.place.locale.as_deref()), (1, Some("pt")));
    let stale = bed.identity.put_profile(&ana, &version(0), draft("en", None)).await;
    assert!(matches!(stale, Err(IdentityError::Stale(_))));
    bed.identity.put_profile(&ana, &version(1), draft("en", None)).await.unwrap();
    let (account, profile) = bed.identity.profile(&ana).await.unwrap();
    assert!(account.display_name.is_none(), "what is left out is taken away");
    assert_eq!((profile.version, profile.place.locale.as_deref()), (2, Some("en")));
    let bad = bed.identity.put_profile(&ana, &version(2), draft("not a tag", None)).await;
    assert!(matches!(bad, Err(IdentityError::Field(_))));
    other.close();
    bed.close();
});

db_test!(a_person_sees_their_devices_and_no_others, schema(), |db| {
    let bed = Bed::on(db).await;
    let ana = bed.someone("ana").await;
    bed.someone("ben").await;
    bed.cookie_of("ana").await;
    let page = bed.identity.devices(&ana, None, PageSize::clamped(1)).await.unwrap();
    assert_eq!(page.items[0].family.label(), "A program");
    let rest = bed.identity.devices(&ana, page.next, PageSize::MAX).await.unwrap();
    let this = bed.identity.this_device(&ana).await.unwrap();
    assert_eq!(rest.items.iter().map(|device| device.id).collect::<Vec<_>>(), [this.id]);
    assert_eq!(this.shown, "pwd");
    bed.close();
});

db_test!(a_person_sees_what_happened_to_their_account_and_to_no_other, schema(), |db| {
    let bed = Bed::on(db).await;
    let ana = bed.someone("ana").await;
    let ben = bed.someone("ben").await;
    let subject = ana.own_subject().unwrap();
    bed.identity.set_roles(&bed.operator(), subject, RoleSet::of(&[Role::Premium])).await.unwrap();
    bed.ledger.sequence_all().await.unwrap();
    let page = bed.identity.activity(&ana, None, PageSize::clamped(2)).await.unwrap();
    let told: Vec<_> = page.items.iter().map(|item| item.entry.action.as_str()).collect();
    assert_eq!(told, ["identity.account.roles", "identity.session.login"]);
    assert_eq!((page.items[0].by_you, page.items[1].by_you), (false, true));
    assert_eq!(page.items[1].ip.as_ref().unwrap().expose(), "192.0.2.7");
    let rest = bed.identity.activity(&ana, page.next, PageSize::MAX).await.unwrap();
    assert_eq!(rest.items.len(), 1, "the registration");
    assert!(rest.next.is_none());
    let bens = bed.identity.activity(&ben, None, PageSize::MAX).await.unwrap();
    assert_eq!(bens.items.len(), 2, "a registration and a log-in");
    bed.close();
});

db_test!(overseers_read_the_ledger_by_outcome_area_and_person, schema(), |db| {
    let bed = Bed::on(db).await;
    let ana = bed.someone("ana").await;
    assert!(bed.log_in("nobody").await.is_err());
    bed.ledger.sequence_all().await.unwrap();
    let root = bed.operator();
    let read = async |found: Filter, outcome| {
        let filter = LedgerFilter { found, outcome };
        let page = bed.identity.ledger(&root, &filter, (None, PageSize::MAX)).await.unwrap();
        page.items.iter().map(|record| record.entry.action.to_string()).collect::<Vec<_>>()
    };
    let denied = read(Filter::default(), Some(Outcome::Denied)).await;
    assert_eq!(denied, ["identity.session.login"]);
    let area = Some(Word::new("identity.account.").unwrap());
    assert_eq!(
        read(Filter { area, ..Filter::default() }, None).await,
        ["identity.account.register"]
    );
    let me = bed.ledger.pseudonym(ana.own_subject().unwrap()).await.unwrap();
    let person = Some(ByOrAbout::By(me));
    assert_eq!(
        read(Filter { person, ..Filter::default() }, None).await,
        ["identity.session.login"]
    );
    let all = LedgerFilter::default();
    assert!(bed.identity.ledger(&ana, &all, (None, PageSize::MAX)).await.is_err());
    let page = bed.identity.ledger(&root, &all, (None, PageSize::clamped(1))).await.unwrap();
    let event = page.items[0].entry.event;
    assert!(bed.identity.ledger_proof(&ana, event).await.is_err());
    let proof: audit::TlogProof =
        bed.identity.ledger_proof(&root, event).await.unwrap().parse().unwrap();
    let proven = proof.verify(&bed.ledger.verifier_keys().await.unwrap()).unwrap();
    assert_eq!(proven.event, event);
    let none = bed.identity.ledger_proof(&root, bed.env.new_id()).await;
    assert!(matches!(none, Err(IdentityError::NotFound)));
    bed.close();
});

db_test!(pages_of_a_filtered_ledger_leave_nothing_out_and_show_nothing_twice, schema(), |db| {
    let bed = Bed::on(db).await;
    for name in ["nobody", "nothing", "no-one"] {
        assert!(bed.log_in(name).await.is_err());
        bed.register(name).await;
    }
    bed.ledger.sequence_all().await.unwrap();
    let denied = LedgerFilter { outcome: Some(Outcome::Denied), ..LedgerFilter::default() };
    let root = bed.operator();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = bed.identity.ledger(&root, &denied, (after, PageSize::clamped(1))).await;
        let page = page.unwrap();
        seen.extend(page.items.iter().map(|record| record.seq));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 3);
    assert!(seen.is_sorted_by(|one, two| one > two));
    bed.close();
});

/// A server with one stream that goes on for as long as the log-in does.
async fn stream_of(bed: &Bed, ctx: Ctx) -> TcpStream {
    let identity = bed.identity.clone();
    let open = move |Extension(ctx): Extension<Ctx>| async move {
        let mut watch = identity.watch(&ctx).unwrap();
        let first = stream::once(async { Ok::<_, Infallible>(Event::default().data("open")) });
        let rest = first.chain(stream::pending());
        Sse::new(rest.take_until(async move { watch.ended().await }))
    };
    let router = Router::new().route("/stream", get(open)).layer(Extension(ctx));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a server of a test ends with it")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut client = TcpStream::connect(address).await.unwrap();
    let request = "GET /stream HTTP/1.1\r\nhost: salus.test\r\nconnection: close\r\n\r\n";
    client.write_all(request.as_bytes()).await.unwrap();
    let mut seen = String::new();
    while !seen.contains("data: open") {
        let mut some = [0; 1024];
        let count = client.read(&mut some).await.unwrap();
        assert!(count > 0, "the stream never began: {seen}");
        seen.push_str(&String::from_utf8_lossy(&some[..count]));
    }
    client
}

/// Ready when the server has ended the stream; tells how long that took.
async fn closed(mut client: TcpStream) -> Duration {
    let started = Instant::now();
    let mut rest = Vec::new();
    let read = client.read_to_end(&mut rest);
    tokio::time::timeout(Duration::from_secs(5), read).await.expect("ends").unwrap();
    started.elapsed()
}

db_test!(an_open_stream_ends_within_a_second_whatever_process_ends_its_log_in, schema(), |db| {
    let bed = Bed::on(db).await;
    let other = bed.other_process(db).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let keep = bed.identity.keep_watch(async move { drop(stopped.await) });
    let test = async {
        let (ana, ben) = (bed.someone("ana").await, bed.someone("ben").await);
        let carl = bed.someone("carl").await;
        let again = bed.log_in("ana").await.unwrap().1;
        let again = bed.by(bed.bearer(&again.access).await.unwrap());
        let streams = [stream_of(&bed, ana.clone()).await, stream_of(&bed, again).await];
        let [of_ana, of_second] = streams;
        let (of_ben, of_carl) =
            (stream_of(&bed, ben.clone()).await, stream_of(&bed, carl.clone()).await);
        // One device of two; then an account that is blocked; then one that is closed.
        let device = ana.person().unwrap().session;
        other.identity.revoke_session(&ana, device).await.unwrap();
        assert!(closed(of_ana).await < Duration::from_secs(1));
        let subject = ben.own_subject().unwrap();
        other.identity.suspend(&other.operator(), subject).await.unwrap();
        assert!(closed(of_ben).await < Duration::from_secs(1));
        let word = password(PASSWORD);
        other.identity.close_account(&carl, Some(&word)).await.unwrap();
        assert!(closed(of_carl).await < Duration::from_secs(1));
        let mut byte = [0; 1];
        let open = tokio::time::timeout(Duration::ZERO, of_second.peek(&mut byte)).await;
        assert!(open.is_err(), "the other device goes on");
        stop.send(()).unwrap();
    };
    tokio::join!(keep, test);
    other.close();
    bed.close();
});

db_test!(
    of_a_suspended_account_no_token_and_no_cookie_is_good_half_a_second_later,
    schema(),
    |db| {
        let bed = Bed::on(db).await;
        let other = bed.other_process(db).await;
        let (login, tokens) = bed.register("ana").await;
        let cookie = bed.cookie_of("ana").await;
        bed.bearer(&tokens.access).await.unwrap();
        bed.cookie(&cookie).await.unwrap();
        other.identity.suspend(&other.operator(), login.account.subject).await.unwrap();
        bed.clock.forward(Duration::from_millis(500));
        assert!(bed.bearer(&tokens.access).await.is_err());
        assert!(bed.cookie(&cookie).await.is_err());
        assert!(bed.refresh(&tokens.refresh).await.is_err());
        assert!(matches!(bed.log_in("ana").await, Err(IdentityError::Inactive)));
        other.close();
        bed.close();
    }
);
