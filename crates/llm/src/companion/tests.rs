use super::*;
use crate::chat::Message;
use proptest::prelude::*;
use std::sync::OnceLock;

fn skill(language: &str) -> Skill {
    Skill {
        id: "breathe".into(),
        language: language.into(),
        title: "Longer breaths".into(),
        steps: vec!["Breathe in.".into(), "Breathe out, slowly.".into(), "Once more.".into()],
        when: vec!["worry".into(), "sleep".into()],
        caution: Some("Leave it if you feel dizzy.".into()),
    }
}

fn companion() -> &'static Companion {
    static COMPANION: OnceLock<Companion> = OnceLock::new();
    let languages = ["en", "de", "es", "fr", "pt", "hi-latn"];
    COMPANION.get_or_init(|| Companion::new(languages.map(skill).to_vec()).unwrap())
}

/// Talks with it and gives all its answers.
fn talk(language: &str, said: &[&str]) -> Vec<String> {
    let companion = companion();
    let mut request = ChatRequest::new("companion", Vec::new());
    request.language = Some(language.to_owned());
    let mut answers = Vec::new();
    for text in said {
        request.messages.push(Message::text(Role::User, *text));
        let answer = companion.reply(&request).expose().clone();
        request.messages.push(Message::text(Role::Assistant, answer.clone()));
        answers.push(answer);
    }
    answers
}

fn answer(text: &str) -> String {
    talk("en", &[text]).remove(0)
}

#[test]
fn every_language_has_two_variants_of_everything_and_the_places_to_fill() {
    for texts in texts::load().unwrap() {
        let (say, check_in) = (&texts.say, &texts.check_in);
        let all = [
            &say.hello,
            &say.who,
            &say.thanks,
            &say.bye,
            &say.medicine,
            &say.diagnosis,
            &say.reflect,
            &say.ask,
            &say.offer,
            &say.guide,
            &say.begin,
            &say.wait,
            &say.done,
            &say.stopped,
            &say.declined,
            &say.no_exercise,
            &say.no_words,
            &check_in.thanks,
            &check_in.low,
            &check_in.end,
        ];
        let of_topics = texts.topics.iter().flat_map(|topic| [&topic.reflect, &topic.ask]);
        for variants in all.into_iter().chain(of_topics) {
            assert!(variants.len() >= 2, "{}: {variants:?}", texts.language);
            assert!(variants.iter().all(|text| (3..400).contains(&text.len())), "{variants:?}");
        }
        let quotes = texts.topics.iter().flat_map(|topic| &topic.reflect).chain(&say.reflect);
        assert!(quotes.into_iter().all(|text| text.contains("{quote}")), "{}", texts.language);
        assert!(say.offer.iter().all(|text| text.contains("{title}")), "{}", texts.language);
        for place in ["{title}", "{number}", "{count}", "{step}"] {
            assert!(say.step.contains(place), "{}: {place}", texts.language);
        }
        assert!(check_in.questions.len() >= 3 && !texts.topics.is_empty());
    }
}

#[test]
fn it_says_what_it_is_and_is_not() {
    for question in
        ["Are you a real person? I mean, are you human?", "who are you", "Do you understand me?"]
    {
        let text = answer(question);
        assert!(text.contains("not") && text.contains("person"), "{text}");
    }
    for (language, disclosed) in [
        ("en", "not a person and not a language model"),
        ("de", "kein Mensch und kein Sprachmodell"),
        ("es", "ni una persona ni un modelo"),
        ("fr", "ni une personne ni un modèle"),
        ("pt", "nem uma pessoa nem um modelo"),
        ("hi-latn", "na insaan, na language model"),
    ] {
        for first in ["hello", "hallo", "xyz", "", "1"] {
            let text = talk(language, &[first]).remove(0);
            assert!(text.contains(disclosed), "{language}: {text}");
        }
    }
    assert!(talk("de", &["bist du ein Mensch?"])[0].contains("Mensch"));
}

#[test]
fn about_medicines_and_diagnoses_it_sends_people_to_those_who_know_even_in_an_exercise() {
    for text in [
        "Should I take more of my pills?",
        "can I stop my antidepressants",
        "what dose of lithium?",
    ] {
        assert!(answer(text).contains("pharmacist"), "{}", answer(text));
    }
    assert!(answer("do I have depression?").contains("cannot"));
    let in_exercise = talk("en", &["an exercise please", "yes", "how many pills may I take"]);
    assert!(in_exercise[2].contains("pharmacist"), "{}", in_exercise[2]);
}

#[test]
fn it_repeats_what_was_said_and_asks() {
    let text = answer("I cannot sleep since Monday. It is hot.");
    assert!(text.contains("“I cannot sleep since Monday”") && text.ends_with('?'), "{text}");
}

#[test]
fn an_exercise_goes_step_by_step_waits_and_can_be_stopped() {
    let said =
        ["an exercise please", "yes", "this is hard for me today, sorry", "next", "next", "next"];
    let answers = talk("en", &said);
    assert!(answers[0].contains("Longer breaths"), "{}", answers[0]);
    assert!(
        answers[1].contains("dizzy") && answers[1].contains("step 1 of 3: Breathe in."),
        "{}",
        answers[1]
    );
    assert!(answers[2].contains("step 1 of 3"), "{}", answers[2]);
    assert!(answers[3].contains("step 2 of 3") && answers[4].contains("step 3 of 3"));
    assert!(!answers[5].contains("step"), "{}", answers[5]);
    let stopped = talk("en", &["an exercise please", "yes", "stop"]);
    assert!(!stopped[2].contains("step 1"), "{}", stopped[2]);
    let declined = talk("en", &["an exercise please", "no thanks"]);
    assert!(!declined[1].contains("Longer breaths"), "{}", declined[1]);
}

/// A language, how an exercise is asked for and begun there, and how people say no to it.
type Refusals = (&'static str, &'static str, &'static str, [&'static str; 3]);

const REFUSALS: [Refusals; 6] = [
    (
        "en",
        "an exercise please",
        "yes",
        [
            "no thank you, just listen",
            "No, I cannot do this now, it makes it worse",
            "please just listen to me for once today",
        ],
    ),
    (
        "de",
        "eine Übung bitte",
        "ja",
        [
            "nein danke, hör einfach nur zu",
            "Nein, das kann ich jetzt wirklich nicht machen",
            "kannst du bitte einfach zuhören heute Abend",
        ],
    ),
    (
        "es",
        "un ejercicio por favor",
        "sí",
        [
            "no gracias, solo escucha",
            "No, ahora mismo no puedo hacer esto de verdad",
            "por favor solo quiero hablar un rato contigo",
        ],
    ),
    (
        "fr",
        "un exercice s'il vous plaît",
        "oui",
        [
            "non merci, écoutez simplement",
            "Non, je ne peux vraiment pas faire cela maintenant",
            "j'ai juste besoin de parler un peu ce soir",
        ],
    ),
    (
        "pt",
        "um exercício por favor",
        "sim",
        [
            "não obrigado, só escuta",
            "Não, agora eu realmente não consigo fazer isto",
            "por favor só quero falar um pouco com você",
        ],
    ),
    (
        "hi-latn",
        "ek exercise chahiye",
        "haan",
        [
            "nahi shukriya, bas suno",
            "Nahi, main abhi yeh bilkul nahi kar sakta",
            "mujhe aaj kisi se bas baat karni hai",
        ],
    ),
];

#[test]
fn whoever_says_no_in_the_middle_is_listened_to_and_not_led_on() {
    for (language, ask, yes, refusals) in REFUSALS {
        for refusal in refusals {
            let answers = talk(language, &[ask, yes, refusal]);
            let stopped = &super::texts::load().unwrap();
            let stopped =
                &stopped.iter().find(|texts| texts.language == language).unwrap().say.stopped;
            assert!(stopped.contains(&answers[2]), "{language}: {refusal}: {answers:#?}");
        }
    }
}

#[test]
fn a_check_in_asks_one_thing_after_the_other_and_takes_a_low_mood_seriously() {
    let answers = talk("en", &["check in", "2", "bad", "work", "the sun"]);
    assert!(answers[1].contains("low number") && answers[1].contains("sleep"), "{}", answers[1]);
    assert!(answers[2].contains("strength") && answers[3].contains("small"));
    assert!(answers[4].contains("journal") || answers[4].contains("talk about"), "{}", answers[4]);
    assert!(!talk("en", &["check in", "8"])[1].contains("low"));
}

#[test]
fn ten_turns_do_not_repeat_themselves() {
    for (language, text) in [
        ("en", "I am so worried about tomorrow"),
        ("en", "hm"),
        ("de", "Ich habe Angst vor morgen"),
        ("es", "estoy triste"),
        ("fr", "je suis triste"),
        ("pt", "estou triste"),
        ("hi-Latn", "mujhe chinta hai"),
    ] {
        let answers = talk(language, &[text; 10]);
        let different: std::collections::BTreeSet<&String> = answers.iter().collect();
        assert_eq!(different.len(), 10, "{language}: {answers:#?}");
    }
}

#[test]
fn an_unknown_language_is_answered_in_english_and_a_regional_one_in_its_own() {
    assert!(talk("xx", &["zzz zzz"])[0].is_ascii() || talk("xx", &["zzz zzz"])[0].contains('“'));
    assert!(
        talk("de-AT", &["hallo"])[0].contains("Salus")
            || talk("de-AT", &["hallo"])[0].contains("Willkommen")
    );
}

#[tokio::test]
async fn it_streams_word_by_word_and_costs_nothing() {
    let companion = companion();
    let request = ChatRequest::new("companion", vec![Message::text(Role::User, "hello")]);
    let answer = companion.complete(&request).await.unwrap();
    assert_eq!(answer.text.expose(), companion.reply(&request).expose());
    assert!(answer.usage.is_some_and(|usage| usage.output > 0));
    let model = companion.models().await.unwrap().remove(0);
    assert_eq!(model.id.to_string(), "salus/companion");
    assert_eq!(model.prices.unwrap().cost(&answer.usage.unwrap()), Some(crate::MicroUsd(0)));
}

proptest! {
    #[test]
    fn whatever_is_said_there_is_an_answer_that_is_new_and_not_too_long(
        said in proptest::collection::vec(
            prop_oneof![
                "[a-zäñ .!?{}“\"]{0,60}",
                Just("exercise".to_owned()), Just("yes".to_owned()), Just("next".to_owned()),
                Just("stop".to_owned()), Just("check in".to_owned()), Just("1".to_owned()),
                Just("hello".to_owned()), Just("who are you".to_owned()), Just(String::new()),
                Just("pills".to_owned()), Just("diagnosis".to_owned()), Just("x".repeat(5000)),
            ],
            1..12,
        ),
        language in prop_oneof![Just("en"), Just("de"), Just("es"), Just("fr"), Just("pt"), Just("hi-latn")],
    ) {
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        let answers = talk(language, &said);
        for text in &answers {
            prop_assert!(!text.trim().is_empty() && text.len() <= MAX_REPLY);
            prop_assert!(!text.contains("{quote}") && !text.contains("{title}"), "{}", text);
        }
        for pair in answers.windows(2) {
            prop_assert!(pair[0] != pair[1], "twice: {}", pair[0]);
        }
        prop_assert_eq!(talk(language, &said), answers);
    }
}
