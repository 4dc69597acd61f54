//! The face that charts are written in: a subset of Inter, carried along.
//!
//! A machine without fonts would else get charts without words. The subset is cut by
//! `scripts/subset-font`; a character outside of it is drawn as a box.

use std::sync::OnceLock;

use ab_glyph::{Font as _, FontRef, Glyph, PxScale, ScaleFont as _, point};

use crate::charts::ChartError;

/// The face's name, as the SVG asks for it.
pub(crate) const FACE: &str = "Inter";

static REGULAR: &[u8] = include_bytes!("../font/regular.otf");
static BOLD: &[u8] = include_bytes!("../font/bold.otf");

/// Weight of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// The face in both weights; measures text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Font {
    regular: &'static FontRef<'static>,
    bold: &'static FontRef<'static>,
}

impl Font {
    /// Reads the face, once for the process.
    ///
    /// # Errors
    /// When it is not a font.
    pub(crate) fn load() -> Result<Font, ChartError> {
        static FACES: OnceLock<Option<[FontRef<'static>; 2]>> = OnceLock::new();
        let faces = FACES.get_or_init(|| {
            let read = |bytes| FontRef::try_from_slice(bytes).ok();
            Some([read(REGULAR)?, read(BOLD)?])
        });
        let [regular, bold] = faces.as_ref().ok_or(ChartError::Font)?;
        Ok(Font { regular, bold })
    }

    fn face(self, weight: Weight) -> &'static FontRef<'static> {
        match weight {
            Weight::Regular => self.regular,
            Weight::Bold => self.bold,
        }
    }

    /// The width of a text whose em is `size`, in the unit of `size`.
    pub(crate) fn width(self, text: &str, size: f64, weight: Weight) -> f64 {
        let face = self.face(weight);
        let face = face.as_scaled(scale(face, size));
        text.chars()
            .map(|c| f64::from(face.h_advance(face.glyph_id(c))))
            .sum()
    }

    /// Calls `draw` with each pixel that a text covers and how much of it: x and y from the
    /// beginning of the text's baseline, which lies at `fraction` of a pixel.
    pub(crate) fn rasterize<E>(
        self,
        text: &str,
        size: f64,
        weight: Weight,
        fraction: (f32, f32),
        mut draw: impl FnMut(i32, i32, f32) -> Result<(), E>,
    ) -> Result<(), E> {
        let face = self.face(weight);
        let scale = scale(face, size);
        let (mut x, y) = fraction;
        for c in text.chars() {
            let id = face.glyph_id(c);
            let glyph = Glyph {
                id,
                scale,
                position: point(x, y),
            };
            x += face.as_scaled(scale).h_advance(id);
            let Some(outline) = face.outline_glyph(glyph) else {
                continue;
            };
            let corner = outline.px_bounds().min;
            let mut drawn = Ok(());
            outline.draw(|dx, dy, coverage| {
                if drawn.is_ok() && coverage > 0.0 {
                    let (left, top) = (corner.x as i32, corner.y as i32);
                    drawn = draw(left + dx as i32, top + dy as i32, coverage.min(1.0));
                }
            });
            drawn?;
        }
        Ok(())
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

/// The library scales by the face's height; texts here are as large as their em.
fn scale(face: &FontRef<'_>, size: f64) -> PxScale {
    let em = face.units_per_em().unwrap_or(1000.0);
    PxScale::from(size as f32 * face.height_unscaled() / em)
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
