//! A chart as a list of shapes: laid out once, then written as SVG or painted as pixels.
//!
//! Lengths are in CSS pixels, from the upper left corner.

use crate::font::{Font, Weight};

/// Red, green, blue.
pub(crate) type Color = [u8; 3];

/// A point, x before y.
pub(crate) type Point = (f64, f64);

/// Shapes on a white page; later ones cover earlier ones.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) shapes: Vec<Shape>,
    /// What measures the texts.
    pub(crate) font: Font,
}

/// One shape, or many of one colour: thousands of shapes of their own make a file nobody loads.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Rects {
        color: Color,
        rects: Vec<Rect>,
    },
    Polygon {
        color: Color,
        points: Vec<Point>,
    },
    /// Unconnected polylines in one stroke style.
    Lines {
        color: Color,
        width: f64,
        lines: Vec<Vec<Point>>,
    },
    Text(Text),
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) const fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Rect {
            x,
            y,
            width,
            height,
        }
    }

    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// Which end of a text its x is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// One line of text.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) x: f64,
    /// The baseline.
    pub(crate) y: f64,
    pub(crate) text: String,
    /// Pixels per em.
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) color: Color,
    pub(crate) anchor: Anchor,
    /// As measured in the embedded face.
    pub(crate) width: f64,
}

impl Text {
    /// Where it begins.
    pub(crate) fn left(&self) -> f64 {
        match self.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x - self.width / 2.0,
            Anchor::End => self.x - self.width,
        }
    }
}

/// How a text is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pen {
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) color: Color,
}

impl Scene {
    pub(crate) fn new(font: Font, width: f64) -> Self {
        Scene {
            width,
            height: 0.0,
            shapes: Vec::new(),
            font,
        }
    }

    /// The width a text will have.
    pub(crate) fn measure(&self, text: &str, pen: Pen) -> f64 {
        self.font.width(text, pen.size, pen.weight)
    }

    /// Writes a text with its baseline at `at`.
    pub(crate) fn text(&mut self, at: Point, anchor: Anchor, pen: Pen, text: &str) {
        let text = crate::escape::plain(text);
        if text.is_empty() {
            return;
        }
        let width = self.measure(&text, pen);
        let Pen {
            size,
            weight,
            color,
        } = pen;
        let (x, y) = at;
        self.shapes.push(Shape::Text(Text {
            x,
            y,
            text,
            size,
            weight,
            color,
            anchor,
            width,
        }));
    }

    /// Writes a text of which only `width` may be used.
    pub(crate) fn text_within(
        &mut self,
        at: Point,
        anchor: Anchor,
        pen: Pen,
        text: &str,
        width: f64,
    ) {
        let text = self
            .font
            .fit(&crate::escape::plain(text), pen.size, pen.weight, width);
        self.text(at, anchor, pen, &text);
    }

    pub(crate) fn rect(&mut self, color: Color, rect: Rect) {
        self.rects(color, vec![rect]);
    }

    pub(crate) fn rects(&mut self, color: Color, rects: Vec<Rect>) {
        if !rects.is_empty() {
            self.shapes.push(Shape::Rects { color, rects });
        }
    }

    pub(crate) fn polygon(&mut self, color: Color, points: Vec<Point>) {
        self.shapes.push(Shape::Polygon { color, points });
    }

    pub(crate) fn line(&mut self, color: Color, width: f64, points: &[Point]) {
        self.lines(color, width, vec![points.to_vec()]);
    }

    pub(crate) fn lines(&mut self, color: Color, width: f64, lines: Vec<Vec<Point>>) {
        if !lines.is_empty() {
            self.shapes.push(Shape::Lines {
                color,
                width,
                lines,
            });
        }
    }

    /// A line from `from` to `to` in dashes of `dash`, with gaps as long.
    pub(crate) fn dashed(&mut self, color: Color, width: f64, from: Point, to: Point, dash: f64) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        let at = |along: f64| {
            let share = if length > 0.0 {
                (along / length).min(1.0)
            } else {
                0.0
            };
            (from.0 + dx * share, from.1 + dy * share)
        };
        let dashes = (length / (2.0 * dash)).ceil() as usize;
        let lines = (0..dashes)
            .map(|index| {
                let begin = index as f64 * 2.0 * dash;
                vec![at(begin), at(begin + dash)]
            })
            .collect();
        self.lines(color, width, lines);
    }
}
