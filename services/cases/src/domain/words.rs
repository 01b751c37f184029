//! Words of a text: the same cutting for what is stored and for what is asked, so that one finds the other.
//!
//! Chinese has no blanks between words, so a dictionary tells where they end. Only the dictionary decides, never a guess
//! at words it does not have: what it lacks (a village's name, a person's) falls into single characters, in a stored text
//! and in a question alike, and no name becomes a word of its own that could be looked for or learnt.

mod stop;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jieba_rs::Jieba;
use unicode_normalization::UnicodeNormalization as _;

/// The most characters of a text that are read; what follows is not cut into words.
pub const TEXT_MAX: usize = 100_000;
/// The most words that one text gives.
pub const WORDS_MAX: usize = 100_000;
/// The most characters of a word; a longer run of letters or digits is cut here.
pub const WORD_MAX: usize = 40;
/// The most telling words of a text.
pub const TELLING_MAX: usize = 100;
/// The most letters of a Latin word that tells something: abbreviations as people use them (`wifi`, `etc`). What is longer
/// may be somebody's name or account.
const LATIN_MAX: usize = 6;

/// Where Chinese characters begin; before them are alphabets, whose letters are no words.
const CHINESE_FROM: char = '\u{2e80}';

/// Parts of speech that say what a matter is about: nouns, verbs, adjectives, abbreviations, idioms, Latin words.
const TELLING_TAGS: [&str; 7] = ["n", "v", "a", "j", "l", "i", "eng"];
/// Beginnings of the tags of people's names.
const NAME_TAG: &str = "nr";

static DICTIONARY: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// The text as it is compared: compatibility forms folded to plain ones (full-width letters and digits, circled numbers:
/// NFKC), lower case, and one blank for whatever is neither letter nor digit (punctuation, emoji, control characters).
pub fn normalised(text: &str) -> String {
    let mut plain = String::with_capacity(text.len().min(TEXT_MAX * 4));
    // Folding after the change of case too: a few letters have a lower case that is not folded.
    for character in text.chars().take(TEXT_MAX).nfkc().flat_map(char::to_lowercase).nfkc() {
        if character.is_alphanumeric() {
            plain.push(character);
        } else if !plain.is_empty() && !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// The words of a text for search, in its order: longer words and the shorter ones in them (`行政服务中心` gives also `行政`,
/// `服务` and `中心`). Words that say nothing (`的`, `the`) are left out. Each word is letters and digits only, so that a
/// database's own tokenizer takes it as one.
pub fn words(text: &str) -> Vec<String> {
    let plain = normalised(text);
    let cut = DICTIONARY.cut_for_search(&plain, false);
    let kept = cut.into_iter().map(|token| token.word).filter(|word| is_word(word));
    kept.map(shortened).take(WORDS_MAX).collect()
}

/// The words of the dictionary that are written in a text, of two characters or more, those too that overlap
/// (`下水` and `水管` in `下水管`). [`words`] decides for one way of reading, and what stands before and after a word has a
/// say in it; so a text is found by every word in it only if all of them are stored beside its [`words`].
pub fn overlapping(text: &str) -> Vec<String> {
    let plain = normalised(text);
    let cut = DICTIONARY.cut_all(&plain).into_iter().map(|token| token.word);
    cut.filter(|word| word.chars().nth(1).is_some() && is_word(word)).map(shortened).take(WORDS_MAX).collect()
}

/// The single characters of a Chinese text that are words for search, each once for each time it is there. A name that
/// the dictionary lacks is found by them, though its last character makes a word with the next one (`大定` in
/// `大定村民`, which is cut into `大`, `定`, `村民`).
pub fn characters(text: &str) -> Vec<String> {
    let chinese = normalised(text).chars().filter(|character| *character >= CHINESE_FROM).collect::<Vec<_>>();
    chinese.into_iter().map(String::from).filter(|word| is_word(word)).collect()
}

/// The words that tell what a matter is about, each once, at most [`TELLING_MAX`], those at the beginning first where
/// there are more. Neither numbers nor names of people are among them: they may be kept beyond the matter itself.
pub fn telling(text: &str) -> BTreeSet<String> {
    let plain = normalised(text);
    let mut found = BTreeSet::new();
    for tag in DICTIONARY.tag(&plain, false) {
        if found.len() == TELLING_MAX {
            break;
        }
        if is_word(tag.word) && tells(tag.word, tag.tag) {
            found.insert(tag.word.to_owned());
        }
    }
    found
}

fn is_word(word: &str) -> bool {
    !word.trim().is_empty() && !stop::is_stop(word)
}

fn tells(word: &str, tag: &str) -> bool {
    let count = word.chars().count();
    let latin = word.is_ascii();
    (2..=if latin { LATIN_MAX } else { WORD_MAX }).contains(&count)
        && word.chars().all(char::is_alphabetic)
        && !tag.starts_with(NAME_TAG)
        && TELLING_TAGS.iter().any(|telling| tag.starts_with(telling))
}

fn shortened(word: &str) -> String {
    word.chars().take(WORD_MAX).collect()
}

#[cfg(test)]
mod tests;
