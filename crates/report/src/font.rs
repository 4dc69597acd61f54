//! The face that charts are written in: a subset of Inter, carried along.
//!
//! Without a registered face the drawing library fails on every text, so a machine without fonts
//! would get charts without words. The subset is cut by `scripts/subset-font`; a character outside
//! of it is drawn as a box.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use crate::charts::ChartError;

/// The face's name, as the SVG asks for it.
pub(crate) const FACE: &str = "Inter";

static REGULAR: &[u8] = include_bytes!("../font/regular.otf");
static BOLD: &[u8] = include_bytes!("../font/bold.otf");

/// The drawing library's sizes are heights of 1.24 em; the subset's own height is made the same.
pub(crate) const HEIGHT_EM: f64 = 1.24;

/// Texts are measured at this size, in pixels per em, so that rounding to whole pixels is lost.
const MEASURED_AT: f64 = 2048.0;

/// Weight of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// Proof that the face is registered; measures text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Font(());

impl Font {
    /// Registers the face, once for the process.
    ///
    /// # Errors
    /// When the drawing library does not take it.
    pub(crate) fn load() -> Result<Font, ChartError> {
        static TAKEN: OnceLock<bool> = OnceLock::new();
        let taken = *TAKEN.get_or_init(|| {
            register_font(FACE, FontStyle::Normal, REGULAR).is_ok()
                && register_font(FACE, FontStyle::Bold, BOLD).is_ok()
        });
        if taken {
            Ok(Font(()))
        } else {
            Err(ChartError::Font)
        }
    }

    /// The width of a text whose em is `size`, in the unit of `size`.
    pub(crate) fn width(self, text: &str, size: f64, weight: Weight) -> f64 {
        let measured = describe(MEASURED_AT, weight).layout_box(text);
        // A registered face measures any text: what it lacks is measured as its box. Should that
        // change, a wide guess keeps texts apart.
        let width = measured.map_or(
            text.chars().count() as f64 * MEASURED_AT,
            |(_, (right, _))| f64::from(right),
        );
        width * size / MEASURED_AT
    }

    /// The text, its end replaced by an ellipsis where it is wider than `width`.
    pub(crate) fn fit(self, text: &str, size: f64, weight: Weight, width: f64) -> String {
        if self.width(text, size, weight) <= width {
            return text.to_string();
        }
        let mut kept: Vec<char> = text.chars().collect();
        while kept.pop().is_some() {
            let cut: String = kept.iter().collect::<String>().trim_end().to_string() + "…";
            if self.width(&cut, size, weight) <= width {
                return cut;
            }
        }
        "…".into()
    }

    /// Breaks a text into lines no wider than `width`, but for words that are.
    pub(crate) fn wrap(self, text: &str, size: f64, weight: Weight, width: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), size, weight) <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(self.fit(word, size, weight, width)),
            }
        }
        lines
    }
}

/// The face at `size` pixels per em.
pub(crate) fn describe(size: f64, weight: Weight) -> FontDesc<'static> {
    let style = match weight {
        Weight::Regular => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    };
    FontDesc::new(FontFamily::Name(FACE), size * HEIGHT_EM, style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_a_chart_writes_is_in_the_subset() {
        let font = Font::load().expect("the face is in the binary");
        // The box that stands for a missing character has a width of its own.
        let missing = font.width("\u{4e00}", 1.0, Weight::Regular);
        for sign in "µ±×≤≥–—…→·−≈“”’%äßéłΩσД".chars() {
            let width = font.width(&sign.to_string(), 1.0, Weight::Regular);
            assert!(
                (width - missing).abs() > 1e-3,
                "{sign} is {width} em wide, as a missing one is"
            );
        }
    }

    #[test]
    fn a_text_is_cut_to_the_width_it_has() {
        let font = Font::load().expect("the face is in the binary");
        let cut = font.fit(&"wide ".repeat(20), 12.0, Weight::Bold, 100.0);
        assert!(
            cut.ends_with('…') && font.width(&cut, 12.0, Weight::Bold) <= 100.0,
            "{cut}"
        );
        assert_eq!(font.fit("short", 12.0, Weight::Bold, 100.0), "short");
    }

    #[test]
    fn bold_is_wider_than_regular() {
        let font = Font::load().expect("the face is in the binary");
        let width = |weight| font.width("Settle time", 12.0, weight);
        assert!(width(Weight::Bold) > width(Weight::Regular));
    }
}
