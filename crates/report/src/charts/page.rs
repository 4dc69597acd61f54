//! What frames every chart: title above, legend, how to read it below.

use super::style::{CAPTION, HEAD, MARGIN, NAME, NAME_WIDTH, PAGE_WIDTH, PANEL, SUBTITLE, TITLE};
use super::{Panel, Sheet};
use crate::figures;
use crate::scene::{Anchor, Color, Pen, Rect, Scene};

/// A page that grows downwards.
pub(super) struct Page {
    pub(super) scene: Scene,
    /// Where the next thing goes.
    pub(super) y: f64,
    notes: Vec<String>,
}

/// Side of a legend's swatch.
const SWATCH: f64 = 11.0;

impl Page {
    /// Writes title and scenario.
    pub(super) fn open(sheet: &Sheet<'_>) -> Self {
        let mut scene = Scene::new(sheet.font, PAGE_WIDTH);
        let width = PAGE_WIDTH - 2.0 * MARGIN;
        scene.text_within((MARGIN, 36.0), Anchor::Start, TITLE, &sheet.title, width);
        scene.text_within(
            (MARGIN, 57.0),
            Anchor::Start,
            SUBTITLE,
            sheet.scenario,
            width,
        );
        Page {
            scene,
            y: 76.0,
            notes: Vec::new(),
        }
    }

    /// Writes swatches with their meaning, in as many lines as it takes.
    pub(super) fn legend(&mut self, entries: &[(Color, &str)]) {
        let mut x = MARGIN;
        self.y += SWATCH;
        for &(color, said) in entries {
            let width = SWATCH + 6.0 + self.scene.measure(said, HEAD);
            if x > MARGIN && x + width > PAGE_WIDTH - MARGIN {
                x = MARGIN;
                self.y += 20.0;
            }
            self.scene
                .rect(color, Rect::new(x, self.y - SWATCH + 1.0, SWATCH, SWATCH));
            self.scene
                .text((x + SWATCH + 6.0, self.y), Anchor::Start, HEAD, said);
            x += width + 18.0;
        }
        self.y += 8.0;
    }

    /// Writes the variant's name above its panel, where it has one and the page has several.
    pub(super) fn panel_title(&mut self, sheet: &Sheet<'_>, panel: &Panel<'_>) {
        if sheet.panels.len() < 2 {
            return;
        }
        self.y += 26.0;
        if let Some(name) = panel.name {
            let width = PAGE_WIDTH - 2.0 * MARGIN;
            self.scene
                .text_within((MARGIN, self.y), Anchor::Start, PANEL, name, width);
        }
        self.y += 4.0;
    }

    /// Adds a remark to what stands below the chart; the same remark once.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// How many of `all` strategies are drawn, with a note when it is not all of them.
    pub(super) fn keep(&mut self, all: usize, most: usize) -> usize {
        if all > most {
            self.note(format!(
                "Shown are the first {most} of {} strategies; table.csv has all.",
                figures::count(all as u64)
            ));
        }
        all.min(most)
    }

    /// Writes how to read the chart, and what is to be known about it.
    pub(super) fn close(mut self, caption: &str) -> Scene {
        let width = PAGE_WIDTH - 2.0 * MARGIN;
        self.y += 14.0;
        let notes = std::mem::take(&mut self.notes);
        for paragraph in std::iter::once(caption).chain(notes.iter().map(String::as_str)) {
            for line in self
                .scene
                .font
                .wrap(paragraph, CAPTION.size, CAPTION.weight, width)
            {
                self.y += 17.0;
                self.scene
                    .text((MARGIN, self.y), Anchor::Start, CAPTION, &line);
            }
        }
        self.scene.height = (self.y + 20.0).ceil();
        self.scene
    }
}

/// How wide a column must be for the strategies' names, within limits.
pub(super) fn name_column(sheet: &Sheet<'_>) -> f64 {
    let names = sheet
        .panels
        .iter()
        .flat_map(|panel| panel.rows)
        .map(|row| &row.strategy);
    let widest = names
        .map(|name| {
            sheet
                .font
                .width(&crate::escape::plain(name), NAME.size, NAME.weight)
        })
        .fold(0.0, f64::max);
    widest.clamp(40.0, NAME_WIDTH).ceil()
}

/// The same pen in another colour.
pub(super) const fn in_color(pen: Pen, color: Color) -> Pen {
    Pen { color, ..pen }
}
