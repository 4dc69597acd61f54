//! A scene as SVG.
//!
//! Written here and not by the drawing library, whose SVG has whole pixels only and leaves the
//! width of a text to the reader's fonts. Here each text carries the width it was laid out with:
//! where the face is missing, the viewer's own is fitted to it, and no label runs into the next.

use std::fmt::Write as _;

use crate::font::{FACE, Weight};
use crate::scene::{Anchor, Color, Point, Scene, Shape, Text};

/// The scene as a document of its own that refers to nothing outside of it.
pub(crate) fn write(scene: &Scene, title: &str) -> String {
    let mut out = Document(String::with_capacity(16 * 1024));
    let (width, height) = (Number(scene.width), Number(scene.height));
    out.push(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" \
         font-family=\"{FACE}, &quot;Helvetica Neue&quot;, Arial, &quot;DejaVu Sans&quot;, \
         Verdana, sans-serif\">\n"
    ));
    out.push(format_args!("<title>{}</title>\n", Escaped(title)));
    out.push(format_args!(
        "<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    ));
    for shape in &scene.shapes {
        out.shape(shape);
    }
    out.push(format_args!("</svg>\n"));
    out.0
}

struct Document(String);

impl Document {
    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.0.write_fmt(text);
    }

    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Rects { color, rects } if rects.len() == 1 => {
                let rect = rects[0];
                self.push(format_args!(
                    "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>\n",
                    Number(rect.x),
                    Number(rect.y),
                    Number(rect.width),
                    Number(rect.height),
                    Hex(*color)
                ));
            }
            Shape::Rects { color, rects } => {
                self.push(format_args!("<path fill=\"{}\" d=\"", Hex(*color)));
                for rect in rects {
                    self.push(format_args!(
                        "M{} {}h{}v{}h{}z",
                        Number(rect.x),
                        Number(rect.y),
                        Number(rect.width),
                        Number(rect.height),
                        Number(-rect.width)
                    ));
                }
                self.push(format_args!("\"/>\n"));
            }
            Shape::Polygon { color, points } => {
                self.push(format_args!("<path fill=\"{}\" d=\"", Hex(*color)));
                self.path(points);
                self.push(format_args!("z\"/>\n"));
            }
            Shape::Lines {
                color,
                width,
                lines,
            } => {
                self.push(format_args!(
                    "<path fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" \
                     stroke-linejoin=\"round\" d=\"",
                    Hex(*color),
                    Number(*width)
                ));
                for line in lines {
                    self.path(line);
                }
                self.push(format_args!("\"/>\n"));
            }
            Shape::Text(text) => self.text(text),
        }
    }

    /// Straight lines through the points, in the shortest of the notations.
    fn path(&mut self, points: &[Point]) {
        let mut last: Option<Point> = None;
        for &(x, y) in points {
            match last {
                None => self.push(format_args!("M{} {}", Number(x), Number(y))),
                Some((_, last_y)) if same(y, last_y) => self.push(format_args!("H{}", Number(x))),
                Some((last_x, _)) if same(x, last_x) => self.push(format_args!("V{}", Number(y))),
                Some(_) => self.push(format_args!("L{} {}", Number(x), Number(y))),
            }
            last = Some((x, y));
        }
    }

    fn text(&mut self, text: &Text) {
        self.push(format_args!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"",
            Number(text.x),
            Number(text.y),
            Number(text.size),
            Hex(text.color)
        ));
        if text.weight == Weight::Bold {
            self.push(format_args!(" font-weight=\"600\""));
        }
        match text.anchor {
            Anchor::Start => {}
            Anchor::Middle => self.push(format_args!(" text-anchor=\"middle\"")),
            Anchor::End => self.push(format_args!(" text-anchor=\"end\"")),
        }
        self.push(format_args!(
            " textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>\n",
            Number(text.width),
            Escaped(&text.text)
        ));
    }
}

fn same(a: f64, b: f64) -> bool {
    hundredths(a) == hundredths(b)
}

fn hundredths(value: f64) -> i64 {
    (value * 100.0).round() as i64
}

/// A length to a hundredth of a pixel, without needless zeros.
struct Number(f64);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hundredths = hundredths(self.0);
        let sign = if hundredths < 0 { "-" } else { "" };
        let (whole, rest) = (hundredths.abs() / 100, hundredths.abs() % 100);
        match rest {
            0 => write!(f, "{sign}{whole}"),
            rest if rest % 10 == 0 => write!(f, "{sign}{whole}.{}", rest / 10),
            rest => write!(f, "{sign}{whole}.{rest:02}"),
        }
    }
}

/// A colour as CSS writes it.
struct Hex(Color);

impl std::fmt::Display for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// A text between tags.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '&' => f.write_str("&amp;"),
            c => f.write_char(c),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_written_to_a_hundredth_of_a_pixel() {
        let written: Vec<String> = [0.0, -0.001, 12.0, 12.5, 12.345, -0.05]
            .map(|n| Number(n).to_string())
            .into();
        assert_eq!(written, ["0", "0", "12", "12.5", "12.35", "-0.05"]);
    }
}
