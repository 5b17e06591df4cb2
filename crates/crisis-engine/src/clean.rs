//! From any Unicode to plain small letters: compatibility forms, accents, look-alike letters,
//! invisible characters and emoji. What comes out holds letters, digits, white space and the
//! punctuation that later steps need.

use unicode_normalization::UnicodeNormalization;

/// Writes the text in the one form that rules are written in. At most `limit` characters are read.
pub(crate) fn clean(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit * 2) + 16);
    for c in text.chars().take(limit) {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else if let Some(name) = emoji(c) {
            out.push(' ');
            out.push_str(name);
            out.push(' ');
        } else if !is_invisible(c) {
            for folded in std::iter::once(c).nfkd().flat_map(char::to_lowercase) {
                fold(folded, &mut out);
            }
        }
    }
    out
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// One character after decomposition: marks go, look-alikes become the letter they look like.
fn fold(c: char, out: &mut String) {
    match c {
        '\u{300}'..='\u{36f}' => {}
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        'ø' | 'о' | 'ο' | 'օ' => out.push('o'),
        'ł' | 'ӏ' => out.push('l'),
        'đ' | 'ԁ' => out.push('d'),
        'а' | 'α' => out.push('a'),
        'е' | 'ε' | 'є' => out.push('e'),
        'і' | 'ι' | 'ı' => out.push('i'),
        'к' | 'κ' => out.push('k'),
        'м' => out.push('m'),
        'н' => out.push('h'),
        'р' | 'ρ' => out.push('p'),
        'с' => out.push('c'),
        'т' | 'τ' => out.push('t'),
        'у' | 'γ' => out.push('y'),
        'х' | 'χ' => out.push('x'),
        'в' | 'β' => out.push('b'),
        'ѕ' => out.push('s'),
        'ј' => out.push('j'),
        'ν' => out.push('v'),
        'ω' | 'ѡ' => out.push('w'),
        'η' => out.push('n'),
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2b9}' | '\u{2bc}' | '\u{2032}' | '´' => {
            out.push('\'');
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
        '¿' | '¡' => out.push(' '),
        '\u{201c}'..='\u{201f}' | '«' | '»' => out.push('"'),
        '。' => out.push('.'),
        c if c.is_whitespace() => out.push(' '),
        c => out.push(c),
    }
}

/// The emoji that say something here, by name. All others are left out like any symbol.
fn emoji(c: char) -> Option<&'static str> {
    Some(match c {
        '🔫' => "emoji_gun",
        '💊' => "emoji_pill",
        '🔪' | '🗡' => "emoji_knife",
        '🩸' => "emoji_blood",
        '⚰' | '🪦' | '⚱' => "emoji_grave",
        '🪢' => "emoji_rope",
        '🪒' => "emoji_razor",
        '🌉' => "emoji_bridge",
        '👋' | '🕊' => "emoji_wave",
        '💀' | '☠' => "emoji_skull",
        '😂' | '🤣' | '😆' | '😹' | '😅' | '😝' | '😜' | '🤪' => "emoji_laugh",
        '😭' => "emoji_sob",
        '😢' | '💔' | '🥀' | '😞' | '😔' | '😿' | '🥺' => "emoji_sad",
        '🖤' => "emoji_blackheart",
        '🙃' => "emoji_upsidedown",
        '😵' => "emoji_dead",
        '👼' | '😇' => "emoji_angel",
        '❤' | '💕' | '💖' | '😍' | '🥰' | '😊' | '😁' | '😄' | '🎉' | '😎' | '🙌' | '💪' | '🥳' => {
            "emoji_glad"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn accents_marks_width_and_look_alikes_become_plain_letters() {
        assert_eq!(clean("Não Aguento MÁS", 99), "nao aguento mas");
        assert_eq!(clean("ｋｉｌｌ", 99), "kill");
        assert_eq!(clean("kіll му sеlf", 99), "kill my self");
        assert_eq!(clean("su\u{200b}ic\u{ad}ide", 99), "suicide");
        assert_eq!(clean("𝓭𝓲𝓮", 99), "die");
    }

    #[test]
    fn emoji_become_words_and_the_rest_is_bounded() {
        assert_eq!(clean("bye👋🏽!", 99), "bye emoji_wave !");
        assert_eq!(clean("abcdef", 3), "abc");
    }
}
